"""How far ahead a phrase is: `3天后`, `48小时内`, `一个半小时后`, `in 3 days`, `within 48 hours`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.days import months_later
from bot.rules.durations import read_amount
from bot.rules.wall_clock import instant_of


@dataclass(frozen=True, slots=True)
class Ahead:
    """A distance from now. Months and days are counted on the calendar and keep the time of day; `rest` is exact."""

    months: int = 0
    days: int = 0
    rest: timedelta = timedelta()
    ago: bool = False

    def day(self, today: date) -> date:
        """The day that far from today. Raises ValueError or OverflowError beyond the calendar."""
        return months_later(today, self.months) + timedelta(days=self.days)

    def instant(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant, in UTC, that far from now."""
        local = now.astimezone(zone)
        if not self.months and not self.days:
            return now.astimezone(UTC) + self.rest
        return instant_of(self.day(local.date()), local.time(), zone) + self.rest


_LEADING = re.compile(r"(?:in|within)\s+(?=[0-9半])")
_MONTHS = re.compile(
    r"(?P<half_month>半个月)|(?P<half_year>半年)|(?P<months>[0-9]{1,3})\s*(?:个月|months?(?![a-z]))"
    r"|(?P<years>[0-9]{1,3})\s*(?:年|years?(?![a-z]))"
)
_TRAILING = re.compile(r"\s*(?:之后|以后|过后|后|之内|以内|内|later|from now)(?![a-z天])")
_AGO = re.compile(r"\s*(?:之前|以前|前|ago)(?![a-z天])")
_HALF_MONTH = 15  # days


def read_ahead(plain: str, place: int) -> tuple[Ahead, int] | None:
    """The distance written at `place` of a folded phrase, and where it ends. Without 后, 内, `in` … it is none."""
    leading = _LEADING.match(plain, place)
    start = leading.end() if leading else place
    if months := _MONTHS.match(plain, start):
        ahead, end = _months(months), months.end()
    else:
        amount, end = read_amount(plain, start)
        ahead = Ahead(days=amount.days, rest=amount.rest)
    if end == start:
        return None
    if trailing := _TRAILING.match(plain, end):
        return ahead, trailing.end()
    ago = _AGO.match(plain, end)
    if ago is not None and leading is None and plain[end - 1] != "日":  # 30日前 is a date, not a month ago
        return Ahead(ahead.months, ahead.days, ahead.rest, ago=True), ago.end()
    return (ahead, end) if leading else None


def _months(found: re.Match[str]) -> Ahead:
    if found["half_month"]:
        return Ahead(days=_HALF_MONTH)
    if found["half_year"]:
        return Ahead(months=6)
    return Ahead(months=int(found["months"] or 0) + 12 * int(found["years"] or 0))
