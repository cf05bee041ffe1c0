"""The official Chinese holidays and make-up days, as a value."""

from collections.abc import Sequence
from datetime import date, timedelta

import chinese_calendar

from bot.rules.workdays import Workdays


def workdays(own: Sequence[str]) -> Workdays:
    """The official calendar as far as it is published, and the branch's own days (`2027-02-05`, `+2027-02-14`)."""
    holidays = {day for day in chinese_calendar.holidays if day.weekday() < 5}
    extra = set(chinese_calendar.workdays)
    years = {day.year for day in chinese_calendar.holidays}
    for text in own:
        day = date.fromisoformat(text.removeprefix("+"))
        chosen, other = (extra, holidays) if text.startswith("+") else (holidays, extra)
        chosen.add(day)
        other.discard(day)
    return Workdays(frozenset(holidays), frozenset(extra), frozenset(years))


def next_uncovered(days: Workdays, today: date) -> int | None:
    """The first year, this one or the next, whose calendar is not known yet."""
    return next(
        (year for year in (today.year, (today + timedelta(days=60)).year) if year not in days.covered_years), None
    )
