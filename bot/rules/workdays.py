"""Which days are worked: Monday to Friday, except holidays, and the weekend days that make up for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_FRIDAY = 4
_LONGEST_BREAK = 60  # days: a calendar without a workday for longer is a mistake, not a holiday


@dataclass(frozen=True, slots=True)
class Workdays:
    """The official calendar and the branch's own days, as values.

    A day that is in both sets is worked. Outside `covered_years` nobody has published a calendar yet, and only the
    branch's own days differ from Monday to Friday.
    """

    holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()
    covered_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day."""
        if day in self.extra_workdays:
            return True
        return day.weekday() <= _FRIDAY and day not in self.holidays

    def covers(self, day: date) -> bool:
        """Whether the official calendar of that year is known."""
        return day.year in self.covered_years

    def next_workday(self, day: date) -> date:
        """`day`, or the first workday after it."""
        return self._nearest(day, timedelta(days=1))

    def previous_workday(self, day: date) -> date:
        """`day`, or the last workday before it."""
        return self._nearest(day, timedelta(days=-1))

    def _nearest(self, day: date, step: timedelta) -> date:
        return next((each for n in range(_LONGEST_BREAK) if self.is_workday(each := day + n * step)), day)
