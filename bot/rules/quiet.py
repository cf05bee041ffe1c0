"""Quiet hours: when nobody is to be disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.rules.wall_clock import day_of, instant_of

LEAD = timedelta(minutes=30)
"""How long before the quiet hours a message goes that cannot wait for their end: time enough to be sent."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet from `start` (included) to `end` (not included) on the wall clock of `zone`, over midnight too.

    Both None: never quiet. Equal ends, or one end alone, raise ValueError: nobody could tell what they mean.
    """

    start: time | None
    end: time | None
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise ValueError("quiet hours need a start and an end")
        if self.start is not None and self.start == self.end:
            raise ValueError("quiet hours must not start when they end")

    def is_quiet(self, at: datetime) -> bool:
        """Whether an instant lies in quiet hours."""
        return self._around(at) is not None

    def end_of_quiet(self, at: datetime) -> datetime:
        """The end of the quiet hours around `at`; `at` itself when it is not quiet."""
        around = self._around(at)
        return around[1] if around else at.astimezone(UTC)

    def start_before(self, at: datetime) -> datetime:
        """A moment before the quiet hours around `at` begin; `at` itself when it is not quiet."""
        around = self._around(at)
        if around is None:
            return at.astimezone(UTC)
        earlier = around[0] - LEAD
        return around[0] - timedelta(minutes=1) if self.is_quiet(earlier) else earlier

    def _around(self, at: datetime) -> tuple[datetime, datetime] | None:
        if self.start is None or self.end is None:
            return None
        today = day_of(at, self.zone)
        over_midnight = timedelta(days=self.end < self.start)
        for day in (today, today - timedelta(days=1)):
            start = instant_of(day, self.start, self.zone)
            end = instant_of(day + over_midnight, self.end, self.zone)
            if start <= at < end:
                return start, end
        return None
