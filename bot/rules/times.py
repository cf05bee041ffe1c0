"""A point in time, the way people write it: `明天18:00`, `周五下午3点`, `月底`, `3天后`, `tomorrow 18:00`.

Nothing is guessed that could be wrong by half a day: a phrase with two meanings, or with a word that is not
understood, is asked back. Weeks begin on Monday. A day or an hour named without its week, month or day means the
coming one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.rules.ahead import Ahead, read_ahead
from bot.rules.days import Day, read_day
from bot.rules.durations import read_duration, read_durations
from bot.rules.folding import normalise
from bot.rules.hours import Clock, Part, Shown, meanings, merged, read_clock, read_part, usual
from bot.rules.numerals import with_digits
from bot.rules.wall_clock import instant_of

__all__ = ["Moment", "NoMoment", "Problem", "ReadTime", "read_duration", "read_durations", "read_time"]

LONGEST_PHRASE = 80  # characters
HORIZON_YEARS = 10  # whoever writes a later year has mistyped it


class Problem(StrEnum):
    """Why a phrase is no point in time."""

    PAST = "past"
    IMPOSSIBLE = "impossible"  # no calendar or clock shows it: 2月30日, 25:00, year 9999
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Moment:
    """A phrase that was understood: an instant in UTC, later than now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NoMoment:
    """A phrase to be asked back, with the instants (UTC, in order) it may mean: two for 周五3点, often none."""

    problem: Problem
    candidates: tuple[datetime, ...] = ()


ReadTime: TypeAlias = Moment | NoMoment


@dataclass(slots=True)
class _Phrase:
    days: list[Day] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    parts: set[Part] = field(default_factory=set)
    aheads: list[Ahead] = field(default_factory=list)


_UNCLEAR, _IMPOSSIBLE, _PAST = NoMoment(Problem.UNCLEAR), NoMoment(Problem.IMPOSSIBLE), NoMoment(Problem.PAST)
_WEEKDAY = re.compile("((?:周|星期|礼拜)[一二三四五六日天])")
_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "’": "'"})
_ENGLISH_HALVES = {"half an hour": "30 minutes", "an hour and a half": "90 minutes", "half a day": "12 hours"}
_ENGLISH_COUNTS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
}
_ENGLISH_COUNT = re.compile(rf"\b(?:{'|'.join(_ENGLISH_COUNTS)})(?=\s+(?:minute|hour|day|week|month|year)s?\b)")
_NOISE = re.compile(
    r"[\s,.。、;:()\[\]【】<>的]+|之前|以前|前|截止|截至|为止|止|到|于|在"
    r"|(?:by|before|until|till|at|on|due|the|of)(?![a-z])"
)
_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(z|[+-]\d\d:\d\d)", re.ASCII)


def read_time(text: str, *, now: datetime, zone: ZoneInfo, default: time) -> ReadTime:
    """The instant that `text` means to somebody who writes it at `now` (aware) in `zone`.

    `default` is the time of a day named without one; 3天后, 一周后 keep the time of day. Never raises for any text.
    """
    try:
        return _read(plain_phrase(text), now, zone, default)
    except (ValueError, OverflowError):
        return _IMPOSSIBLE


def _read(plain: str, now: datetime, zone: ZoneInfo, default: time) -> ReadTime:
    if _WITH_OFFSET.fullmatch(plain):
        exact = datetime.fromisoformat(plain.upper()).astimezone(UTC)
        return _within_horizon(exact, now)
    today = now.astimezone(zone).date()
    phrase = _scan(plain, today)
    if phrase is None or len(set(phrase.clocks)) > 1 or len(set(phrase.aheads)) > 1:
        return _UNCLEAR
    if phrase.aheads:
        return _ahead(phrase, now, zone)

    part = merged(phrase.parts)
    if part is None and phrase.parts:
        return _UNCLEAR
    if phrase.clocks:
        shown = meanings(phrase.clocks[0], part)
    else:
        shown = usual(part, default) if part is not None else (Shown(default),)
    dates = _dates(phrase, today)
    if not shown or not dates:
        return _UNCLEAR
    return _first_ahead(dates, shown, now, zone)


def plain_phrase(text: str) -> str:
    """`text` as the readers of days, hours and distances want it; "" for one that is too long to be a phrase."""
    if len(text) > 4 * LONGEST_PHRASE:
        return ""
    folded = normalise(text).lower().translate(_DASHES)
    pieces = _WEEKDAY.split(folded)  # the numeral of 周二 is not that of the 十点 behind it
    folded = "".join(piece if index % 2 else with_digits(piece) for index, piece in enumerate(pieces))
    for words, amount in _ENGLISH_HALVES.items():
        folded = folded.replace(words, amount)
    return _ENGLISH_COUNT.sub(lambda found: str(_ENGLISH_COUNTS[found.group()]), folded)


def _scan(plain: str, today: date) -> _Phrase | None:
    """Everything that the phrase names; None when it names nothing, or holds a word that is not understood."""
    if len(plain) > LONGEST_PHRASE:
        return None
    phrase = _Phrase()
    place = 0
    while place < len(plain):
        if ahead := read_ahead(plain, place):
            phrase.aheads.append(ahead[0])
            place = ahead[1]
        elif day := read_day(plain, place, today):
            phrase.days.append(day[0])
            if day[0].part is not None:
                phrase.parts.add(day[0].part)
            place = day[1]
        elif clock := read_clock(plain, place):
            phrase.clocks.append(clock[0])
            place = clock[1]
        elif part := read_part(plain, place):
            phrase.parts.add(part[0])
            place = part[1]
        elif noise := _NOISE.match(plain, place):
            place = noise.end()
        else:
            return None
    return phrase if phrase.days or phrase.clocks or phrase.parts or phrase.aheads else None


def _ahead(phrase: _Phrase, now: datetime, zone: ZoneInfo) -> ReadTime:
    """`3天后`, alone or with a time of day: `3天后18:00`."""
    ahead = phrase.aheads[0]
    if ahead.ago:
        return _PAST
    if phrase.days:
        return _UNCLEAR
    if not phrase.clocks and not phrase.parts:
        return _within_horizon(ahead.instant(now, zone), now)
    part = merged(phrase.parts)
    if ahead.rest or (part is None and phrase.parts):
        return _UNCLEAR
    local = now.astimezone(zone)
    shown = meanings(phrase.clocks[0], part) if phrase.clocks else usual(part, local.time()) if part else ()
    return _first_ahead((ahead.day(local.date()),), shown, now, zone) if shown else _UNCLEAR


def _dates(phrase: _Phrase, today: date) -> tuple[date | None, ...]:
    """The days that are meant, the likeliest first; nothing when they contradict each other."""
    dated = {day.dates for day in phrase.days if day.weekday is None}
    weekdays = {day.weekday for day in phrase.days if day.weekday is not None}
    if len(dated) > 1 or len(weekdays) > 1:
        return ()
    if not dated:
        return next((day.dates for day in phrase.days), (today, today + timedelta(days=1)))
    dates = next(iter(dated))
    if not weekdays or dates[0] is None:
        return dates
    return tuple(day for day in dates if day is not None and day.weekday() in weekdays)


def _first_ahead(dates: Sequence[date | None], shown: Sequence[Shown], now: datetime, zone: ZoneInfo) -> ReadTime:
    """The first of the days on which the time is still ahead; both times when either could be meant."""
    for day in dates:
        if day is None or day.year > now.year + HORIZON_YEARS:
            return _IMPOSSIBLE
        instants = sorted({instant_of(day + timedelta(days=each.days), each.at, zone) for each in shown})
        ahead = tuple(instant for instant in instants if instant > now)
        if ahead:
            return Moment(ahead[0]) if len(ahead) == 1 else NoMoment(Problem.UNCLEAR, ahead)
    return _PAST


def _within_horizon(at: datetime, now: datetime) -> ReadTime:
    if at.year > now.year + HORIZON_YEARS:
        return _IMPOSSIBLE
    return Moment(at) if at > now else _PAST
