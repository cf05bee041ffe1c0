"""A connection that lives and brings nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import ManualClock
from bot.schedule.hearing import Hearing
from bot.schedule.stalls import Stalls

DAY = timedelta(days=1)


@pytest.mark.faults("CB30")
@pytest.mark.parametrize(
    ("busy_days", "app_now", "bot_now", "deaf"),
    [
        (3, 9, 0, True),
        (2, 9, 0, True),
        (1, 9, 0, False),
        (0, 9, 0, False),
        (3, 9, 1, False),
        # A holiday: the app hears nothing either.
        (3, 0, 0, False),
    ],
)
def test_an_ear_that_hears_nothing_at_a_busy_hour(busy_days: int, app_now: int, bot_now: int, deaf: bool) -> None:
    clock = ManualClock(datetime(2026, 11, 20, 2, 10, tzinfo=UTC))
    hearing = Hearing(clock)
    for _ in range(busy_days):
        for _ in range(8):
            hearing.note("wecom_bot")
        clock.advance(DAY)
    for platform, times in (("wecom", app_now), ("wecom_bot", bot_now)):
        for _ in range(times):
            hearing.note(platform)
    clock.advance(timedelta(minutes=30))
    assert not hearing.is_deaf("wecom_bot", beside="wecom"), "the hour is not over"
    clock.advance(timedelta(minutes=25))
    assert hearing.is_deaf("wecom_bot", beside="wecom") is deaf


def test_how_long_ago_each_platform_was_heard() -> None:
    clock = ManualClock(datetime(2026, 11, 20, 2, 10, tzinfo=UTC))
    hearing = Hearing(clock)
    hearing.note("wecom")
    clock.advance(DAY)
    assert hearing.since() == {"wecom": DAY}


def test_a_stall_is_what_is_longer_than_fifty_milliseconds() -> None:
    stalls = Stalls()
    stalls.note(timedelta(milliseconds=49))
    assert stalls.worst == timedelta()
    stalls.note(timedelta(milliseconds=120))
    stalls.note(timedelta(milliseconds=60))
    assert stalls.worst == timedelta(milliseconds=120)
