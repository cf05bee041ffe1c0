"""Something that comes again: on which days, at what time, until when, and when each occurrence really goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.rules.days import end_of_month, months_later
from bot.rules.quiet import Quiet
from bot.rules.wall_clock import day_of, instant_of
from bot.rules.workdays import Workdays

_LONGEST = timedelta(days=366 * 20)  # nobody plans further ahead; a rule without an end stops being looked at there
_MOST_STEPS = 10  # from a holiday to a workday to the end of quiet hours and back


class Every(StrEnum):
    """What a rule counts in."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    MONTH_END = "month_end"
    FIRST_WORKDAY = "first_workday"
    LAST_WORKDAY = "last_workday"


class Moved(StrEnum):
    """Why an occurrence does not go at the time that the rule names."""

    HOLIDAY = "holiday"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Repeat:
    """`at` on the wall clock, every `interval` days, weeks or months.

    `days` are weekdays from 0 (Monday) for a week, days of the month from 1 for a month: a day that a month does not
    have means its last one. `until` is the last day, included; `times` the number of occurrences.
    """

    every: Every
    at: time
    days: tuple[int, ...] = ()
    interval: int = 1
    until: date | None = None
    times: int | None = None

    def dump(self) -> str:
        """JSON text."""
        return json.dumps(
            {
                "every": self.every,
                "at": self.at.isoformat(),
                "days": self.days,
                "interval": self.interval,
                "until": self.until.isoformat() if self.until else None,
                "times": self.times,
            }
        )

    @classmethod
    def load(cls, text: str) -> Repeat:
        data = json.loads(text)
        until = date.fromisoformat(data["until"]) if data["until"] else None
        at = time.fromisoformat(data["at"])
        return cls(Every(data["every"]), at, tuple(data["days"]), data["interval"], until, data["times"])


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time: the `moment` that the rule names and when it goes, both in UTC; `moved` says why they differ."""

    moment: datetime
    goes_at: datetime
    moved: Moved | None = None


def first_day(repeat: Repeat, *, after: datetime, zone: ZoneInfo, calendar: Workdays) -> date | None:
    """The day of the first moment later than `after`: every second week is counted from it. None when none comes."""
    today = day_of(after, zone)
    once = replace(repeat, interval=1, times=None)
    moments = (instant_of(day, repeat.at, zone) for day in _days(once, today, calendar))
    return next((day_of(moment, zone) for moment in moments if moment > after), None)


def occurrences(
    repeat: Repeat, *, start: date, zone: ZoneInfo, calendar: Workdays, quiet: Quiet
) -> Iterator[Occurrence]:
    """All from the day `start` on, in order. Two that would go at the same moment are one."""
    latest = datetime.min.replace(tzinfo=UTC)
    for count, day in enumerate(_days(repeat, start, calendar)):
        if repeat.times is not None and count >= repeat.times:
            return
        moment = instant_of(day, repeat.at, zone)
        goes_at, moved = _shifted(repeat, moment, calendar, quiet)
        if goes_at > latest:
            latest = goes_at
            yield Occurrence(moment, goes_at, moved)


def next_occurrence(
    repeat: Repeat, *, after: datetime, start: date, zone: ZoneInfo, calendar: Workdays, quiet: Quiet
) -> Occurrence | None:
    """The first whose moment is later than `after`; None when it is over."""
    if repeat.times is None and repeat.interval == 1:
        start = max(start, day_of(after, zone) - timedelta(days=31))  # nothing before matters, however long it runs
    found = occurrences(repeat, start=start, zone=zone, calendar=calendar, quiet=quiet)
    return next((each for each in found if each.moment > after), None)


def _days(repeat: Repeat, start: date, calendar: Workdays) -> Iterator[date]:
    """The days of the rule from `start` on, each once, in order."""
    last = min(repeat.until or date.max, start + _LONGEST)
    latest = start - timedelta(days=1)
    for day in _endless(repeat, start, calendar):
        if day > last:
            return
        if day > latest:
            latest = day
            yield day


def _endless(repeat: Repeat, start: date, calendar: Workdays) -> Iterator[date]:
    match repeat.every:
        case Every.DAY:
            yield from _steps(start, repeat.interval)
        case Every.WORKDAY:
            yield from (day for day in _steps(start, 1) if calendar.is_workday(day))
        case Every.WEEK:
            monday = start - timedelta(days=start.weekday())
            for first in _steps(monday, 7 * repeat.interval):
                yield from (first + timedelta(days=weekday) for weekday in sorted(repeat.days))
        case _:
            months = 0
            while True:
                yield from _in_month(repeat, months_later(start.replace(day=1), months), calendar)
                months += repeat.interval


def _steps(start: date, days: int) -> Iterator[date]:
    while True:
        yield start
        start += timedelta(days=days)


def _in_month(repeat: Repeat, first: date, calendar: Workdays) -> tuple[date, ...]:
    last = end_of_month(first)
    match repeat.every:
        case Every.FIRST_WORKDAY:
            return (calendar.next_workday(first),)
        case Every.LAST_WORKDAY:
            return (calendar.previous_workday(last),)
        case Every.MONTH_END:
            return (last,)
        case _:
            return tuple(sorted({first.replace(day=min(day, last.day)) for day in repeat.days}))


def _shifted(repeat: Repeat, moment: datetime, calendar: Workdays, quiet: Quiet) -> tuple[datetime, Moved | None]:
    """Out of the quiet hours, and off a public holiday to the next workday; what is said to come every day stays."""
    at, moved = moment, None
    for _ in range(_MOST_STEPS):
        local = at.astimezone(quiet.zone)
        if _is_off(repeat, local.date(), calendar):
            at = instant_of(calendar.next_workday(local.date()), local.time(), quiet.zone)
            moved = Moved.HOLIDAY
        elif quiet.is_quiet(at):
            at = quiet.end_of_quiet(at)
            moved = moved or Moved.QUIET
        else:
            break
    return at, moved


def _is_off(repeat: Repeat, day: date, calendar: Workdays) -> bool:
    if repeat.every is Every.DAY:
        return False
    if repeat.every is Every.WORKDAY:
        return not calendar.is_workday(day)
    return day in calendar.holidays and not calendar.is_workday(day)
