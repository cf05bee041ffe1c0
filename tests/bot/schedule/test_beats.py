from datetime import UTC, datetime, timedelta

import pytest

from bot.schedule.beats import SOON, Beat

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("interval", "last", "expected"),
    [
        (SECOND, None, NOW + SECOND),
        (DAY, None, NOW + SOON),
        (SECOND, NOW, NOW + SECOND),
        (2 * SECOND, NOW - SECOND, NOW + SECOND),
        (SECOND, NOW - SECOND, NOW + SECOND),
        (SECOND, NOW - 30 * DAY, NOW + SECOND),
        (SECOND, NOW + DAY, NOW + SECOND),
        (DAY, NOW - timedelta(hours=20), NOW + timedelta(hours=4)),
    ],
)
@pytest.mark.faults("CLK2", "CLK8")
def test_the_next_time(interval: timedelta, last: datetime | None, expected: datetime) -> None:
    assert Beat(interval).get_next_fire_time(last, NOW) == expected
