"""The clock of an answer: it runs in working hours, stands still while the resident is asked back, and is fair to both.

`allowed` is the whole time to answer, `left` what remains of it: lengths of working time, or of plain time where no
working hours are set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.rules.wall_clock import day_of, instant_of, start_of_day
from bot.rules.workdays import Workdays

MORNING = time(9)
"""When the day begins where no working hours are set."""
_DAY = timedelta(days=1)
_FARTHEST = 1200  # days: a year of working time with all its weekends, and much room


class Step(IntEnum):
    """What happens as the time runs out; the number is how many steps lie behind a question after it."""

    HALF = 1
    THREE_QUARTERS = 2
    LATE = 3


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When the clock runs. `spans` are (from, to) of each workday, in order and apart; none: day and night.

    Raises ValueError for spans that are empty, overlap or stand in the wrong order.
    """

    spans: tuple[tuple[time, time], ...]
    workdays: Workdays
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if any(start >= end for start, end in self.spans) or any(a[1] > b[0] for a, b in pairwise(self.spans)):
            raise ValueError("working hours must follow one another")

    def add(self, at: datetime, length: timedelta) -> datetime:
        """When so much time has run since `at`; nothing to run means the next moment at which the clock runs.

        Never outside of working hours; their last moment counts as inside.
        """
        if not self.spans:
            return at.astimezone(UTC) + length
        left = max(length, timedelta())
        for start, end in self._from(at):
            if end - start >= left:
                return start + left
            left -= end - start
        raise OverflowError("the calendar has no such day")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much time runs from `start` to `end`; nothing when `end` comes first."""
        if not self.spans:
            return max(end - start, timedelta())
        total = timedelta()
        for begins, ends in self._from(start):
            if begins >= end:
                break
            total += min(ends, end) - begins
        return total

    def is_running(self, at: datetime) -> bool:
        """Whether the clock runs at that moment."""
        if not self.spans:
            return True
        return any(start <= at < end for start, end in self._of(day_of(at, self.zone)))

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time that are not over at `at`, the first one cut there."""
        today = day_of(at, self.zone)
        for n in range(_FARTHEST):
            for start, end in self._of(today + n * _DAY):
                if end > at:
                    yield max(start, at.astimezone(UTC)), end

    def _of(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.workdays.is_workday(day):
            return []
        return [(instant_of(day, start, self.zone), instant_of(day, end, self.zone)) for start, end in self.spans]


def step_at(working: WorkingTime, step: Step, *, allowed: timedelta, left: timedelta, at: datetime) -> datetime:
    """When a step is due, where `left` of the time remains at `at`."""
    after = {Step.HALF: left - allowed / 2, Step.THREE_QUARTERS: left - allowed / 4, Step.LATE: left}[step]
    return working.add(at, max(after, timedelta()))


def next_step(behind: int) -> Step:
    """The step that comes when so many lie behind a question; being late comes again and again."""
    return Step(min(behind + 1, Step.LATE))


def again_at(working: WorkingTime, at: datetime) -> datetime:
    """When a late question is brought up once more: the next morning that is worked."""
    tomorrow = day_of(at, working.zone) + _DAY
    if not working.spans:
        return instant_of(tomorrow, MORNING, working.zone)
    return working.add(start_of_day(tomorrow, working.zone), timedelta())
