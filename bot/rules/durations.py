"""How long: `24h`, `3天`, `一个半小时`, `90m`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.rules.folding import normalise
from bot.rules.numerals import with_digits

LONGEST = timedelta(days=366)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Amount:
    """A length as it was counted: `days` of the calendar, and a `rest` of hours and minutes that a stopwatch shows."""

    days: int = 0
    rest: timedelta = timedelta()

    @property
    def length(self) -> timedelta:
        """The whole, a day taken as 24 hours."""
        return timedelta(days=self.days) + self.rest


_UNITS = {
    timedelta(weeks=1): "星期|礼拜|周|weeks?|w",
    timedelta(days=1): "天|日|days?|d",
    timedelta(hours=1): "小时|钟头|hours?|hrs?|h",
    timedelta(minutes=1): "分钟|分|minutes?|mins?|m",
    timedelta(seconds=1): "秒钟?|seconds?|secs?|s",
}
_UNIT = "|".join(f"(?P<u{index}>{names})" for index, names in enumerate(_UNITS.values()))
_PART = re.compile(
    r"(?:(?P<amount>[0-9]{1,5}(?:\.[0-9]{1,2})?)\s*个?(?P<more>半)?|(?P<half>半)个?)\s*"
    rf"(?:{_UNIT})(?![a-z])(?P<and_half>半)?"
)
_SEPARATORS = re.compile(r"[\s,、;/和及]+")
_AFTER = re.compile(r"\s*(?:之后|以后|后|later)?")


def read_duration(text: str) -> timedelta | None:
    """One duration, of more than nothing and at most a year; None for anything else."""
    durations = read_durations(text)
    return durations[0] if durations is not None and len(durations) == 1 else None


def read_durations(text: str) -> tuple[timedelta, ...] | None:
    """Durations separated by spaces, ，,、；/ or 和, each once, in the order given; None if any part is none.

    Parts that touch are one duration: `1天12小时` is 36 hours, `1天 12小时` are two durations.
    """
    plain = with_digits(normalise(text).lower())
    found: list[timedelta] = []
    place = 0
    while place < len(plain):
        gap = _SEPARATORS.match(plain, place)
        if gap is not None:
            place = gap.end()
            continue
        amount, place = read_amount(plain, place)
        duration = amount.length
        if not timedelta() < duration <= LONGEST:
            return None
        tail = _AFTER.match(plain, place)
        place = tail.end() if tail else place
        if duration not in found:
            found.append(duration)
    return tuple(found) or None


def read_amount(plain: str, place: int = 0) -> tuple[Amount, int]:
    """The amount that stands at `place` of a folded text, and where it ends; nothing, and `place`, if none does."""
    total = Amount()
    while total.length <= LONGEST and (part := _PART.match(plain, place)) is not None:
        amount = _amount(part)
        total = Amount(total.days + amount.days, total.rest + amount.rest)
        place = part.end()
    return total, place


def _amount(part: re.Match[str]) -> Amount:
    unit = next(unit for index, unit in enumerate(_UNITS) if part[f"u{index}"])
    halves = sum(bool(part[name]) for name in ("more", "half", "and_half"))
    length = unit * (float(part["amount"] or 0) + halves / 2)
    return Amount(*divmod(length, _DAY)) if unit >= _DAY else Amount(rest=length)
