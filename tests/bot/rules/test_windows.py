"""The platform's window for words to a resident: 5 messages in 48 hours, 3 within a minute after a tap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.windows import MARGIN, SPOKEN, Window, window

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


@pytest.mark.faults("OUT29")
@pytest.mark.parametrize(
    ("spoke", "touched", "after_speaking", "after_touching", "left"),
    [
        (None, None, 0, 0, 0),
        (ago(hours=1), None, 0, 0, 5),
        (ago(hours=1), None, 4, 0, 1),
        (ago(hours=1), None, 5, 0, 0),
        (ago(hours=1), None, 9, 0, 0),
        (ago(hours=47, minutes=59), None, 0, 0, 5),
        (ago(hours=48), None, 0, 0, 0),
        (None, ago(seconds=30), 0, 0, 3),
        (None, ago(seconds=30), 0, 3, 0),
        (None, ago(seconds=60), 0, 0, 0),
        (ago(hours=1), ago(seconds=30), 4, 0, 3),
        (ago(hours=1), ago(seconds=30), 1, 0, 4),
        (ago(hours=50), ago(seconds=30), 5, 1, 2),
    ],
)
def test_what_is_left(
    spoke: datetime | None, touched: datetime | None, after_speaking: int, after_touching: int, left: int
) -> None:
    here = window(
        spoke_at=spoke, touched_at=touched, after_speaking=after_speaking, after_touching=after_touching, now=NOW
    )
    assert here.left == left
    assert here.is_open(NOW) or left == 0


def test_used_up_and_closed_are_told_apart() -> None:
    used_up = window(spoke_at=ago(hours=1), touched_at=None, after_speaking=5, after_touching=0, now=NOW)
    closed = window(spoke_at=ago(hours=49), touched_at=None, after_speaking=0, after_touching=0, now=NOW)
    assert (used_up.is_open(NOW), used_up.left) == (True, 0)
    assert closed == Window(0, None)


@given(st.timedeltas(timedelta(), timedelta(days=3)), st.integers(0, 9))
def test_nothing_is_admitted_that_the_platform_refuses(since: timedelta, sent: int) -> None:
    here = window(spoke_at=NOW - since, touched_at=None, after_speaking=sent, after_touching=0, now=NOW)
    assert (here.left > 0 and here.is_open(NOW)) == (sent < 5 and since < SPOKEN - MARGIN)
