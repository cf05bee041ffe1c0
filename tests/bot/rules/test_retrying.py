"""When to try again, and when to stop."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.retrying import MOST_COUNTED_TRIES, busy_delay, doubt_delay, gives_up, network_delay, patient_delay

FIRST = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tries", "jitter", "seconds"),
    [
        (1, 0.5, 2),
        (2, 0.5, 4),
        (3, 0.5, 8),
        (7, 0.5, 128),
        (8, 0.5, 256),
        (9, 0.5, 300),
        (10_000, 0.5, 300),
        (1, 0.0, 1),
        (1, 1.0, 3),
        (9, 0.0, 256),
        (10, 1.0, 300),
        (0, 0.5, 2),
    ],
)
def test_after_a_network_failure(tries: int, jitter: float, seconds: float) -> None:
    assert network_delay(tries, jitter) == timedelta(seconds=seconds)


@given(st.integers(), st.floats(min_value=0, max_value=1))
def test_a_network_delay_stays_within_its_bounds(tries: int, jitter: float) -> None:
    assert timedelta(seconds=1) <= network_delay(tries, jitter) <= timedelta(minutes=5)


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 1), (2, 5), (3, 30), (4, 300), (99, 300)])
def test_after_the_platform_was_busy(tries: int, seconds: float) -> None:
    assert busy_delay(tries) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1 / 12), (1, 1 / 12), (2, 5), (4, 120), (7, 840), (99, 840)])
def test_somebody_elses_address(tries: int, minutes: float) -> None:
    assert patient_delay(tries) == timedelta(minutes=minutes)


def test_an_address_that_is_down_for_a_day_loses_nothing() -> None:
    assert sum((patient_delay(tries) for tries in range(1, MOST_COUNTED_TRIES)), timedelta()) > timedelta(hours=24)


@pytest.mark.parametrize(("tries", "seconds"), [(0, 5), (1, 5), (2, 30), (3, 120), (4, 600), (99, 600)])
def test_in_doubt(tries: int, seconds: float) -> None:
    assert doubt_delay(tries) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("tries", "passed", "expected"),
    [
        (0, timedelta(), False),
        (7, timedelta(hours=23, minutes=59), False),
        (8, timedelta(minutes=1), True),
        (1, timedelta(hours=24), True),
        (1, timedelta(hours=-1), False),
    ],
)
def test_gives_up(tries: int, passed: timedelta, expected: bool) -> None:
    assert gives_up(tries, FIRST, FIRST + passed) is expected
