"""What leaves, in which order, how fast, and what is left behind when something breaks."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.message import CardUpdate, Recall
from bot.platforms.base import Outcome, Verdict
from storage.enums import Priority
from tests.bot.outbound.station import TAKEN, UNREADABLE, FarSide, Station, stand
from tests.postgres import Postgres


@pytest.mark.faults("DB18")
async def test_nobody_holds_a_connection_while_a_request_is_under_way(any_station: Station) -> None:
    await any_station.queue("开会", "user1", "user2")
    await any_station.sender.drain()
    assert [sent.recipients for sent in any_station.far.sent] == [["user1", "user2"]]
    assert any_station.far.held == [0]


async def test_the_same_words_leave_in_one_call_and_other_words_in_another(station: Station) -> None:
    await station.queue("开会", "user1", "user2")
    await station.queue("学习", "user1")
    await station.sender.drain()
    assert [(sent.words, sent.recipients) for sent in station.far.sent] == [
        ("开会", ["user1", "user2"]),
        ("学习", ["user1"]),
    ]


async def test_a_call_never_takes_more_people_than_the_platform_allows(station: Station) -> None:
    station.far.limits = replace(station.far.limits, recipients_per_call=2)
    await station.queue("开会", *(f"user{n}" for n in range(5)))
    await station.sender.drain()
    assert sorted(name for sent in station.far.sent for name in sent.recipients) == [f"user{n}" for n in range(5)]
    assert [len(sent.recipients) for sent in station.far.sent] == [2, 2, 1]


async def test_a_reply_passes_three_thousand_personal_messages(station: Station) -> None:
    for batch in range(3):
        for n in range(4):
            await station.queue(f"您的第 {batch} 份材料 {n}", *(f"user{batch}-{n}-{m}" for m in range(250)))
    station.far.limits = replace(station.far.limits, recipients_per_call=1)
    station.sender = station.another()
    station.far.open.clear()
    while await station.sender.step():
        pass
    await asyncio.sleep(0)
    assert len(station.far.sent) == 4, "as many at once as the platform takes"
    await station.queue("收到，谢谢", "user1", priority=Priority.REPLY)
    assert await station.sender.step() == 1
    await asyncio.sleep(0)
    assert station.far.words[-1] == "收到，谢谢"


async def test_urgent_words_pass_items_and_items_pass_reminders(station: Station) -> None:
    station.far.limits = replace(station.far.limits, concurrent_calls=1)
    station.sender = station.another()
    for words, priority in (("提醒", Priority.REMINDER), ("通知", Priority.ITEM), ("撤回", Priority.URGENT)):
        await station.queue(words, "user1", priority=priority)
    await station.sender.drain()
    assert station.far.words == ["撤回", "通知", "提醒"]


@pytest.mark.faults("OUT19")
async def test_parts_of_a_long_reply_leave_one_after_the_other(station: Station) -> None:
    station.far.endings = [Outcome(Verdict.LATER, "busy", http_status=200, code=-1)]
    for number in (1, 2, 3):
        await station.queue(f"第 {number} 段", "user1", priority=Priority.REPLY, lane="wecom:user1")
    await station.queue("给别人的", "user2", priority=Priority.REPLY, lane="wecom:user2")
    await station.sender.drain()
    assert station.far.words == ["第 1 段", "给别人的"], "the second part waits for the first"
    await station.passes(seconds=2)
    assert station.far.words == ["第 1 段", "给别人的", "第 1 段", "第 2 段", "第 3 段"]


async def test_a_reply_in_doubt_does_not_close_its_lane_for_hours(station: Station) -> None:
    station.far.endings = [UNREADABLE] * 3
    await station.queue("第一句", "user1", priority=Priority.REPLY, lane="wecom:user1")
    await station.sender.drain()
    await station.queue("第二句", "user1", priority=Priority.REPLY, lane="wecom:user1")
    await station.sender.drain()
    assert station.far.words == ["第一句"]
    await station.passes(seconds=61)
    assert "第二句" in station.far.words


@pytest.mark.faults("OUT2", "OUT31")
async def test_what_is_in_doubt_leaves_again_with_the_same_bytes(station: Station) -> None:
    station.far.endings = [UNREADABLE, UNREADABLE, TAKEN]
    await station.queue("开会", "user1", "user2")
    await station.sender.drain()
    assert await station.phases() == ["doubtful", "doubtful"]
    await station.passes(seconds=5)
    await station.passes(seconds=30)
    assert await station.phases() == ["accepted", "accepted"]
    assert len({sent.body for sent in station.far.sent}) == 1
    assert [(sent.at - station.far.sent[0].at).total_seconds() for sent in station.far.sent] == [0, 5, 35]


@pytest.mark.faults("OUT3")
async def test_after_the_window_nobody_repeats_it(station: Station) -> None:
    station.far.endings = [UNREADABLE] * 100
    await station.queue("开会", "user1")
    for _ in range(25):
        await station.passes(minutes=10)
    assert await station.phases() == ["unknown"]
    assert station.far.sent[-1].at - station.far.sent[0].at < timedelta(hours=3, minutes=30)
    count = len(station.far.sent)
    await station.passes(hours=5)
    assert len(station.far.sent) == count


async def test_repeats_keep_to_the_number_of_calls_at_once(station: Station) -> None:
    station.far.endings = [Outcome(Verdict.DOUBTFUL, "unknown_code", http_status=200, code=99999)] * 12
    for n in range(12):
        await station.queue(f"第 {n} 条", f"user{n}")
    await station.sender.drain()
    assert set(await station.phases()) == {"doubtful"}
    station.far.open.clear()
    station.clock.advance(timedelta(seconds=5))
    station.seconds += 5
    while await station.sender.step():
        pass
    await asyncio.sleep(0)
    assert station.far.most_at_once <= 4
    station.far.open.set()
    await station.sender.drain()
    assert set(await station.phases()) == {"accepted"}


@pytest.mark.faults("OUT1", "UPG6")
async def test_a_new_process_repeats_what_was_under_way(station: Station) -> None:
    station.far.open.clear()
    await station.queue("开会", "user1")
    await station.sender.step()
    await asyncio.sleep(0)
    await station.sender.finish(timedelta())
    assert await station.phases() == ["in_flight"]
    station.far.open.set()
    station.sender = station.another()
    await station.sender.recover()
    await station.sender.drain()
    assert await station.phases() == ["accepted"]
    first, second = station.far.sent
    assert first.body == second.body


async def test_a_call_that_nobody_carries_any_more_is_found(station: Station) -> None:
    station.far.open.clear()
    await station.queue("开会", "user1")
    await station.sender.step()
    await asyncio.sleep(0)
    await station.sender.finish(timedelta())
    station.far.open.set()
    other = station.another()
    await other.drain()
    assert len(station.far.sent) == 1, "another process may be carrying it"
    station.clock.advance(timedelta(minutes=3))
    await other.drain()
    assert await station.phases() == ["accepted"]


async def test_an_outcome_that_cannot_be_written_is_written_later(station: Station) -> None:
    await station.queue("开会", "user1")
    station.far.open.clear()
    await station.sender.step()
    async with station.database.writing() as connection:
        await connection.execute(text("ALTER TABLE message RENAME TO elsewhere"))
    station.far.open.set()
    await asyncio.sleep(0.05)
    async with station.database.writing() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO message"))
    await station.sender.drain()
    assert await station.phases() == ["accepted"]
    assert len(station.far.sent) == 1


async def test_one_row_that_cannot_be_composed_holds_up_nobody(station: Station) -> None:
    station.far.refuses = lambda recipients: "bad|id" in recipients
    await station.queue("开会", "user1", "bad|id", "user2")
    await station.queue("学习", "user1")
    for _ in range(3):
        await station.passes(seconds=1)
    assert await station.phases() == ["accepted", "refused", "accepted", "accepted"]


@pytest.mark.faults("OUT16")
async def test_a_list_with_nobody_in_it_is_sent_to_each_alone(station: Station) -> None:
    nobody = Outcome(Verdict.REFUSED, "unknown_user", about_person=True, http_status=200, code=40003)
    station.far.endings = [nobody, TAKEN, nobody, TAKEN]
    await station.queue("开会", "user1", "user2", "user3")
    await station.passes(seconds=1)
    await station.passes(seconds=1)
    assert [sent.recipients for sent in station.far.sent] == [
        ["user1", "user2", "user3"],
        ["user1"],
        ["user2"],
        ["user3"],
    ]
    assert await station.phases() == ["accepted", "refused", "accepted"]


@pytest.mark.faults("OUT8")
async def test_one_person_gets_three_a_minute_and_twenty_a_day(station: Station) -> None:
    for n in range(25):
        await station.queue(f"第 {n} 条", "user1")
    for _ in range(60):
        await station.passes(seconds=20)
    times = [sent.at for sent in station.far.sent]
    assert len(times) == 20
    assert all(later - earlier >= timedelta(minutes=1) for earlier, later in zip(times, times[3:], strict=False))
    await station.passes(hours=24)
    await station.passes(hours=1)
    await station.passes(hours=1)
    assert len(station.far.sent) == 25


@pytest.mark.faults("OUT8")
async def test_answers_stop_short_of_what_the_platform_drops(station: Station) -> None:
    for n in range(40):
        await station.queue(f"答 {n}", "user1", priority=Priority.REPLY)
    await station.sender.drain()
    assert len(station.far.sent) == 25
    await station.passes(seconds=61)
    assert len(station.far.sent) == 40


async def test_many_answers_that_wait_hide_nothing_else(station: Station) -> None:
    for n in range(100):
        await station.queue(f"答 {n}", f"user{n}", priority=Priority.REPLY)
    await station.queue("开会", "user200")
    await station.sender.step()
    *answers, item = await station.phases()
    assert item in ("in_flight", "accepted")
    assert "ready" in answers
    await station.sender.drain()
    assert set(await station.phases()) == {"accepted"}


async def test_recalls_and_changed_cards_are_no_messages(station: Station) -> None:
    for n in range(30):
        await station.queue(Recall(f"m{n}"), "-", kind="recall", priority=Priority.URGENT)
        await station.queue(CardUpdate(f"code{n}", "user1", "已确认"), "user1", kind="card", priority=Priority.REPLY)
    await station.sender.drain()
    assert set(await station.phases()) == {"accepted"}
    await station.queue("开会", "user1")
    await station.sender.drain()
    assert station.far.words[-1] == "开会"


async def test_quiet_words_wait_for_the_morning_and_others_do_not(station: Station) -> None:
    await station.passes(hours=13)
    await station.queue("提醒", "user1", quiet=True)
    await station.queue("通知", "user1")
    await station.sender.drain()
    assert station.far.words == ["通知"]
    assert await station.sender.step() == 0
    await station.passes(hours=9)
    assert station.far.words == ["通知", "提醒"]


async def test_what_is_over_is_not_sent(station: Station) -> None:
    await station.queue("开会", "user1", expires_at=station.clock.now() + timedelta(minutes=1))
    station.clock.advance(timedelta(minutes=2))
    await station.sender.drain()
    assert station.far.sent == []
    assert await station.phases() == ["dropped"]


@pytest.mark.faults("OUT13")
async def test_a_busy_platform_is_asked_again_and_then_given_up_by_name(station: Station) -> None:
    busy = Outcome(Verdict.LATER, "busy", http_status=200, code=-1)
    station.far.endings = [busy] * 8
    await station.queue("开会", "user1")
    for _ in range(40):
        await station.passes(minutes=1)
    gaps = [(b.at - a.at).total_seconds() for a, b in zip(station.far.sent, station.far.sent[1:], strict=False)]
    assert len(station.far.sent) == 8
    assert gaps[-1] == 300
    assert await station.phases() == ["refused"]


async def test_a_long_wait_in_the_queue_does_not_use_up_tries(station: Station) -> None:
    held = Outcome(Verdict.LATER, "no_permission", after=timedelta(hours=30), counted=False, hold=True, http_status=200)
    station.far.endings = [held, Outcome(Verdict.LATER, "busy", http_status=200, code=-1)]
    await station.queue("开会", "user1")
    await station.sender.drain()
    await station.passes(hours=30)
    await station.passes(seconds=1)
    await station.passes(seconds=60)
    assert await station.phases() == ["accepted"]


@pytest.mark.postgres
@pytest.mark.faults("DB6", "CLK4")
async def test_two_processes_take_different_rows(postgres: Postgres) -> None:
    async with stand(await postgres.fresh()) as station:
        limits = replace(station.far.limits, recipients_per_call=1, calls_per_second=100_000)
        fars = [FarSide(station.clock, limits, station.database) for _ in range(2)]
        for n in range(60):
            await station.queue(f"第 {n} 条", f"user{n}")
        for far in fars:
            far.open.set()
        senders = [station.another(far) for far in fars]
        await asyncio.gather(*(sender.drain() for sender in senders))
        await asyncio.gather(*(sender.drain() for sender in senders))
        words = [words for far in fars for words in far.words]
        assert len(words) == len(set(words)) == 60
        assert set(await station.phases()) == {"accepted"}
        for sender in senders:
            await sender.finish(timedelta())
