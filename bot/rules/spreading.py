"""What falls on the full or the half hour for many, spread over some minutes: everybody's programs push then.

https://developer.work.weixin.qq.com/document/path/90236 asks for it. A member always has the same place in the spread.
"""

from __future__ import annotations

from datetime import datetime, timedelta

OVER = 10
"""Minutes. In whole minutes, so that those of one minute still leave in one request."""
ON_THE_DOT = (0, 30)


def is_on_the_dot(at: datetime) -> bool:
    """Whether an instant is a full or a half hour, which it is in nearly every zone at once."""
    return at.minute in ON_THE_DOT and at.second == 0 and at.microsecond == 0


def place(member_id: int) -> timedelta:
    """How long after the others' moment this member's comes: from nothing to nine minutes."""
    return timedelta(minutes=member_id % OVER)


def spread(at: datetime, member_id: int, *, before: datetime | None = None) -> datetime:
    """The member's own moment for something that comes to many at `at`; never at or after `before`."""
    if not is_on_the_dot(at) or (before is not None and before - at <= timedelta(minutes=OVER)):
        return at
    return at + place(member_id)
