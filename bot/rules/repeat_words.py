"""A repetition, the way people write it: `每周一 9:00`, `每月最后一个工作日 共 10 次`, `every Monday until 31 May`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.rules.folding import normalise
from bot.rules.hours import meanings, merged, read_clock, read_part, usual
from bot.rules.numerals import with_digits
from bot.rules.repeating import Every, Repeat
from bot.rules.times import Moment, Problem, read_time
from bot.rules.wall_clock import day_of

LONGEST_PHRASE = 100  # characters
MOST_TIMES, MOST_APART = 500, 60


@dataclass(frozen=True, slots=True)
class NoRepeat:
    """A phrase to be asked back; `either`: the times of day that it may mean."""

    problem: Problem
    either: tuple[time, ...] = ()


ReadRepeat: TypeAlias = Repeat | NoRepeat

_UNCLEAR, _IMPOSSIBLE = NoRepeat(Problem.UNCLEAR), NoRepeat(Problem.IMPOSSIBLE)
_REPEATING = re.compile(r"每|天天|隔[周天日]|\b(?:every|daily|weekly|monthly|each)\b")
_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAY_ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# 周一三五, 周二、周四; a numeral in front of 点 or 十 belongs to the time of day.
_CHINESE_WEEKDAYS = re.compile(
    r"(?:周|星期|礼拜)[一二三四五六日天](?:[、,和及/]?(?:周|星期|礼拜)?[一二三四五六日天](?![十点时个:]))*"
)
_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_ENGLISH_WEEKDAYS = re.compile(rf"\b{_NAME}(?:\s*(?:,|and|&|/)\s*(?:and\s+)?{_NAME})*\b")
_TIMES = re.compile(
    r"[,、;]?\s*(?:[一总]?共\s*(?P<zh>[0-9一二两三四五六七八九十百]+)\s*[次回]|(?:for\s+)?(?P<en>[0-9]+)\s*times\b)"
)
_UNTIL = re.compile(r"[,、;]?\s*(?:直到|截至|截止到?|到|至|\b(?:until|till|through)\b)\s*(?P<day>.+?)\s*(?:为止|止)?$")
_DATE = re.compile(
    r"[0-9]\s*月\s*[0-9]|[0-9]+[-/.][0-9]+[-/.]?|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b"
)
_OF_OCCURRENCE = (
    (re.compile(r"当晚"), "今晚"),
    (re.compile(r"(?:发出)?(?:当天|当日|同一天|同日)"), "今天"),
    (re.compile(r"次日|第二天|隔天|隔日"), "明天"),
    (re.compile(r"(?:on )?(?:the |that )?same day\b"), "today"),
    (re.compile(r"(?:on )?(?:the )?(?:next|following) day\b"), "tomorrow"),
)
_NOISE = re.compile(r"[\s,.。、;:的于在]+|(?:at|on|the|of)(?![a-z])")
_COUNTS = {"two": 2, "three": 3, "four": 4, "six": 6}
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTS)})(?=\s+(?:days|weeks|months|times)\b)")
_WEEK = r"(?:周|星期|礼拜)"
_AN = r"(?P<n>[0-9]{1,3})"

_Every: TypeAlias = tuple[Every, tuple[int, ...], int]


def _number(found: re.Match[str]) -> int:
    """How many apart: 每2周 and 隔1周 are the same."""
    groups = found.groupdict()
    n = int(groups.get("n") or 1)
    return n + 1 if groups.get("skip") else 2 if groups.get("other") else n


def _weekly(found: re.Match[str]) -> _Every:
    return Every.WEEK, tuple(int(each) for each in found["w"]), _number(found)


def _daily(found: re.Match[str]) -> _Every:
    return Every.DAY, (), _number(found)


def _monthly(found: re.Match[str]) -> _Every:
    return Every.MONTH, tuple(int(each) for each in re.findall(r"[0-9]+", found["days"])), _number(found)


def _of(every: Every) -> Callable[[re.Match[str]], _Every]:
    return lambda found: (every, (), _number(found))


_MONTHS = rf"每(?P<skip>隔)?{_AN}?个?月的?\s*"
_ON_MONTH = rf"(?:every(?: (?P<other>other)| {_AN})? months?|monthly|each month),?\s+(?:on )?(?:the )?"
_OF_MONTH = r"(?: day)? of (?:every|each|the) month"
_WORKDAY = r"(?:work|week|working |business )days?"
_ORDINAL = r"[0-9]{1,2}(?:st|nd|rd|th)?(?![0-9:])"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Every]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:每(?P<skip>隔)?{_AN}?个?{_WEEK}?的?|(?P<other>隔){_WEEK}的?)\s*<(?P<w>[0-6]+)>", _weekly),
        (rf"(?:每个?|<0>到<4>的?)?工作日(?:每天)?|every {_WORKDAY}", _of(Every.WORKDAY)),
        (rf"每(?P<skip>隔)?{_AN}?[天日]|天天|(?P<other>隔)[天日]", _daily),
        (rf"{_MONTHS}(?:最后1[天日]|月?底|月?末)", _of(Every.MONTH_END)),
        (rf"{_MONTHS}最后1个工作日", _of(Every.LAST_WORKDAY)),
        (rf"{_MONTHS}(?:第1|首)个工作日", _of(Every.FIRST_WORKDAY)),
        (rf"{_MONTHS}(?P<days>[0-9]{{1,2}}(?:[日号]?\s*[、,和及]\s*[0-9]{{1,2}})*)[日号]", _monthly),
        (
            rf"(?:(?:every|each)(?: (?P<other>other)| {_AN})?(?: weeks?(?: on)?)?|weekly(?: on)?)\s*<(?P<w>[0-6]+)>",
            _weekly,
        ),
        (rf"(?:every|each)(?: (?P<other>other)| {_AN})? days?|daily", _daily),
        (rf"{_ON_MONTH}last {_WORKDAY}", _of(Every.LAST_WORKDAY)),
        (rf"(?:every |on |the )*last {_WORKDAY}{_OF_MONTH}", _of(Every.LAST_WORKDAY)),
        (rf"{_ON_MONTH}first {_WORKDAY}", _of(Every.FIRST_WORKDAY)),
        (rf"(?:every |on |the )*first {_WORKDAY}{_OF_MONTH}", _of(Every.FIRST_WORKDAY)),
        (rf"{_ON_MONTH}last day|(?:on )?(?:the )?(?:last day|end){_OF_MONTH}", _of(Every.MONTH_END)),
        (rf"{_ON_MONTH}(?P<days>{_ORDINAL}(?:\s*(?:,|and|&)\s*(?:the )?{_ORDINAL})*)", _monthly),
        (rf"(?:on )?(?:the )?(?P<days>{_ORDINAL}(?:\s*(?:,|and|&)\s*(?:the )?{_ORDINAL})*){_OF_MONTH}", _monthly),
    )
)


LONGEST_TITLE = 200
"""Characters that are looked at for a date."""


def is_repeating(text: str) -> bool:
    """Whether the words speak of something that comes again."""
    return _REPEATING.search(normalise(text).lower()) is not None


def for_occurrence(words: str) -> str:
    """What is due on the day of an occurrence, or the day after it, as seen from that day: 当天18:00 → 今天18:00."""
    plain = normalise(words).lower()
    for pattern, day in _OF_OCCURRENCE:
        if found := pattern.match(plain):
            return f"{day}{plain[found.end() :]}"
    return words


def names_date(words: str) -> bool:
    """Whether the words name a day of the calendar: 12月25日, 2026-12-25, 25 December."""
    return _DATE.search(with_digits(normalise(words[:LONGEST_TITLE]).lower())) is not None


def read_repeat(text: str, *, now: datetime, zone: ZoneInfo, default: time) -> ReadRepeat:
    """The rule that `text` means to somebody who writes it at `now`; `default` is the time of day where none is named.

    An end that is over already is PAST. Never raises for any text.
    """
    if len(text) > LONGEST_PHRASE:
        return _UNCLEAR
    try:
        return _read(normalise(text).lower(), now, zone, default)
    except (ValueError, OverflowError):
        return _IMPOSSIBLE


def _marked_days(folded: str) -> str:
    """Numerals as digits, weekdays as `<024>`."""
    folded = _CHINESE_WEEKDAYS.sub(_chinese_weekdays, folded)
    folded = _ENGLISH_WEEKDAYS.sub(_english_weekdays, folded)
    return with_digits(_COUNT.sub(lambda found: str(_COUNTS[found.group()]), folded))


def _chinese_weekdays(found: re.Match[str]) -> str:
    return _marked({_WEEKDAYS[char] for char in found.group() if char in _WEEKDAYS})


def _english_weekdays(found: re.Match[str]) -> str:
    return _marked({_WEEKDAY_ORDER.index(name[:3]) for name in re.findall(_NAME, found.group())})


def _marked(weekdays: set[int]) -> str:
    return f"<{''.join(map(str, sorted(weekdays)))}>"


def _read(plain: str, now: datetime, zone: ZoneInfo, default: time) -> ReadRepeat:
    times: int | None = None
    if counted := _TIMES.search(plain):
        times = int(with_digits(counted["zh"] or counted["en"]))
        plain = plain[: counted.start()] + " " + plain[counted.end() :]
        if not 1 <= times <= MOST_TIMES:
            return _IMPOSSIBLE
    until: date | None = None
    if ended := _UNTIL.search(plain):
        read = read_time(ended["day"], now=now, zone=zone, default=time(23, 59, 59))
        if not isinstance(read, Moment):
            return NoRepeat(read.problem)
        until, plain = day_of(read.at, zone), plain[: ended.start()]
    every, at = _scan(_marked_days(plain), default)
    if every is None or isinstance(at, NoRepeat):
        return at if isinstance(at, NoRepeat) else _UNCLEAR
    kind, days, interval = every
    if not 1 <= interval <= MOST_APART or (kind is Every.MONTH and not all(1 <= day <= 31 for day in days)):
        return _IMPOSSIBLE
    return Repeat(kind, at, tuple(sorted(set(days))), interval, until, times)


def _scan(plain: str, default: time) -> tuple[_Every | None, time | NoRepeat]:
    """What it counts in, and the time of day."""
    every: _Every | None = None
    clocks, parts = set(), set()
    place = 0
    while place < len(plain):
        form = next(((found, build) for shape, build in _FORMS if (found := shape.match(plain, place))), None)
        if form is not None and every is None:
            every, place = form[1](form[0]), form[0].end()
        elif clock := read_clock(plain, place):
            clocks.add(clock[0])
            place = clock[1]
        elif part := read_part(plain, place):
            parts.add(part[0])
            place = part[1]
        elif noise := _NOISE.match(plain, place):
            place = noise.end()
        else:
            return None, default
    part_of_day = merged(parts)
    if len(clocks) > 1 or (parts and part_of_day is None):
        return None, default
    if clocks:
        shown = meanings(clocks.pop(), part_of_day)
    elif part_of_day is not None:
        shown = usual(part_of_day, default)
    else:
        return every, default
    if len(shown) != 1 or shown[0].days:
        either = tuple(sorted({each.at for each in shown if not each.days}))
        return every, NoRepeat(Problem.UNCLEAR, either if len(either) > 1 else ())
    return every, shown[0].at
