"""What comes to many at the full or the half hour comes to each at their own minute."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.spreading import OVER, spread

EIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@pytest.mark.faults("CLK15", "OUT27")
@pytest.mark.parametrize(
    ("at", "member", "before", "minutes"),
    [
        (EIGHT, 10, None, 0),
        (EIGHT, 17, None, 7),
        (EIGHT + timedelta(minutes=30), 17, None, 7),
        (EIGHT + timedelta(minutes=2), 17, None, 0),
        (EIGHT + timedelta(seconds=1), 17, None, 0),
        (EIGHT, 17, EIGHT + timedelta(minutes=10), 0),
        (EIGHT, 17, EIGHT + timedelta(hours=2), 7),
    ],
)
def test_a_members_own_minute(at: datetime, member: int, before: datetime | None, minutes: int) -> None:
    assert spread(at, member, before=before) == at + timedelta(minutes=minutes)


@pytest.mark.faults("CLK15")
def test_five_thousand_share_ten_minutes() -> None:
    moments = [spread(EIGHT, member) for member in range(1, 5001)]
    assert {moments.count(each) for each in set(moments)} == {500}
    assert max(moments) < EIGHT + timedelta(minutes=OVER)
