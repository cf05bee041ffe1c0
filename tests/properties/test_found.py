"""What the machine has found, as stories."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.clock import ManualClock
from bot.services import persons
from bot.update import Update, UpdateKind
from storage.enums import MemberStatus
from tests.properties.far_side import REMINDER
from tests.properties.found import everything
from tests.world import World


@pytest.mark.faults("OUT2", "OUT12", "OUT13")
@pytest.mark.parametrize("code", [45033, -1, 45009])
async def test_a_repeat_that_is_turned_away_does_not_make_new_bytes_of_what_was_shown(world: World, code: int) -> None:
    """The first try was shown and its answer lost; the platform was busy when the same bytes came again."""
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("/通知 周五开会\n对象：李四")
    await secretary.taps("发送")
    world.twin.faults.add("message/send", lose_answer=True)
    world.twin.faults.add("message/send", times=2, errcode=code)
    await world.skips(minutes=3)
    for _ in range(6):
        await world.skips(minutes=10)
    assert sum("周五开会" in words for words in li.heard()) == 1
    bodies = {request.body for request in world.twin.requests_to("message/send") if li.userid in request.userids}
    assert len(bodies) == 1
    async with world.reading() as tx:
        assert not await tx.messages.backlog()
        assert (await tx.items.tallies([1]))[1] == {"sent": 1}
    assert world.clock.elapsed() > timedelta(hours=1)


@pytest.mark.faults("OUT24")
async def test_who_has_left_is_not_told_that_an_item_was_withdrawn(world: World) -> None:
    """They had it, left, and the item was taken back: what leaves goes to those who are here."""
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    number = await world.published(secretary, "/通知 周五开会\n对象：李四，王五")
    async with world.app.database.transaction() as tx:
        member = await tx.members.get(li.member_id)
        assert member is not None
        member.status = MemberStatus.LEFT
    for each in (li, wang):
        each.heard()
    await secretary.says(f"撤回 {number}")
    await world.skips(minutes=1)
    assert li.heard() == []
    assert any("周五开会" in words for words in wang.heard())


@pytest.mark.faults("OUT23", "OUT24")
async def test_a_correction_does_not_open_the_reminder_of_somebody_who_is_done(world: World) -> None:
    """Their reminder waited in a message, they acknowledged, and a small correction took the message back."""
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, "/通知 周五开会\n对象：李四\n提醒：1h，3h")
    world.twin.faults.add("message/send", times=50, errcode=-1)
    await world.skips(hours=1)
    assert await world.values("reminder", "state") == ["queued", "open"]
    await li.says(f"收到 {number}")
    async with world.app.database.transaction() as tx:
        await tx.reminders.unload(number, world.clock.now())
    assert await world.values("reminder", "state") == ["ended", "ended"]


@pytest.mark.faults("CB6")
async def test_who_says_that_they_have_it_once_more_is_answered(any_world: World) -> None:
    """And it is better evidence than what was entered for them."""
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, "/通知 周五开会\n对象：李四")
    await secretary.says(f"线下确认 {number} 1")
    assert await world.values("receipt", "source") == ["paper"]
    for _ in range(2):
        assert await li.says(f"收到 {number}")
    assert set(await world.values("receipt", "source")) == {"chat"}
    assert set(await world.values("inbox", "state")) == {"done"}


@pytest.mark.faults("OUT23")
async def test_a_correction_in_the_night_leaves_one_round_open_of_what_waited_in_a_message(any_world: World) -> None:
    """The reminder waited when its due time moved: it comes in the morning, and what follows it is made then."""
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    await world.skips(hours=10, minutes=40)
    number = await world.published(secretary, "/通知 周五开会\n对象：李四\n截止：周五 18:00\n提醒：1h，3h，30h")
    world.twin.faults.add("message/send", times=50, errcode=-1)
    await world.skips(minutes=62)
    assert sorted(await world.values("reminder", "state")) == ["open", "queued"]
    await secretary.says(f"更正 {number}\n截止：周四 18:00")
    await secretary.says(f"确认 {number} 小修")
    await world.skips(minutes=20)
    assert await world.values("reminder", "state") == ["open"]
    world.twin.faults.clear()
    li.heard()
    await world.passes(hours=10)
    assert sum(REMINDER.search(words) is not None for words in li.heard()) == 1
    assert sorted(await world.values("reminder", "state")) == ["open", "sent"]


@pytest.mark.faults("OUT23")
async def test_a_message_that_does_not_leave_leaves_one_round_open_of_each_thing_it_carried(any_world: World) -> None:
    """It named two things, and one of them was done before it could leave."""
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    done = await world.published(secretary, "/通知 周五开会\n对象：李四\n提醒：1h，3h")
    await world.published(secretary, "/通知 周六开会\n对象：李四\n提醒：1h，3h")
    world.twin.faults.add("message/send", times=50, errcode=-1)
    await world.skips(hours=1, minutes=3)
    assert sorted(await world.values("reminder", "state")) == ["open", "open", "queued", "queued"]
    await li.says(f"收到 {done}")
    world.clock.advance(timedelta(minutes=10))
    await world.app.sender.drain()
    assert sorted(await world.values("reminder", "state")) == ["ended", "ended", "open"]


@pytest.mark.faults("PRV1", "PRV2")
async def test_what_was_on_its_way_names_nobody_who_was_forgotten_once_it_is_over(world: World) -> None:
    """Their words were being forwarded, and a card for them was in doubt, when they were forgotten."""
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 周五开会\n对象：李四")
    world.twin.faults.add("message/send", times=2, refuse=True)
    await li.says("我会晚到十分钟")
    await world.skips(minutes=1)
    await secretary.says("/通知 周六开会\n对象：李四")
    await secretary.taps("发送")
    world.twin.faults.add("message/send", times=3, lose_answer=True)
    await world.skips(minutes=3)
    async with world.app.database.transaction() as tx:
        member = await persons.find_member(tx, li.userid)
        await persons.forget_member(tx, world.app.settings, member, now=world.clock.now())
    await world.passes(hours=6)
    rows = await everything(world.app.database)
    assert [row for row in rows if "李四" in row or "晚到" in row or f"{li.userid} " in row] == []


@pytest.mark.faults("PRV1")
async def test_a_request_that_was_turned_away_names_nobody_who_was_forgotten(any_world: World) -> None:
    """The platform was busy, so that the same message left with other bytes a little later."""
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("/通知 周五开会\n对象：李四")
    await secretary.taps("发送")
    world.twin.faults.add("message/send", errcode=-1)
    await world.skips(minutes=3)
    await world.skips(minutes=1)
    async with world.app.database.transaction() as tx:
        await persons.forget_member(
            tx, world.app.settings, await persons.find_member(tx, li.userid), now=world.clock.now()
        )
    rows = await everything(world.app.database)
    assert [row for row in rows if "李四" in row or f'"{li.userid}"' in row] == []


@pytest.mark.faults("PRV1")
async def test_an_answer_that_waits_does_not_leave_for_somebody_who_was_forgotten(world: World) -> None:
    """They wrote, and the answer was to leave as a message."""
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, "/通知 周五开会\n对象：李四")
    now = world.clock.now()
    await world.app.writer.submit(Update("wecom", "k1", UpdateKind.TEXT, li.userid, now, text=f"收到 {number}"))
    assert "ready" in await world.values("message", "phase")
    li.heard()
    async with world.app.database.transaction() as tx:
        await persons.forget_member(tx, world.app.settings, await persons.find_member(tx, li.userid), now=now)
    rows = await everything(world.app.database)
    assert [row for row in rows if row.startswith("message ") and f"{li.userid} " in row] == []
    await world.skips(minutes=1)
    assert li.heard() == []


@pytest.mark.faults("CLK1")
async def test_a_reminder_that_left_while_the_clock_was_behind_counts_for_the_day_on_which_it_left(
    any_world: World,
) -> None:
    """It waited, the clock fell back to yesterday, and it left; the platform knew better which day it was."""
    world, day = any_world, timedelta(hours=25)
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 周五开会\n对象：李四\n提醒：1h，3h")
    li.heard()
    world.twin.faults.add("message/send", times=50, errcode=-1)
    await world.skips(hours=1)
    world.twin.faults.clear()
    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(-day)
    await world.app.settle()
    world.clock.jump(day)
    await world.app.settle()
    world.twin.clock = world.clock
    await world.passes(hours=8)
    assert sum(REMINDER.search(words) is not None for words in li.heard()) == 1
    await world.passes(hours=24)
    assert sum(REMINDER.search(words) is not None for words in li.heard()) == 1


@pytest.mark.faults("OUT2", "OUT23")
async def test_words_in_doubt_are_not_said_again_once_they_are_corrected(any_world: World) -> None:
    """Nobody knew whether they had arrived; one had acknowledged them, and the new words ask anew."""
    world = any_world
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await secretary.says("/通知 周五开会\n对象：李四，王五")
    await secretary.taps("发送")
    world.twin.faults.add("message/send", times=20, http_status=502)
    await world.skips(minutes=2)
    assert (await world.values("message", "phase"))[-1] == "doubtful"
    await li.says("收到 1")
    await secretary.says("更正 1\n改到周六")
    await secretary.says("确认 1 重要")
    world.twin.faults.clear()
    for each in (li, wang, secretary):
        each.heard()
    for _ in range(4):
        await world.skips(minutes=10)
    for each in (li, wang):
        (said,) = each.heard()
        assert "改到周六" in said
    assert await world.values("delivery", "state") == ["sent", "sent"]
    async with world.reading() as tx:
        assert not await tx.messages.backlog()
    assert not any("没有答复" in words for words in secretary.heard()), "nobody has to know about the old words"


@pytest.mark.faults("OUT12", "OUT23")
async def test_words_that_are_turned_away_after_their_correction_do_not_come_again(any_world: World) -> None:
    """They were under way when the new ones went out, and the platform was busy: then they wait for another try."""
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, "/通知 周五开会\n对象：李四")
    await secretary.says(f"更正 {number}\n改到周六")
    await secretary.says(f"确认 {number} 小修")
    await world.skips(minutes=3)
    async with world.app.database.writing() as connection:
        turned_away = "UPDATE message SET phase = 'waiting', call_id = NULL, settled_at = NULL WHERE kind = 'item'"
        await connection.execute(text(turned_away))
    li.heard()
    await world.skips(minutes=10)
    assert li.heard() == []
    assert await world.values("delivery", "state") == ["sent"]
    assert await world.values("message", "reason") == ["corrected"]
