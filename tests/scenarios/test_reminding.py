"""Reminders: only those who are open, when it is allowed, everything in one message, looked at again before leaving."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.rules.wall_clock import day_of
from storage.enums import ReminderState
from storage.reminders import Reminder
from tests.world import Person, World, build

STEP = timedelta(hours=3)
"""For stories of days: short enough that no day passes without a moment outside the quiet hours."""


@asynccontextmanager
async def world_with(tmp_path: Path, **reminders: Any) -> AsyncIterator[World]:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, reminders=reminders) as world:
        yield world


def reminders_of(person: Person) -> list[tuple[str, str]]:
    """(when in Shanghai, words) of the reminders on the phone."""
    zone = person.world.app.settings.texts.zone
    return [
        (f"{shown.at.astimezone(zone):%m-%d %H:%M}", shown.text)
        for shown in person.phone.messages
        if shown.kind == "card" and "提醒" in shown.text and "预览" not in shown.text
    ]


def times(person: Person) -> list[str]:
    return [when for when, _ in reminders_of(person)]


@pytest.mark.faults("OUT25")
async def test_reminders_come_after_a_day_and_after_two_and_differ(any_world: World) -> None:
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 周五开会\n对象：李四\n请看")
    await world.passes(longest_step=STEP, hours=80)
    (first, second) = reminders_of(li)
    assert first[0].startswith("11-24")
    assert second[0].startswith("11-25")
    assert first[1] != second[1]
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(1, li.member_id)
        assert delivery is not None
        assert delivery.reminders == 2


async def test_several_open_items_come_in_one_message(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    for title in ("周五开会", "交党费", "填表"):
        await world.published(secretary, f"/通知 {title}\n对象：李四")
    await world.passes(hours=25)
    (only,) = reminders_of(li)
    assert all(title in only[1] for title in ("周五开会", "交党费", "填表"))
    await li.taps("收到 #2") if any(b.text == "收到 #2" for b in li.last.buttons) else await li.says("收到 2")
    await world.passes(hours=24)
    assert "交党费" not in reminders_of(li)[1][1]
    assert "周五开会" in reminders_of(li)[1][1]


async def test_the_open_round_of_who_is_done_ends_unsaid_when_its_time_comes(any_world: World) -> None:
    world = any_world
    secretary, li, _ = await world.branch(members=["李四", "王五"])
    await world.published(secretary, "/通知 周五开会")

    async def rounds() -> list[str]:
        async with world.reading() as tx:
            delivery = await tx.deliveries.get(1, li.member_id)
            assert delivery is not None
        async with world.app.database.reader.connect() as connection:
            return list(await connection.scalars(select(Reminder.state).where(Reminder.delivery_id == delivery.id)))

    assert await rounds() == [ReminderState.OPEN]
    await li.taps("确认收到")
    await world.passes(longest_step=STEP, hours=30)
    assert await rounds() == [ReminderState.ENDED]
    assert reminders_of(li) == []


@pytest.mark.faults("OUT23")
async def test_who_is_done_between_the_tick_and_the_sending_hears_nothing(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.published(secretary, "/通知 周五开会")
    await world.passes(hours=23)
    world.twin.faults.add("message/send", errcode=-1)
    await world.skips(hours=1)
    async with world.reading() as tx:
        assert (await tx.messages.backlog()).get("waiting") == 3, "the reminders wait for the platform"
    await li.taps("确认收到")
    await world.skips(seconds=3)
    assert reminders_of(li) == []
    assert len(reminders_of(wang)) == 1


@pytest.mark.faults("OUT23")
async def test_a_digest_of_two_things_of_which_one_is_done_is_made_anew(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    for title in ("周五开会", "交党费"):
        await world.published(secretary, f"/通知 {title}\n对象：李四")
    await world.passes(hours=23)
    world.twin.faults.add("message/send", errcode=-1)
    await world.skips(hours=1)
    await li.says("收到 1")
    await world.passes(minutes=3)
    (only,) = reminders_of(li)
    assert "交党费" in only[1]
    assert "周五开会" not in only[1]
    await rounds_are_sound(world)


async def test_quiet_hours_move_a_reminder_to_the_morning(tmp_path: Path) -> None:
    async with world_with(tmp_path, after=["13h"]) as world:
        secretary, li = await world.branch(members=["李四"])
        await world.published(secretary, "/通知 周五开会\n对象：李四")
        await world.passes(hours=23)
        assert times(li) == ["11-24 08:03"] or times(li)[0].startswith("11-24 08:")


@pytest.mark.faults("CLK15", "OUT27")
async def test_what_falls_on_the_full_hour_is_spread_and_always_the_same(world: World) -> None:
    secretary, *members = await world.branch(members=["李四", "王五", "赵六", "钱七", "孙八"])
    await world.published(secretary, "/通知 周五开会\n截止：11月24日 11:00")
    await world.skips(minutes=55)
    for _ in range(15):
        await world.skips(minutes=1)
    when = {person.member_id: times(person) for person in members}
    assert when == {member_id: [f"11-23 11:{member_id % 10:02}"] for member_id in when}, "a day before it is due"
    await rounds_are_sound(world)


async def test_what_must_come_before_a_night_deadline_comes_before_the_night(tmp_path: Path) -> None:
    async with world_with(tmp_path, after=["48h"], before_due=["2h"]) as world:
        secretary, li = await world.branch(members=["李四"])
        await world.published(secretary, "/通知 周五开会\n对象：李四\n截止：11月24日 06:00")
        for _ in range(48):
            await world.skips(minutes=30)
        (only,) = times(li)
        assert "11-23 20:00" <= only < "11-23 22:00"


@pytest.mark.faults("CLK15")
async def test_one_reminder_a_day_and_three_a_week(tmp_path: Path) -> None:
    async with world_with(tmp_path, after=["1h", "2h", "3h", "26h", "50h", "74h", "98h", "122h"]) as world:
        secretary, li = await world.branch(members=["李四"])
        await world.published(secretary, "/通知 周五开会\n对象：李四")
        await world.passes(longest_step=STEP, days=7, hours=12)
        days = [when[:5] for when in times(li)]
        assert days == ["11-23", "11-24", "11-25", "11-30"]
        await rounds_are_sound(world)


async def test_without_limits_each_round_comes(tmp_path: Path) -> None:
    async with world_with(tmp_path, after=["1h", "2h", "3h"], daily_limit=0, weekly_limit=0) as world:
        secretary, li = await world.branch(members=["李四"])
        await world.published(secretary, "/通知 周五开会\n对象：李四")
        for _ in range(40):
            await world.skips(minutes=10)
        assert len(reminders_of(li)) == 3
        await rounds_are_sound(world)


@pytest.mark.faults("CLK14")
async def test_on_workdays_only_the_chinese_calendar_counts(tmp_path: Path) -> None:
    own = ["2026-11-24", "+2026-11-28"]
    async with world_with(tmp_path, after=["24h", "96h", "144h"], workdays_only=True, holidays=own) as world:
        secretary, li = await world.branch(members=["李四"])
        await world.published(secretary, "/通知 周五开会\n对象：李四")
        await world.passes(longest_step=STEP, days=8)
        days = [when[:5] for when in times(li)]
        assert days == ["11-25", "11-27", "11-30"], "not on the own holiday, not on a Sunday"


@pytest.mark.faults("CLK14")
async def test_the_national_day_is_no_workday(tmp_path: Path) -> None:
    async with world_with(tmp_path, after=["24h"], workdays_only=True) as world:
        target = datetime.fromisoformat("2026-09-30T10:00:00+08:00")
        world.clock.advance(target - world.clock.now())
        secretary, li = await world.branch(members=["李四"])
        await world.published(secretary, "/通知 周五开会\n对象：李四")
        await world.passes(longest_step=STEP, days=9)
        (only,) = times(li)
        assert only.startswith("10-08")


async def test_later_moves_the_reminder_and_not_the_deadline(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 周五开会\n对象：李四\n截止：12月20日 18:00")
    answer = await li.says("稍后 1")
    assert answer is not None
    assert "12月20日" in answer
    await world.passes(hours=25)
    assert times(li) == []
    await world.passes(hours=4)
    assert len(times(li)) == 1


async def test_tomorrow_moves_the_reminder_to_the_morning(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 周五开会\n对象：李四")
    await li.says("明早 1")
    await world.passes(hours=23)
    assert [when[:8] for when in times(li)] == ["11-24 08"]


@pytest.mark.faults("CLK1", "CLK3", "CLK4")
async def test_three_days_without_a_process_collapse_into_one_reminder(any_world: World) -> None:
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    for title in ("周五开会", "交党费"):
        await world.published(secretary, f"/通知 {title}\n对象：李四\n提醒：24h，48h，72h，96h")
    world.clock.advance(_noon_after(world, days=3) - world.clock.now())
    await world.restart()
    await world.app.settle()
    (only,) = reminders_of(li)
    assert all(title in only[1] for title in ("周五开会", "交党费"))
    await world.skips(minutes=30)
    assert len(reminders_of(li)) == 1
    await world.passes(hours=48)
    assert len(reminders_of(li)) == 2, "the last round comes at its time"
    await rounds_are_sound(world)


def _noon_after(world: World, *, days: int) -> datetime:
    zone = world.app.settings.texts.zone
    today = day_of(world.clock.now(), zone)
    return datetime(today.year, today.month, today.day + days, 12, 30, tzinfo=zone)


@pytest.mark.faults("CLK4")
async def test_two_ticks_at_once_remind_once(any_world: World) -> None:
    world = any_world
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.published(secretary, "/通知 周五开会")
    world.clock.advance(timedelta(hours=25))
    await asyncio.gather(*(world.app.jobs.remind() for _ in range(3)))
    await world.app.settle()
    assert [len(reminders_of(person)) for person in (li, wang)] == [1, 1]


async def test_nobody_is_reminded_of_what_was_withdrawn_excused_or_closed(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    for title in ("周五开会", "交党费", "填表"):
        await world.published(secretary, f"/通知 {title}\n对象：李四，王五")
    await secretary.says("撤回 1")
    await secretary.says("结束 2")
    await secretary.says("豁免 3 李四 出差")
    await world.passes(hours=26)
    assert reminders_of(li) == []
    (only,) = reminders_of(wang)
    assert "填表" in only[1]
    assert "周五开会" not in only[1]
    assert "交党费" not in only[1]


async def test_by_hand_reminds_those_who_are_open_and_not_again_at_once(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.published(secretary, "/通知 周五开会\n对象：李四，王五")
    await li.says("收到")
    assert await secretary.says("催办 1") == "#1 会提醒 1 位还没完成的成员。"
    assert (len(reminders_of(li)), len(reminders_of(wang))) == (0, 1)
    again = await secretary.says("催办 1")
    assert again is not None
    assert "刚提醒过" in again
    await world.skips(minutes=11)
    third = await secretary.says("催办 1")
    assert third is not None
    assert "次数已满" in third
    assert len(reminders_of(wang)) == 1
    await rounds_are_sound(world)


@pytest.mark.faults("OUT28", "CLK3")
async def test_what_a_closed_road_held_up_does_not_come_in_a_heap(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 周五开会\n对象：李四\n提醒：24h，48h，72h")
    await world.passes(hours=23)
    world.twin.faults.add("message/send", times=100_000, errcode=60020)
    await world.passes(longest_step=STEP, hours=52)
    world.twin.faults.clear()
    await world.passes(hours=6)
    assert len(reminders_of(li)) == 1
    await world.passes(hours=24)
    assert len(reminders_of(li)) == 2
    await rounds_are_sound(world)


async def rounds_are_sound(world: World) -> None:
    """Rounds of a delivery are consecutive, each at most once; at most one is open."""
    async with world.app.database.reader.connect() as connection:
        rows = (await connection.execute(select(Reminder.delivery_id, Reminder.round, Reminder.state))).all()
    for delivery in {row[0] for row in rows}:
        rounds = sorted(number for d, number, _ in rows if d == delivery)
        assert rounds == list(range(1, len(rounds) + 1))
        assert sum(state == ReminderState.OPEN for d, _, state in rows if d == delivery) <= 1
        assert all(state != ReminderState.QUEUED for d, _, state in rows if d == delivery)
