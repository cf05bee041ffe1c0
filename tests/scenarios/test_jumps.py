"""The machine's clock jumps ahead: nothing goes out on the strength of it until somebody says that it is right."""

from datetime import timedelta

import pytest

from bot.clock import ManualClock
from bot.message import Text, dump
from bot.services.access import ROSTER
from storage.enums import Priority
from storage.messages import NewMessage
from tests.world import Person, World

MONTH = timedelta(days=30)


async def administrator(world: World) -> Person:
    async with world.app.database.transaction() as tx:
        member = await tx.members.add(
            name="管理员",
            branch_id=1,
            tier=None,
            phone=None,
            platform=ROSTER,
            user_id="admin",
            now=world.clock.now(),
        )
    world.twin.directory.add("admin", "管理员")
    return Person(world, "admin", "管理员", member.id)


def reminders(person: Person) -> int:
    return sum("提醒" in shown.text for shown in person.phone.messages if shown.card is not None)


@pytest.mark.faults("CLK8")
async def test_a_jump_waits_for_an_administrator(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    admin = await administrator(world)
    await world.published(secretary, "/通知 开会\n对象：李四")
    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(MONTH)
    await world.app.settle()
    await world.skips(minutes=5)
    assert reminders(li) == 0
    (alarm,) = [words for words in admin.heard() if "突然往前跳" in words]
    assert "43200 分钟" in alarm
    answer = await secretary.says("时间没错")
    assert answer is not None
    assert "继续" not in answer, "only an administrator may say so"
    assert reminders(li) == 0
    await admin.says("时间没错")
    await world.skips(minutes=1)
    assert "继续" in "\n".join(admin.heard())
    async with world.reading() as tx:
        item = await tx.items.get(1)
        assert item is not None
        assert (reminders(li), item.status) != (0, "published"), "what is due goes its way"


@pytest.mark.faults("CLK8", "CLK7")
async def test_the_platforms_time_confirms_or_the_clock_comes_back(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 开会\n对象：李四")
    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(MONTH)
    await world.app.settle()
    world.clock.jump(-MONTH)
    await world.app.settle()
    assert reminders(li) == 0
    world.twin.clock = world.clock
    world.clock.jump(timedelta(hours=25))
    await world.app.settle()
    assert reminders(li) == 1, "the machine slept, and the platform says the same"


@pytest.mark.faults("CLK7")
async def test_what_left_by_a_clock_that_was_ahead_keeps_nobody_waiting(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    for day in "一二三":
        await secretary.says(f"/通知 周{day}开会\n对象：李四")
        await secretary.taps("发送")
    await world.skips(minutes=3)
    assert len(li.heard()) == 3
    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(-timedelta(days=1))
    await world.published(secretary, "/通知 周四开会\n对象：李四")
    await world.skips(minutes=2)
    assert any("周四开会" in words for words in li.heard())


@pytest.mark.faults("CLK7")
async def test_what_was_made_by_a_clock_that_was_ahead_does_not_wait_for_its_day(world: World) -> None:
    (_, li) = await world.branch(members=["李四"])
    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(timedelta(days=1))
    await world.app.settle()
    async with world.app.database.transaction() as tx:
        words = {"platform": "wecom", "recipient": li.userid, "body": dump(Text("请下楼")), "priority": Priority.REPLY}
        await tx.messages.queue([NewMessage(kind="note", subject="1", **words)], world.clock.now())
    world.clock.jump(-timedelta(days=1))
    await world.app.settle()
    assert li.heard() == ["请下楼"]
