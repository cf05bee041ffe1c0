"""The day in a phrase: `明天`, `下周五`, `11月30日`, `月底`, `next friday`, and which day it may mean."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.rules.hours import Part

HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Day:
    """The days that a phrase may mean, the likeliest first; the first one that is still ahead is meant.

    None among them stands for a day that no calendar has: 2月30日.
    """

    dates: tuple[date | None, ...]
    weekday: int | None = None
    """Set when only a weekday was named, which may also stand beside a date: 11月27日（周五）."""
    part: Part | None = None


_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6} | {
    str(day + 1): day for day in range(7)
}
_ENGLISH_DAYS = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_ENGLISH_MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_MONTH_ORDER = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AHEAD = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_ENGLISH_AHEAD = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "day after tomorrow": 2}
_PARTS = {"早": Part.EARLY, "晨": Part.EARLY, "晚": Part.EVENING, "夜": Part.EVENING}
_PERIODS_AHEAD = {"下下": 2, "下": 1, "本": 0, "这": 0, "当": 0, "上": -1}
_YEARS_AHEAD = {"去": -1, "今": 0, "本": 0, "明": 1, "后": 2}


def on(year: int, month: int, day: int) -> date | None:
    """That day, or None when no calendar has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of that month when it is shorter; ValueError after the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(year)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_month(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def read_day(plain: str, place: int, today: date) -> tuple[Day, int] | None:
    """The day named at `place` of a folded phrase, and where the name ends."""
    for pattern, build in _PHRASES:
        if found := pattern.match(plain, place):
            return build(found, today), found.end()
    return None


def _full_date(found: re.Match[str], today: date) -> Day:
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    return Day((on(year, int(found["month"]), int(found["day"])),))


def _year_and_date(found: re.Match[str], today: date) -> Day:
    return Day((on(today.year + _YEARS_AHEAD[found["which"]], int(found["month"]), int(found["day"])),))


def _date(found: re.Match[str], today: date) -> Day:
    return Day((_nearest_year(today, int(found["month"]), int(found["day"])),))


def _english_date(found: re.Match[str], today: date) -> Day:
    month = _MONTH_ORDER.index(found["name"][:3]) + 1
    if found["year"]:
        return Day((on(int(found["year"]), month, int(found["day"])),))
    return Day((_nearest_year(today, month, int(found["day"])),))


def _nearest_year(today: date, month: int, day: int) -> date | None:
    """This year's, unless that is more than half a year back: then next year's."""
    if not 1 <= month <= 12:
        return None
    about = date(today.year, month, max(1, min(day, calendar.monthrange(today.year, month)[1])))
    return on(today.year + (today - about > HALF_A_YEAR), month, day)


def _day_of_month(found: re.Match[str], today: date) -> Day:
    day = int(found["day"])
    following = months_later(today, 1)
    return Day((on(today.year, today.month, day), on(following.year, following.month, day)))


def _day_of_that_month(found: re.Match[str], today: date) -> Day:
    month = months_later(today, _PERIODS_AHEAD[found["which"]])
    return Day((on(month.year, month.month, int(found["day"])),))


def _end_of_that_month(found: re.Match[str], today: date) -> Day:
    return Day((end_of_month(months_later(today, _PERIODS_AHEAD[found["which"] or "本"])),))


def _end_of_named_month(found: re.Match[str], today: date) -> Day:
    first = _nearest_year(today, int(found["month"]), 1)
    return Day((end_of_month(first) if first else None,))


def _end_of_year(found: re.Match[str], today: date) -> Day:
    return Day((date(today.year + _YEARS_AHEAD[found["which"] or "今"], 12, 31),))


def _english_end(found: re.Match[str], today: date) -> Day:
    ahead = 1 if found["next"] else 0
    if found["unit"] == "year":
        return Day((date(today.year + ahead, 12, 31),))
    return Day((end_of_month(months_later(today, ahead)),))


def _weekday(found: re.Match[str], today: date) -> Day:
    weeks = found["weeks"]
    return _in_week(today, _WEEKDAYS[found["day"]], _PERIODS_AHEAD[weeks] if weeks else None)


def _english_weekday(found: re.Match[str], today: date) -> Day:
    which = found["before"] or found["after"]
    weeks = None if which is None else 1 if which.startswith("next") else 0
    return _in_week(today, _DAY_ORDER.index(found["day"][:3]), weeks)


def _in_week(today: date, weekday: int, weeks: int | None) -> Day:
    """That weekday of a calendar week; the coming one, perhaps today, when no week was named."""
    day = today + timedelta(days=weekday - today.weekday())
    if weeks is not None:
        return Day((day + timedelta(weeks=weeks),))
    coming = day if day >= today else day + timedelta(weeks=1)
    return Day((coming, coming + timedelta(weeks=1)), weekday=weekday)


def _near_day(found: re.Match[str], today: date) -> Day:
    return Day((today + timedelta(days=_AHEAD[found["which"]]),), part=_PARTS.get(found["part"] or ""))


def _english_near_day(found: re.Match[str], today: date) -> Day:
    word = found["which"]
    return Day((today + timedelta(days=_ENGLISH_AHEAD[word]),), part=Part.EVENING if word == "tonight" else None)


_NUM = r"(?P<{}>[0-9]{{1,2}})"
_MONTH, _DAY = _NUM.format("month"), _NUM.format("day")
_NO_MORE = r"(?![0-9]|[-/:.点时])"
_WHICH_MONTH = r"(?P<which>下下|下|本|这|当|上)个?月"

_PHRASES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Day]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?P<year>[0-9]{{4}})([-/.])\s*{_MONTH}\2\s*{_DAY}[日号]?(?:t(?=[0-9])|(?![0-9/:.点时]))", _full_date),
        (rf"(?P<year>[0-9]{{2}}|[0-9]{{4}})\s*年\s*{_MONTH}\s*[-/.月]\s*{_DAY}\s*[日号]?(?![点时])", _full_date),
        (rf"(?P<which>[去今本明后])年\s*{_MONTH}\s*月\s*{_DAY}\s*[日号]?(?![点时])", _year_and_date),
        (rf"{_MONTH}\s*月(?:底|末)", _end_of_named_month),
        (rf"{_MONTH}\s*月\s*{_DAY}(?:\s*[日号]|{_NO_MORE})", _date),
        (rf"{_MONTH}([-/]){_DAY}[日号]?{_NO_MORE}", _date),
        (rf"{_WHICH_MONTH}的?\s*{_DAY}\s*[日号]", _day_of_that_month),
        (r"(?:(?P<which>下下|下|本|这|当)个?)?月(?:底|末)", _end_of_that_month),
        (r"(?:(?P<which>[今本明])?年)(?:底|末)", _end_of_year),
        (rf"{_DAY}\s*[日号]", _day_of_month),
        (rf"{_DAY}(?:st|nd|rd|th)(?![a-z])(?!\s*(?:of\s*)?(?:{_ENGLISH_MONTHS})\b)", _day_of_month),
        (
            r"(?:(?P<weeks>下下|下|本|这|上)个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天]|[1-7](?![0-9点时:]))",
            _weekday,
        ),
        (r"(?P<which>大前天|前天|昨天|昨日)(?P<part>)", _near_day),
        (r"(?P<which>大后|后)天(?P<part>)", _near_day),
        (r"(?P<which>[今明])(?:[天日儿]|(?P<part>[早晨晚夜]))(?:(?<=[早晚])[上间])?", _near_day),
        (r"(?:the )?(?P<which>day after tomorrow|tomorrow|today|tonight|yesterday)(?![a-z])", _english_near_day),
        (
            rf"(?:(?P<before>next week|this week|next|this)\s+)?(?P<day>{_ENGLISH_DAYS})(?![a-z])"
            r"(?:\s+(?P<after>next week|this week))?",
            _english_weekday,
        ),
        (
            rf"(?:the )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_ENGLISH_MONTHS})(?![a-z])\.?"
            r"(?:,?\s*(?P<year>[0-9]{4})(?![0-9:]))?",
            _english_date,
        ),
        (
            rf"(?P<name>{_ENGLISH_MONTHS})\.?\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9:])"
            r"(?:,?\s*(?P<year>[0-9]{4})(?![0-9:]))?",
            _english_date,
        ),
        (r"(?:the )?end of (?:the |this |(?P<next>next ))?(?P<unit>month|year)(?![a-z])", _english_end),
    )
)
