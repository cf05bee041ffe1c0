"""When reminders are due, and when they may go. All times are Shanghai's, in November 2026: the 22nd is a Sunday."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.reminding import (
    Policy,
    Quiet,
    Workdays,
    all_moments,
    next_allowed_day,
    next_reminder,
    shift,
    within_limits,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
STANDARD = Policy(after=(24 * HOUR, 48 * HOUR), before_due=(24 * HOUR, 2 * HOUR))
NIGHT = Quiet(time(22), time(8), SHANGHAI)
NEVER = Quiet(None, None, SHANGHAI)
WEEK = Workdays()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else None


@pytest.mark.parametrize(
    ("policy", "sent", "due", "expected"),
    [
        (
            STANDARD,
            "2026-11-23 10:00",
            "2026-11-27 18:00",
            ["2026-11-24 10:00", "2026-11-25 10:00", "2026-11-26 18:00", "2026-11-27 16:00"],
        ),
        # no due time: only what comes after sending
        (STANDARD, "2026-11-23 10:00", None, ["2026-11-24 10:00", "2026-11-25 10:00"]),
        # before sending, or at that moment: skipped
        (STANDARD, "2026-11-23 10:00", "2026-11-24 10:00", ["2026-11-24 08:00"]),
        (STANDARD, "2026-11-23 10:00", "2026-11-23 11:00", []),
        # at or after the due time: dropped
        (
            STANDARD,
            "2026-11-23 10:00",
            "2026-11-24 20:00",
            ["2026-11-23 20:00", "2026-11-24 10:00", "2026-11-24 18:00"],
        ),
        (Policy(after=(24 * HOUR,)), "2026-11-23 10:00", "2026-11-24 10:00", []),
        # the same moment from both sides comes once
        (Policy((24 * HOUR,), (24 * HOUR,)), "2026-11-23 10:00", "2026-11-25 10:00", ["2026-11-24 10:00"]),
        # over the ends of months and years
        (STANDARD, "2026-12-31 10:00", None, ["2027-01-01 10:00", "2027-01-02 10:00"]),
        (Policy(before_due=(48 * HOUR,)), "2028-02-01 10:00", "2028-03-01 10:00", ["2028-02-28 10:00"]),
        (Policy(), "2026-11-23 10:00", "2026-11-27 18:00", []),
    ],
)
def test_the_moments_of_a_policy(policy: Policy, sent: str, due: str | None, expected: list[str]) -> None:
    moments = all_moments(policy, sent_at=at(sent), due_at=at(due) if due else None)
    assert [shown(each) for each in moments] == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-23 10:00", "2026-11-24 10:00"),
        ("2026-11-24 09:59", "2026-11-24 10:00"),
        ("2026-11-24 10:00", "2026-11-25 10:00"),
        ("2026-11-26 00:00", "2026-11-26 18:00"),
        ("2026-11-27 15:59", "2026-11-27 16:00"),
        ("2026-11-27 16:00", None),
        ("2027-11-27 16:00", None),
    ],
)
def test_the_next_reminder(after: str, expected: str | None) -> None:
    sent_at, due_at = at("2026-11-23 10:00"), at("2026-11-27 18:00")
    assert shown(next_reminder(STANDARD, sent_at=sent_at, due_at=due_at, after=at(after))) == expected


durations = st.lists(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=30)), max_size=4).map(tuple)


@given(durations, durations, st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)))
def test_reminders_come_one_after_the_other_and_end(
    after: tuple[timedelta, ...], before_due: tuple[timedelta, ...], due_in: timedelta | None
) -> None:
    policy = Policy(after, before_due)
    sent_at = at("2026-11-23 10:00")
    due_at = sent_at + due_in if due_in is not None else None
    walked = []
    moment = next_reminder(policy, sent_at=sent_at, due_at=due_at, after=sent_at)
    while moment is not None:
        assert moment > sent_at
        assert due_at is None or moment < due_at
        walked.append(moment)
        moment = next_reminder(policy, sent_at=sent_at, due_at=due_at, after=moment)
    assert tuple(walked) == all_moments(policy, sent_at=sent_at, due_at=due_at)


@pytest.mark.parametrize(
    ("policy", "dumped"),
    [
        (STANDARD, {"after": ["1d", "2d"], "before_due": ["1d", "2h"]}),
        (Policy(after=(timedelta(minutes=90), timedelta(seconds=61))), {"after": ["90m", "61s"], "before_due": []}),
        (Policy(), {"after": [], "before_due": []}),
    ],
)
def test_a_policy_is_stored_and_read_back(policy: Policy, dumped: dict[str, list[str]]) -> None:
    assert policy.dump() == dumped
    assert Policy.load(json.loads(json.dumps(dumped))) == policy


def test_a_policy_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="after sending"):
        Policy(after=(timedelta(),))
    with pytest.raises(ValueError, match="no durations"):
        Policy.load({"after": ["soon"]})


@pytest.mark.parametrize(
    ("moment", "now", "due", "quiet", "workdays", "expected"),
    [
        # nothing in the way
        ("2026-11-23 10:00", "2026-11-23 09:00", None, NIGHT, None, "2026-11-23 10:00"),
        ("2026-11-23 03:00", "2026-11-22 09:00", None, NEVER, None, "2026-11-23 03:00"),
        # late: now
        ("2026-11-20 10:00", "2026-11-23 09:00", None, NIGHT, None, "2026-11-23 09:00"),
        ("2026-11-20 10:00", "2026-11-23 02:00", None, NIGHT, None, "2026-11-23 08:00"),
        # the end of the quiet hours
        ("2026-11-23 22:00", "2026-11-23 09:00", None, NIGHT, None, "2026-11-24 08:00"),
        ("2026-11-24 07:59", "2026-11-23 09:00", None, NIGHT, None, "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-23 09:00", None, NIGHT, None, "2026-11-24 08:00"),
        ("2026-11-30 23:00", "2026-11-23 09:00", None, NIGHT, None, "2026-12-01 08:00"),
        ("2026-11-23 23:00", "2026-11-23 09:00", "2026-11-24 09:00", NIGHT, None, "2026-11-24 08:00"),
        # that would be too late: before the quiet hours begin
        ("2026-11-24 05:00", "2026-11-23 09:00", "2026-11-24 07:00", NIGHT, None, "2026-11-23 21:30"),
        ("2026-11-24 06:00", "2026-11-23 09:00", "2026-11-24 08:00", NIGHT, None, "2026-11-23 21:30"),
        ("2026-11-23 23:00", "2026-11-23 21:45", "2026-11-24 07:00", NIGHT, None, "2026-11-23 21:45"),
        # and before that it is too late already
        ("2026-11-23 23:00", "2026-11-23 22:30", "2026-11-24 07:00", NIGHT, None, None),
        ("2026-11-23 10:00", "2026-11-23 12:00", "2026-11-23 11:00", NIGHT, None, None),
        # workdays: the same time of the next one
        ("2026-11-28 14:00", "2026-11-23 09:00", None, NIGHT, WEEK, "2026-11-30 14:00"),
        ("2026-11-27 23:00", "2026-11-23 09:00", None, NIGHT, WEEK, "2026-11-30 08:00"),
        ("2026-11-29 23:00", "2026-11-23 09:00", None, NIGHT, WEEK, "2026-11-30 08:00"),
        ("2026-11-27 14:00", "2026-11-23 09:00", None, NIGHT, WEEK, "2026-11-27 14:00"),
        # or of the one before
        ("2026-11-29 16:00", "2026-11-23 09:00", "2026-11-29 18:00", NIGHT, WEEK, "2026-11-27 16:00"),
        ("2026-11-30 05:00", "2026-11-23 09:00", "2026-11-30 07:00", NIGHT, WEEK, "2026-11-27 21:30"),
        ("2026-11-29 16:00", "2026-11-28 09:00", "2026-11-29 18:00", NIGHT, WEEK, None),
        # a made-up Saturday, a holiday on Monday
        (
            "2026-11-28 14:00",
            "2026-11-23 09:00",
            None,
            NIGHT,
            Workdays(extra_workdays=frozenset({date(2026, 11, 28)})),
            "2026-11-28 14:00",
        ),
        (
            "2026-11-28 14:00",
            "2026-11-23 09:00",
            None,
            NIGHT,
            Workdays(holidays=frozenset({date(2026, 11, 30)})),
            "2026-12-01 14:00",
        ),
    ],
)
@pytest.mark.faults("CLK1", "CLK13")
def test_when_a_reminder_may_go(
    moment: str, now: str, due: str | None, quiet: Quiet, workdays: Workdays | None, expected: str | None
) -> None:
    allowed = shift(at(moment), quiet=quiet, workdays=workdays, due_at=at(due) if due else None, now=at(now))
    assert shown(allowed) == expected


@pytest.mark.faults("CLK9")
def test_quiet_hours_end_when_the_clocks_change() -> None:
    quiet = Quiet(time(22), time(2, 30), BERLIN)
    planned = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert shift(planned, quiet=quiet, workdays=None, due_at=None, now=planned) == datetime(2026, 3, 29, 1, tzinfo=UTC)


minutes = st.integers(min_value=0, max_value=14 * 24 * 60).map(lambda each: timedelta(minutes=each))


@given(minutes, minutes, st.none() | minutes, st.sampled_from([NIGHT, NEVER]), st.sampled_from([None, WEEK]))
@pytest.mark.faults("CLK13")
def test_a_reminder_never_goes_when_it_may_not(
    planned_in: timedelta, now_in: timedelta, due_in: timedelta | None, quiet: Quiet, workdays: Workdays | None
) -> None:
    start = at("2026-11-22 00:00")
    now, due_at = start + now_in, start + due_in if due_in is not None else None
    allowed = shift(start + planned_in, quiet=quiet, workdays=workdays, due_at=due_at, now=now)
    if allowed is None:
        assert due_at is not None
    else:
        assert allowed >= now
        assert due_at is None or allowed < due_at
        assert not quiet.is_quiet(allowed)
        assert workdays is None or allowed.astimezone(SHANGHAI).weekday() < 5


@pytest.mark.parametrize(
    ("today", "week", "daily", "weekly", "allowed", "day"),
    [
        (0, 0, 1, 3, True, date(2026, 11, 25)),
        (1, 1, 1, 3, False, date(2026, 11, 26)),
        (0, 3, 1, 3, False, date(2026, 11, 30)),
        (1, 3, 1, 3, False, date(2026, 11, 30)),
        (5, 9, 0, 0, True, date(2026, 11, 25)),
        (1, 9, 2, 0, True, date(2026, 11, 25)),
        (9, 9, 0, 10, True, date(2026, 11, 25)),
    ],
)
def test_limits(today: int, week: int, daily: int, weekly: int, allowed: bool, day: date) -> None:
    assert within_limits(sent_today=today, sent_this_week=week, daily=daily, weekly=weekly) is allowed
    wednesday = date(2026, 11, 25)
    following = next_allowed_day(wednesday, sent_today=today, sent_this_week=week, daily=daily, weekly=weekly)
    assert following == day


def test_the_week_of_a_sunday_ends_with_it() -> None:
    sunday = date(2026, 11, 29)
    assert next_allowed_day(sunday, sent_today=0, sent_this_week=3, daily=1, weekly=3) == date(2026, 11, 30)
