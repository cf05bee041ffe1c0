"""One person's data: all of it handed out, all of it taken away, and gone again after a restore."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.services import forgetting, persons
from storage.copies import back_up
from storage.database import Database
from storage.persons import HIDDEN, OF_MEMBERS, OF_RESIDENTS, Mentions
from storage.schema import Base
from tests.scenarios.test_restoring import put_back, stopped
from tests.world import World

NOTICE = "/通知 周五开会\n对象：第一支部\n要求：确认"

NOBODY = {
    "approval", "call", "content", "day_budget", "dialogue", "file", "inbox", "keyed_answer", "message", "upload",
}  # fmt: skip
"""Tables that speak of people without a column of theirs, or are shared: forgetting looks at their words."""
PERSONAL = re.compile(
    r"member|resident|actor|author|owner|asker|_by$|_by_id$|recipient$|recipient_|user_|phone|account|about_id"
)
ONLY_WORDS = {
    ("dialogue", "user_key"),
    ("message", "recipient"),
    ("message", "recipient_key"),
    ("inbox", "resident"),
    ("item", "ended_by"),
}


def mentioned(mentions: Mentions) -> set[str]:
    through = {mentions.through[0]} if mentions.through else set()
    return {*mentions.about, *mentions.by, *through}


def test_every_column_of_a_person_is_known() -> None:
    """A new table that speaks of somebody has to say how it is shown, and what becomes of it."""
    known = {**{name: set[str]() for name in Base.metadata.tables}}
    for entries in (OF_MEMBERS, OF_RESIDENTS):
        for name, mentions in entries.items():
            known[name] |= mentioned(mentions)
    targets = {f"{name}.{key}" for name, key in (("member", "id"), ("resident", "id"), ("delivery", "id"))}
    missing = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            refers = {each.target_fullname for each in column.foreign_keys}
            named = PERSONAL.search(column.name) and not refers and column.name not in HIDDEN
            personal = bool(targets & refers) or bool(named)
            if personal and column.name not in known[table.name] and (table.name, column.name) not in ONLY_WORDS:
                missing.append(f"{table.name}.{column.name}")
    assert sorted(missing) == ["account.user_id", "member.phone"]  # the person's own, in their own rows
    for entries in (OF_MEMBERS, OF_RESIDENTS):
        for name, mentions in entries.items():
            columns = set(Base.metadata.tables[name].columns.keys())
            assert mentioned(mentions) | set(mentions.blank) <= columns, name
    assert set(Base.metadata.tables) >= NOBODY


async def everything(database: Database) -> str:
    """All that is stored, in one text."""
    found = []
    async with database.reader.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in await connection.execute(text(f'SELECT * FROM "{table.name}"')):
                values = [bytes(v).decode() if isinstance(v, bytes | memoryview) else str(v) for v in row]
                found.append(f"{table.name} {' '.join(values)}")
    return "\n".join(found)


@pytest.mark.faults("PRV1", "PRV2", "PRV5")
async def test_a_member_is_forgotten_whole_and_stays_so(any_world: World, tmp_path: Path) -> None:
    world = any_world
    secretary, zheng, li = await world.branch(members=["郑十一", "李四"])
    number = await world.published(secretary, NOTICE)
    await zheng.says("收到")
    await zheng.says("我会晚到十分钟")
    await secretary.says(f"未读 {number}")
    await secretary.says(f"导出 {number}")
    await world.passes(minutes=2)
    record = await zheng.says("我的记录") or "\n".join(zheng.heard())
    assert "未读名单 #1" in record
    assert "导出的名单 #1" in record
    await back_up(world.app.database, tmp_path / "before.db")

    async with world.reading() as tx:
        rows = await persons.all_of_member(tx, await persons.find_member(tx, "USER2"))
    assert {"member", "account", "delivery", "receipt", "message"} <= rows.keys()
    assert rows["member"][0]["name"] == "郑十一"

    async def forget() -> None:
        async with world.app.database.transaction() as tx:
            member = await persons.find_member(tx, "user2")
            await persons.forget_member(tx, world.app.settings, member, now=world.clock.now())
        await world.app.settle()

    await forget()
    stored = await everything(world.app.database)
    assert "郑十一" not in stored
    assert not re.search(r"\buser2\b", stored)
    assert "晚到" not in stored
    answer = await secretary.says(f"进度 {number}")
    assert answer is not None
    assert "已确认 1" in answer
    assert "不在名册" in (await zheng.says("待办") or "")  # a stranger now

    await world.passes(seconds=10)  # the ledger outside is written
    assert len(world.app.ledger.read()) == 1
    await stopped(world, lambda: put_back(world, tmp_path / "before.db"))
    assert "郑十一" not in await everything(world.app.database)
    await stopped(world, nothing)
    async with world.reading() as tx:
        assert await tx.forgotten.count() >= 1
        assert await tx.members.by_account("wecom", "user3") is not None
    assert li is not None


async def nothing() -> None:
    """A restart, and no more."""


@pytest.mark.faults("PRV1", "PRV2")
async def test_a_resident_stays_forgotten_after_a_restore(world: World, tmp_path: Path) -> None:
    await world.branch()
    aunt, other = world.resident("王阿姨"), world.resident("刘大妈")
    await aunt.says("三号楼的路灯坏了")
    await other.says("菜市场几点开门")
    await back_up(world.app.database, tmp_path / "before.db")
    async with world.reading() as tx:
        rows = await persons.all_of_resident(tx, await persons.find_resident(tx, "Q1"))
    assert rows["entry"][0]["text"] == "三号楼的路灯坏了"
    assert "token" not in rows["resident"][0]
    async with world.app.database.transaction() as tx:
        resident = await persons.find_resident(tx, "q1")
        await forgetting.forget(tx, world.app.settings, resident, now=world.clock.now())
    await world.passes(seconds=10)
    await stopped(world, lambda: put_back(world, tmp_path / "before.db"))
    stored = await everything(world.app.database)
    assert "路灯" not in stored
    assert aunt.token not in stored
    assert "菜市场" in stored

    # Whoever comes back is somebody new, also for the next restore.
    await aunt.says("又来问一句")
    await back_up(world.app.database, tmp_path / "after.db")
    await stopped(world, lambda: put_back(world, tmp_path / "after.db"))
    assert "又来问一句" in await everything(world.app.database)
