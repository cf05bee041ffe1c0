"""Between instants and what the clock on the wall shows, in zones with summer time too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FINEST = timedelta(seconds=1)


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in `zone` shows `day` and `at`.

    An hour that happens twice means the first; an hour that does not happen means the instant right after the gap.
    Raises OverflowError at the ends of the calendar.
    """
    shown = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    late = shown.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == shown:
        return late
    early = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while late - early > _FINEST:  # the clocks change somewhere between the two
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in `zone`."""
    return at.astimezone(zone).date()


def week_of(at: datetime, zone: ZoneInfo) -> date:
    """The Monday of the week of an instant in `zone`: the name of that week."""
    day = day_of(at, zone)
    return day - timedelta(days=day.weekday())


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a calendar day in `zone`."""
    return instant_of(day, time.min, zone)
