"""No file may grow any more, as on a full disk: what was answered is kept, what could not be is said again."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import text

from tests.kills.lives import Nursery, Scene, comes, scene
from tests.kills.test_points import newest

PEOPLE = {"boss": "书记", "admin": "管理员", "li": "李四", "wang": "王五", "zhao": "赵六"}
ROSTER = "\n".join(
    [
        "姓名,账号,支部,上级支部,角色",
        "书记,boss,总支,,书记",
        "管理员,admin,总支,,",
        *(f"{PEOPLE[who]},{who},第一支部,总支," for who in ("li", "wang", "zhao")),
    ]
)
SETTINGS = {
    "publishing": {"undo_window": "0s", "code_above": 0},
    "reminders": {"after": [], "before_due": [], "quiet_hours": []},
}
SMALL, NOTHING, ROOM = 4096, 0, -1
"""Bytes of the longest file: an update still fits, nothing does, all do."""


async def receipts(there: Scene) -> int:
    async with there.database.reader.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM receipt")) or 0)


async def readiness(there: Scene) -> tuple[int, str]:
    async with ClientSession() as session, session.get(f"{there.address}/readyz") as answer:
        return answer.status, await answer.text()


@pytest.mark.timeout(240)
@pytest.mark.faults("DB5", "CB20", "OUT1")
async def test_a_full_disk_loses_nothing_and_heals_by_itself(tmp_path: Path, nursery: Nursery) -> None:
    async with scene(nursery, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, **SETTINGS) as there:
        roster = tmp_path / "roster.csv"
        roster.write_text(ROSTER, encoding="utf-8")
        assert await there.runs("db", "upgrade") == 0
        assert await there.runs("members", "import", str(roster)) == 0
        await there.opens(PEOPLE, latency=0.5)
        spool = tmp_path / "bot.db.spool"

        assert await there.runs("run", largest_file=SMALL) not in (0, None), "it does not begin on a full disk"
        assert "Traceback" not in (tmp_path / "out.log").read_text(encoding="utf-8")

        life = await there.lives()
        near = there.near.app
        await near.say("boss", "/通知 周五开会\n对象：第一支部\n请看")
        await near.say("boss", f"确认 {await newest(there)}")
        assert there.near.callbacks[-1].accepted

        async def leaving() -> bool:
            return any("li|wang|zhao" in each["body"] for each in there.written("request"))

        await comes(leaving)
        life.longest_file(SMALL)  # a request is under way, and nobody can note its answer
        await near.say("li", "收到 1")
        kept = there.near.callbacks[-1]
        assert not kept.accepted, "a success only for what is stored as everything else is"
        assert len(list(spool.glob("*.update"))) == 1
        status, why = await readiness(there)
        assert (status, "1 updates wait" in why) == (503, True)

        life.longest_file(NOTHING)
        saying = asyncio.create_task(near.say("wang", "收到 1", repeat=30))
        await near.say("zhao", "收到 1")
        assert not there.near.callbacks[-1].accepted, "the platform comes again, or whoever said it sees that"
        assert await receipts(there) == 0
        assert not life.ended, "it goes on"

        life.longest_file(ROOM)
        await saying
        (said,) = [each for each in there.near.callbacks if each.userid == "wang"]
        assert said.accepted

        async def both() -> bool:
            return await receipts(there) == 2 and not list(spool.glob("*"))

        await comes(both)
        await there.rests(90)
        assert there.seen("周五开会", kind="card", without="预览") == {"li": 1, "wang": 1, "zhao": 1}
        assert there.shown_twice() == {}
        assert there.seen("先存在了文件里") == {"admin": 1}
        assert (await readiness(there))[0] == 200
