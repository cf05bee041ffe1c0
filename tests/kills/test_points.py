"""Killed at each named instant, one after the other, over one story: the far side's own log is the judge."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from storage import schema
from storage.enums import DeliveryState, ItemStatus
from storage.transaction import Transaction
from tests.kills.lives import Nursery, Scene, scene

BRANCHES = [f"第{number}支部" for number in range(1, 9)]
SENDING = ("K5", "K6", "K7", "K8", "K9", "K10", "K11")
PUBLISHING = {"undo_window": "10s", "code_above": 0}
REMINDERS = {"after": ["24h"], "before_due": [], "quiet_hours": []}


def roster() -> tuple[dict[str, str], str]:
    """Everybody's id and name, and the file that says so."""
    people = {"boss": "书记"}
    lines = ["姓名,账号,支部,上级支部,角色", "书记,boss,总支,,书记"]
    for number, branch in enumerate(BRANCHES, 1):
        lines.append(f"委员{number},s{number},{branch},总支,")
        people[f"s{number}"] = f"委员{number}"
        for place in range(1, 4):
            people[f"m{number}{place}"] = f"成员{number}之{place}"
            lines.append(f"成员{number}之{place},m{number}{place},{branch},总支,")
    return people, "\n".join(lines)


def of_branch(number: int) -> Counter[str]:
    """Everybody of a branch, once."""
    return Counter([f"s{number}", *(f"m{number}{place}" for place in range(1, 4))])


async def prepared(there: Scene, *, kill: bool) -> dict[str, str]:
    """The schema and the roster; with `kill` neither comes in at the first try."""
    people, file = roster()
    path = there.folder / "roster.csv"
    path.write_text(file, encoding="utf-8")
    fresh = await schema.found_version(there.database) is None
    if kill and fresh:
        assert await there.runs("db", "upgrade", points={"K14": (1, "SIGKILL")}) == -9
        assert await schema.found_version(there.database) is None, "all of it or nothing"
    assert await there.runs("db", "upgrade") == 0
    assert await schema.found_version(there.database) == schema.expected_version()
    if kill:
        assert await there.runs("members", "import", str(path), points={"K16": (1, "SIGKILL")}) == -9
        async with there.database.reading() as tx:
            assert not await tx.members.all()
    assert await there.runs("members", "import", str(path)) == 0
    await there.opens(people)
    return people


@pytest.mark.timeout(240)
@pytest.mark.faults("OUT1", "CB1", "CB21", "CB22", "UPG1", "UPG6", "DB7")
async def test_killed_at_each_named_instant_nothing_is_lost_and_nobody_hears_twice(
    database_url: str, tmp_path: Path, nursery: Nursery
) -> None:
    async with scene(nursery, database_url, tmp_path, publishing=PUBLISHING, reminders=REMINDERS) as there:
        people = await prepared(there, kill=True)

        life = await there.lives(points={"K13": (1, "SIGKILL")})
        await there.near.app.say("boss", "帮助")
        await there.near.app.say("boss", "/通知 草稿\n请看")
        assert await life.end() == -9, "K13"

        resident = there.near.account.resident("王阿姨")
        asking = asyncio.create_task(resident.says("路灯坏了，什么时候修", repeat=8))
        receiving = asyncio.create_task(there.near.app.say("boss", "/通知 夜里的草稿\n请看", repeat=8))
        for point in ("K3", "K1", "K2"):
            await there.dies(point)
        life = await there.lives(points={"K4": (1, "SIGKILL")})
        await asyncio.gather(asking, receiving)
        assert await questions(there) == 1
        assert len({callback for callback in there.near.account.push.sent[-1].replies if callback}) == 1

        for number, branch in enumerate(BRANCHES, 1):
            await there.near.app.say("boss", f"/通知 会议{number}\n对象：{branch}\n请看")
            await there.near.app.say("boss", f"确认 {await newest(there)}")
            assert there.near.callbacks[-1].accepted, "the undo window is over too early for this test"
        assert await life.end() == -9, "K4"
        for point in SENDING:
            await there.outlasts_leases()
            await there.dies(point)
        await there.outlasts_leases()
        life = await there.lives()
        await there.rests()
        for number in range(1, len(BRANCHES) + 1):
            assert there.seen(f"会议{number}") - Counter({"boss": 9}) == of_branch(number)

        await life.kill()
        life = await there.lives(points={"K2": (2, "SIGKILL")})
        members = [userid for userid in people if userid.startswith("m")]
        saying = asyncio.gather(*(there.near.app.say(userid, "收到", repeat=8) for userid in members))
        assert await life.end() == -9, "K2"
        life = await there.lives()
        await saying
        await there.rests()
        async with there.database.reading() as tx:
            assert await done(tx) == set(members)

        await life.kill()
        await there.later(hours=25)
        await there.dies("K12")
        await there.lives()
        await there.rests()
        left = Counter(userid for userid in people if userid.startswith("s"))
        assert Counter({who: times for who, times in there.seen("提醒").items() if who != "boss"}) == left
        assert {who: times for (who, _), times in there.shown_twice().items()} == {}


async def newest(there: Scene) -> int:
    """The number of the last item; there are gaps where one died before its commit."""
    async with there.database.reading() as tx:
        (item,) = await tx.items.page(statuses=[ItemStatus.DRAFT], limit=1)
    return item.id


async def questions(there: Scene) -> int:
    async with there.database.reader.connect() as connection:
        return int((await connection.exec_driver_sql("SELECT count(*) FROM question")).scalar_one())


async def done(tx: Transaction) -> set[str]:
    """Whose receipts are stored, of all items."""
    items = await tx.items.page(statuses=[ItemStatus.PUBLISHED], limit=50)
    return {row.user_id for item in items for row in await tx.lists.rows(item.id, states=[DeliveryState.ACKNOWLEDGED])}
