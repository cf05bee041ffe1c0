"""Quiet hours, over midnight and over the change of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.quiet import Quiet

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(22), time(8), SHANGHAI)
NOON = Quiet(time(12), time(14), SHANGHAI)
WHOLE_DAY = Quiet(time(0), time(23, 59), SHANGHAI)
NEVER = Quiet(None, None, SHANGHAI)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "end", "before"),
    [
        (NIGHT, "2026-11-22 21:59", None, None),
        (NIGHT, "2026-11-22 22:00", "2026-11-23 08:00", "2026-11-22 21:30"),
        (NIGHT, "2026-11-23 00:00", "2026-11-23 08:00", "2026-11-22 21:30"),
        (NIGHT, "2026-11-23 07:59:59", "2026-11-23 08:00", "2026-11-22 21:30"),
        (NIGHT, "2026-11-23 08:00", None, None),
        (NIGHT, "2026-12-31 23:00", "2027-01-01 08:00", "2026-12-31 21:30"),
        (NOON, "2026-11-22 11:59", None, None),
        (NOON, "2026-11-22 13:00", "2026-11-22 14:00", "2026-11-22 11:30"),
        (NOON, "2026-11-22 14:00", None, None),
        (NOON, "2026-11-22 03:00", None, None),
        (WHOLE_DAY, "2026-11-22 00:00", "2026-11-22 23:59", "2026-11-21 23:59"),
        (WHOLE_DAY, "2026-11-22 12:00", "2026-11-22 23:59", "2026-11-21 23:59"),
        (WHOLE_DAY, "2026-11-22 23:59", None, None),
        (NEVER, "2026-11-22 03:00", None, None),
    ],
)
@pytest.mark.faults("CLK13")
def test_quiet_hours(quiet: Quiet, moment: str, end: str | None, before: str | None) -> None:
    instant = at(moment)
    assert quiet.is_quiet(instant) is (end is not None)
    assert quiet.end_of_quiet(instant) == at(end or moment)
    assert quiet.start_before(instant) == at(before or moment)


@pytest.mark.parametrize(
    ("start", "end"), [(time(22), time(22)), (time(0), time(0)), (time(22), None), (None, time(8))]
)
@pytest.mark.faults("CLK13")
def test_ends_that_say_nothing_are_refused(start: time | None, end: time | None) -> None:
    with pytest.raises(ValueError, match="quiet hours"):
        Quiet(start, end, SHANGHAI)


@pytest.mark.faults("CLK9")
def test_an_end_in_the_missing_hour_is_the_instant_after_it() -> None:
    quiet = Quiet(time(22), time(2, 30), BERLIN)
    assert quiet.end_of_quiet(at("2026-03-29 01:00", BERLIN)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.faults("CLK9")
def test_an_end_in_the_repeated_hour_comes_once() -> None:
    quiet = Quiet(time(22), time(2, 30), BERLIN)
    first_end = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert quiet.end_of_quiet(first_end - timedelta(minutes=1)) == first_end
    assert not quiet.is_quiet(first_end)
    assert not quiet.is_quiet(first_end + timedelta(minutes=45))  # 02:15 for the second time


@given(
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.integers(min_value=0, max_value=5_000_000),
    st.sampled_from([SHANGHAI, BERLIN]),
)
@pytest.mark.faults("CLK13")
def test_the_end_of_quiet_is_the_first_instant_that_is_not(
    start: time, end: time, minutes: int, zone: ZoneInfo
) -> None:
    if start == end:
        return
    quiet = Quiet(start, end, zone)
    instant = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ended = quiet.end_of_quiet(instant)
    assert not quiet.is_quiet(ended)
    if ended != instant:
        assert quiet.is_quiet(ended - timedelta(microseconds=1))
    assert quiet.start_before(instant) <= instant
