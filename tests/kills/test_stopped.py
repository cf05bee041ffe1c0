"""A process that stands still for longer than its lease, and then goes on as if nothing had happened."""

import asyncio
import signal
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import text

from tests.kills.lives import Life, Nursery, Scene, comes, scene
from tests.kills.test_instances import Fleet, holder
from tests.kills.test_points import newest
from tests.postgres import Postgres

PEOPLE = {"boss": "书记", "li": "李四", "wang": "王五", "zhao": "赵六"}
ROSTER = "\n".join(
    [
        "姓名,账号,支部,上级支部,角色",
        "书记,boss,总支,,书记",
        *(f"{PEOPLE[who]},{who},第一支部,总支," for who in ("li", "wang", "zhao")),
    ]
)
EVERYBODY = {"li": 1, "wang": 1, "zhao": 1}
SETTINGS = {
    "publishing": {"undo_window": "0s", "code_above": 0},
    "reminders": {"after": [], "before_due": [], "quiet_hours": []},
}
SENT = ("message", "call", "delivery", "receipt", "reminder")
"""The tables that say what was sent to whom and how it ended."""


async def prepare(there: Scene) -> None:
    roster = there.folder / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    assert await there.runs("db", "upgrade") == 0
    assert await there.runs("members", "import", str(roster)) == 0
    await there.opens(PEOPLE)


async def stands_still(life: Life) -> None:
    async def stopped() -> bool:
        return Path(f"/proc/{life.pid}/stat").read_text(encoding="ascii").split()[2] == "T"

    await comes(stopped)


async def publishes(there: Scene, title: str) -> None:
    """The last words go unanswered where the process that hears them stops."""
    await there.near.app.say("boss", f"/通知 {title}\n对象：第一支部\n请看")
    await there.near.app.say("boss", f"确认 {await newest(there)}")


async def sent(there: Scene) -> list[list[tuple[object, ...]]]:
    """Every row about what was sent."""
    async with there.database.reader.connect() as connection:
        return [
            [tuple(row) for row in await connection.execute(text(f"SELECT * FROM {table} ORDER BY 1"))]
            for table in SENT
        ]


def seen(there: Scene, title: str) -> dict[str, int]:
    return dict(there.seen(title, kind="card", without="预览"))


@pytest.mark.timeout(240)
@pytest.mark.faults("OUT1", "DB7")
async def test_the_only_process_stands_still(tmp_path: Path, nursery: Nursery) -> None:
    async with scene(nursery, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, **SETTINGS) as there:
        await prepare(there)
        life = await there.lives()
        await publishes(there, "周五开会")
        await there.rests()
        await life.kill()
        life = await there.lives(points={"K10": (2, "SIGSTOP")})
        await publishes(there, "周六开会")
        await stands_still(life)
        saying = asyncio.create_task(there.near.app.say("li", "收到 1", repeat=5))
        await there.later(minutes=5)
        life.clock_is(there.clock.offset)
        life.signal(signal.SIGCONT)
        await saying
        assert there.near.callbacks[-1].accepted
        await there.rests()
        assert seen(there, "周五开会") == seen(there, "周六开会") == EVERYBODY
        assert there.shown_twice() == {}


@pytest.mark.postgres
@pytest.mark.timeout(240)
@pytest.mark.faults("CB31", "OUT1", "TOK2")
async def test_another_takes_over_and_the_one_that_wakes_changes_nothing(
    postgres: Postgres, tmp_path: Path, nursery: Nursery
) -> None:
    async with scene(nursery, await postgres.fresh(), tmp_path, **SETTINGS) as there:
        await prepare(there)
        fleet = Fleet(there)
        one, other = fleet.ports[:2]
        there.near.callback_url = f"http://127.0.0.1:{one}/wecom/callback"
        fleet.begin(one, points={"K7": (2, "SIGSTOP"), "K10": (2, "SIGSTOP")})
        assert await holder(fleet, 90) == one
        await publishes(there, "周五开会")
        await stands_still(fleet.lives[one])

        await there.later(minutes=2)
        there.near.callback_url = f"http://127.0.0.1:{other}/wecom/callback"
        fleet.begin(other)
        assert await holder(fleet, 90) == other
        await there.rests()
        assert seen(there, "周五开会") == EVERYBODY
        before = await sent(there)
        requests = len(there.written("request"))

        woken = fleet.lives[one]
        woken.clock_is(there.clock.offset)
        woken.signal(signal.SIGCONT)
        await stands_still(woken)
        assert len(there.written("request")) == requests + 1, "the same bytes once more, which the platform knows"
        woken.signal(signal.SIGCONT)
        async with ClientSession() as session:
            await session.get(f"http://127.0.0.1:{one}/healthz")
        for _ in range(8):
            assert await fleet.connected() == [other], "nobody fights for the connection"
            await asyncio.sleep(0.5)
        assert await sent(there) == before
        assert seen(there, "周五开会") == EVERYBODY

        there.near.callback_url = f"http://127.0.0.1:{one}/wecom/callback"
        await publishes(there, "周六开会")
        await there.rests()
        assert seen(there, "周六开会") == EVERYBODY
        assert there.shown_twice() == {}
