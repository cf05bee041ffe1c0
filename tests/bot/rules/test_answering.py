"""The clock of an answer in working hours: lunch, weekends, holidays, make-up days."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.answering import Step, WorkingTime, again_at, next_step, step_at
from bot.schedule.calendar import workdays

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = WorkingTime(((time(9), time(12)), (time(14), time(18))), workdays([]), ZONE)
ALWAYS = WorkingTime((), workdays([]), ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


@pytest.mark.parametrize(
    ("asked", "length", "due"),
    [
        ("2026-11-23 10:00", hours(2), "2026-11-23 12:00"),
        ("2026-11-23 11:00", hours(2), "2026-11-23 15:00"),
        ("2026-11-23 12:30", hours(1), "2026-11-23 15:00"),
        ("2026-11-23 17:30", hours(1), "2026-11-24 09:30"),
        ("2026-11-23 23:00", hours(7), "2026-11-24 18:00"),
        ("2026-11-23 05:00", hours(1), "2026-11-23 10:00"),
        ("2026-11-27 17:00", hours(2), "2026-11-30 10:00"),
        ("2026-11-28 10:00", hours(0.5), "2026-11-30 09:30"),
        ("2026-11-23 10:00", hours(24), "2026-11-26 15:00"),
        ("2026-11-23 12:00", timedelta(), "2026-11-23 14:00"),
        ("2026-11-23 12:01", timedelta(), "2026-11-23 14:00"),
        # 30 September 2026 is a Wednesday; 1 to 7 October are holidays, Saturday 10 October makes up for one.
        ("2026-09-30 17:00", hours(2), "2026-10-08 10:00"),
        ("2026-10-09 17:00", hours(2), "2026-10-10 10:00"),
        ("2026-02-14 17:00", hours(2), "2026-02-24 10:00"),
    ],
)
def test_working_time_is_added(asked: str, length: timedelta, due: str) -> None:
    assert OFFICE.add(at(asked), length) == at(due)


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ("2026-11-23 10:00", "2026-11-23 15:00", hours(3)),
        ("2026-11-23 12:10", "2026-11-23 13:50", timedelta()),
        ("2026-11-27 17:00", "2026-11-30 10:00", hours(2)),
        ("2026-11-23 15:00", "2026-11-23 10:00", timedelta()),
        ("2026-11-28 00:00", "2026-11-30 00:00", timedelta()),
    ],
)
def test_working_time_between(start: str, end: str, length: timedelta) -> None:
    assert OFFICE.between(at(start), at(end)) == length


def test_steps_of_escalation() -> None:
    asked, allowed = at("2026-11-23 09:00"), hours(4)
    steps = [step_at(OFFICE, step, allowed=allowed, left=allowed, at=asked) for step in Step]
    assert steps == [at("2026-11-23 11:00"), at("2026-11-23 12:00"), at("2026-11-23 15:00")]
    later = at("2026-11-23 15:00")
    assert step_at(OFFICE, Step.HALF, allowed=allowed, left=hours(1), at=later) == later
    assert step_at(OFFICE, Step.LATE, allowed=allowed, left=hours(1), at=later) == at("2026-11-23 16:00")
    assert [next_step(behind) for behind in range(5)] == [Step.HALF, Step.THREE_QUARTERS, *[Step.LATE] * 3]


def test_what_is_late_is_brought_up_each_morning_that_is_worked() -> None:
    assert again_at(OFFICE, at("2026-11-27 15:00")) == at("2026-11-30 09:00")
    assert again_at(ALWAYS, at("2026-11-27 15:00")) == at("2026-11-28 09:00")


@pytest.mark.parametrize("spans", [((time(12), time(9)),), ((time(9), time(12)), (time(11), time(14)))])
def test_spans_follow_one_another(spans: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="follow"):
        WorkingTime(spans, workdays([]), ZONE)


moments = st.timedeltas(timedelta(), timedelta(days=540)).map(lambda after: at("2026-01-01 00:00") + after)
lengths = st.timedeltas(timedelta(), timedelta(days=6))


@settings(max_examples=60, deadline=None)
@given(moments, lengths, lengths, st.timedeltas(timedelta(), timedelta(days=10)))
def test_adding_is_monotone_and_never_ends_outside(
    start: datetime, length: timedelta, more: timedelta, later: timedelta
) -> None:
    due = OFFICE.add(start, length)
    assert due >= start
    assert OFFICE.add(start, length + more) >= due
    assert OFFICE.add(start + later, length) >= due
    local = due.astimezone(ZONE)
    assert OFFICE.workdays.is_workday(local.date())
    assert any(begins <= local.time() <= ends for begins, ends in OFFICE.spans)
    assert OFFICE.between(start, due) == length


@settings(max_examples=60, deadline=None)
@given(moments, lengths, st.timedeltas(timedelta(), timedelta(days=5)), st.timedeltas(timedelta(), timedelta(days=5)))
def test_a_pause_never_shortens(start: datetime, length: timedelta, until: timedelta, pause: timedelta) -> None:
    due = OFFICE.add(start, length)
    paused = min(start + until, due)
    left = OFFICE.between(paused, due)
    assert OFFICE.add(paused + pause, left) >= due
    assert OFFICE.between(start, paused) + left == length
