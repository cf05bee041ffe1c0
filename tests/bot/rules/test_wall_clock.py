"""What the clock on the wall shows, and when."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.wall_clock import day_of, instant_of, start_of_day, week_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its summer time is half an hour
APIA = ZoneInfo("Pacific/Apia")  # 2011-12-30 did not happen
SANTIAGO = ZoneInfo("America/Santiago")  # its clocks change at midnight


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 11, 22), time(18), SHANGHAI, "2026-11-22 10:00:00"),
        (date(2026, 3, 29), time(1, 59, 59), BERLIN, "2026-03-29 00:59:59"),
        (date(2026, 3, 29), time(2), BERLIN, "2026-03-29 01:00:00"),
        (date(2026, 3, 29), time(2, 30), BERLIN, "2026-03-29 01:00:00"),
        (date(2026, 3, 29), time(3), BERLIN, "2026-03-29 01:00:00"),
        (date(2026, 10, 25), time(2, 30), BERLIN, "2026-10-25 00:30:00"),
        (date(2026, 10, 25), time(3), BERLIN, "2026-10-25 02:00:00"),
        (date(2026, 3, 8), time(2, 59), NEW_YORK, "2026-03-08 07:00:00"),
        (date(2026, 10, 4), time(2, 15), LORD_HOWE, "2026-10-03 15:30:00"),
        (date(2011, 12, 30), time(12), APIA, "2011-12-30 10:00:00"),
    ],
)
@pytest.mark.faults("CLK9")
def test_the_instant_of(day: date, at: time, zone: ZoneInfo, expected: str) -> None:
    instant = instant_of(day, at, zone)
    assert instant.tzinfo is UTC
    assert f"{instant:%Y-%m-%d %H:%M:%S}" == expected


def test_a_day_whose_midnight_does_not_happen_begins_later() -> None:
    assert start_of_day(date(2026, 9, 6), SANTIAGO).astimezone(SANTIAGO).time() == time(1)


def test_days_and_weeks_are_those_of_the_zone() -> None:
    at = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # already Monday in Shanghai
    assert day_of(at, SHANGHAI) == date(2026, 11, 23)
    assert week_of(at, SHANGHAI) == date(2026, 11, 23)
    assert day_of(at, BERLIN) == date(2026, 11, 22)
    assert week_of(at, BERLIN) == date(2026, 11, 16)


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)),
    st.times(),
    st.sampled_from([SHANGHAI, BERLIN, NEW_YORK, LORD_HOWE, SANTIAGO]),
)
@pytest.mark.faults("CLK9")
def test_a_time_that_happens_is_shown_at_its_instant(day: date, at: time, zone: ZoneInfo) -> None:
    shown = instant_of(day, at, zone).astimezone(zone)
    wanted = datetime.combine(day, at)
    assert shown.replace(tzinfo=None) >= wanted
