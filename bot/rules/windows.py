"""How many words of ours the official account lets through to a resident, and until when.

A message of theirs opens it for 48 hours and 5 messages, following, scanning or pressing the menu for a minute and 3:
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SPOKEN, SPOKEN_MESSAGES = timedelta(hours=48), 5
TOUCHED, TOUCHED_MESSAGES = timedelta(minutes=1), 3
MARGIN = timedelta(seconds=5)
"""Two clocks and a way lie between us and the platform."""
CLOSING = timedelta(hours=4)
"""How long before it closes somebody is warned."""


@dataclass(frozen=True, slots=True)
class Window:
    """`left` messages may still go until `closes_at`; None when it is closed, and nothing may."""

    left: int
    closes_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        return self.closes_at is not None and now < self.closes_at


def window(
    *,
    spoke_at: datetime | None,
    touched_at: datetime | None,
    after_speaking: int,
    after_touching: int,
    now: datetime,
) -> Window:
    """The window as it stands: of the two the one that admits more. The counts are messages of ours since then."""
    options = (
        _option(spoke_at, SPOKEN, SPOKEN_MESSAGES - after_speaking, now),
        _option(touched_at, TOUCHED, TOUCHED_MESSAGES - after_touching, now),
    )
    best = max(options, key=lambda each: (each.left, each.closes_at is not None, each.closes_at or now))
    return best if best.closes_at is not None else Window(0, None)


def _option(opened_at: datetime | None, lasts: timedelta, left: int, now: datetime) -> Window:
    if opened_at is None or now >= opened_at + lasts - MARGIN:
        return Window(0, None)
    return Window(max(left, 0), opened_at + lasts - MARGIN)
