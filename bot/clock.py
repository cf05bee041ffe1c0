"""What time it is. Inside the house every instant is an aware datetime in UTC."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time. Only the composition root chooses one."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """How long the machine has run, sleep included where it tells: nobody can set this clock."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return _uptime()


class ShiftedClock:
    """The machine's clock plus an offset that somebody moves: the demo's clock."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def elapsed(self) -> timedelta:
        return _uptime() + self.offset

    def advance(self, by: timedelta) -> None:
        """Moves the time forward."""
        self.offset += by


class ManualClock:
    """A clock that stands still until it is moved: the tests' clock."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._elapsed = timedelta()

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> timedelta:
        return self._elapsed

    def advance(self, by: timedelta) -> None:
        """Moves the time forward."""
        self._now += by
        self._elapsed += by

    def jump(self, by: timedelta) -> None:
        """Sets the clock to another time, while none has passed."""
        self._now += by


def _uptime() -> timedelta:
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return timedelta(seconds=time.monotonic() if clock is None else time.clock_gettime(clock))
