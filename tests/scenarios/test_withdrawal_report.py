"""Taking an item back, and hearing honestly how that went."""

from collections.abc import Iterable

import pytest
from sqlalchemy import func, select, text

from bot.services.withdrawing import withdraw
from storage.database import Database
from storage.enums import ItemStatus
from storage.items import Item
from storage.members import NewMember
from storage.messages import OutboxMessage
from tests.world import World

pytestmark = pytest.mark.faults("OUT24", "OUT37")
MANY = 33_000
"""More people than a statement of either database can name."""


async def test_who_had_it_who_saw_it_and_what_stayed(world: World) -> None:
    secretary, li, wang, zhao = await world.branch(members=["李四", "王五", "赵六"])
    number = await world.published(secretary, "/通知 交党费\n要求：确认")
    await li.taps("确认收到")
    await world.skips(hours=23)
    await world.member("钱七", "第一支部")
    await secretary.says(f"补发 {number} 钱七")
    await world.skips(hours=2)
    secretary.heard()

    first = await secretary.says(f"撤回 {number}") or ""
    assert first.splitlines()[1:5] == [
        "已撤回，催办已停止。撤回不能恢复。",
        "· 撤回前已有 1 人看过",
        "· 正在从 1 人的手机撤回，结果出来就告诉您，也可以问：进度 1",
        "· 4 人的消息撤不回来：超过 24 小时，或平台不支持",
    ]
    await world.skips(seconds=5)
    report = [words for words in secretary.heard() if "撤回的结果" in words]
    assert [words.splitlines() for words in report] == [
        [
            "#1 交党费",
            "撤回的结果出来了，收到过的有 5 人：",
            "· 撤回前已确认 1 人，看过没确认 0 人",
            "· 4 人没有打开过的记录",
            "· 已从手机上撤回 1/5 人",
            "· 4 人无法撤回：超过 24 小时或平台不支持 4 人",
            "· 用微信插件看的人，那里的消息撤不掉",
            "· “已撤回”的说明送到了 5 人",
        ]
    ]
    assert world.people["钱七"].cards() == []
    assert all("#1 交党费 已撤回，请不要再按它办理，也不用回复了。" in person.heard() for person in (li, wang, zhao))
    await world.passes(hours=6)
    assert not any("撤回的结果" in words for words in secretary.heard()), "once"


async def test_a_refused_recall_and_a_slow_one(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    number = await world.published(secretary, "/通知 交党费")
    secretary.heard()
    world.twin.faults.add("message/recall", errcode=-1)
    await secretary.says(f"撤回 {number}")
    assert not any("撤回的结果" in words for words in secretary.heard()), "it has not settled"
    await world.passes(minutes=2)
    (report,) = [words for words in secretary.heard() if "撤回的结果" in words]
    assert "· 撤回前没有人确认或看过" in report
    assert "· 已从手机上撤回 2/2 人" in report

    number = await world.published(secretary, "/通知 再交一次")
    secretary.heard()
    world.twin.faults.add("message/recall", errcode=40058)
    await secretary.says(f"撤回 {number}")
    await world.skips(seconds=5)
    (report,) = [words for words in secretary.heard() if "撤回的结果" in words]
    assert "· 已从手机上撤回 0/2 人" in report
    assert "· 2 人无法撤回：" in report
    assert "微信插件" not in report


async def test_what_nobody_had_needs_no_report(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    await secretary.says("/通知 交党费")
    await secretary.taps("发送")
    await secretary.says("撤回 1")
    await world.passes(minutes=10)
    assert not any("撤回的结果" in words for words in secretary.heard())


async def test_any_number_of_people(world: World) -> None:
    """Nothing of it names members one by one to the database."""
    (secretary,) = await world.branch()
    database, now = world.app.database, world.clock.now()
    async with database.transaction() as tx:
        (branch,) = await tx.branches.named("第一支部")
        await tx.members.add_many(list(_people(branch.id)), platform="wecom", now=now)
    await _plan_well(database)
    async with database.transaction() as tx:
        item = Item(
            kind="notice",
            status=ItemStatus.SCHEDULED,
            title="交党费",
            require="ack",
            author_id=secretary.member_id,
            branch_id=branch.id,
            audience=f'{{"branches": [{branch.id}], "tiers": [], "added": [], "without_branches": [], '
            '"without_tiers": [], "without": [], "words": ""}',
            publish_at=now,
            created_at=now,
        )
        tx.items.add(item)
    await world.app.jobs.publish()
    await _plan_well(database)
    async with database.transaction() as tx:
        found = await tx.items.get(item.id)
        assert found is not None
        done = await withdraw(tx, world.app.settings, found, actor_id=None, source="api", now=now)
    assert (done.dropped, done.recalling, done.kept) == (MANY + 1, 0, 0)
    async with database.reader.connect() as connection:
        waiting = select(func.count()).where(OutboxMessage.phase == "ready")
        assert await connection.scalar(waiting) == 0
    async with world.reading() as tx:
        assert (await tx.items.tallies([item.id]))[item.id] == {"excused": MANY + 1}


async def _plan_well(database: Database) -> None:
    """What a database does by itself within a minute of so many new rows."""
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))


def _people(branch_id: int) -> Iterable[NewMember]:
    for n in range(MANY):
        yield NewMember(name=f"成员{n}", user_id=f"many{n}", branch_id=branch_id, tier=None, phone=None)
