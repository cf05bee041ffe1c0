"""The time of day in a phrase: `下午3点半`, `18:00`, `6:30 pm`, `晚上`, and what it may mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

HOURS, HALF = 24, 12


class Part(StrEnum):
    """A part of the day, as people name it."""

    NIGHT = "night"  # 凌晨: after midnight
    EARLY = "early"  # 早上
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    DUSK = "dusk"
    EVENING = "evening"
    AM = "am"
    PM = "pm"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was written. `plain` when it can only be read on the 24-hour clock."""

    hour: int
    minute: int = 0
    second: int = 0
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A time of day on some day, or `days` later: 24:00 is 0:00 one day later."""

    at: time
    days: int = 0


PART_NAMES: dict[Part, str] = {
    Part.NIGHT: "凌晨",
    Part.EARLY: "早上|早晨|清晨|清早|早间|早",
    Part.MORNING: "上午|(?:in the )?morning",
    Part.NOON: "中午|正午|晌午|noon|midday",
    Part.AFTERNOON: "下午|午后|(?:in the )?afternoon",
    Part.DUSK: "傍晚|黄昏",
    Part.EVENING: "晚上|晚间|夜里|夜间|夜晚|晚|夜|(?:in the )?evening|at night",
    Part.AM: r"a\.?m\.?(?![a-z])",
    Part.PM: r"p\.?m\.?(?![a-z])",
}
# When only the part is named, the usual hour, moved into the part. Nobody means a single hour with 凌晨.
_WINDOWS: dict[Part, tuple[time, time]] = {
    Part.EARLY: (time(8), time(9)),
    Part.MORNING: (time(9), time(12)),
    Part.NOON: (time(12), time(12)),
    Part.AFTERNOON: (time(15), time(18)),
    Part.DUSK: (time(17), time(18)),
    Part.EVENING: (time(20), time(22)),
}

_PART = re.compile("|".join(f"(?P<{part.value}>{names})" for part, names in PART_NAMES.items()))
_DIGITAL = re.compile(r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.0+)?)?(?![0-9:])")
_SPOKEN = re.compile(
    r"(?P<h>[0-9]{1,2})\s*[点时](?!间)(?:钟|整|(?P<half>半)|(?P<quarters>[13])刻钟?|过?(?P<m>[0-9]{1,2})\s*分?(?![0-9:点时]))?"
)
_TWELVE = re.compile(r"(?P<h>[0-9]{1,2})(?=\s*[ap]\.?m\.?(?![a-z]))|(?P<oclock>[0-9]{1,2})\s*o'?clock")
_FIRST_DIGITAL = 8  # 8:00 and later is read on the 24-hour clock, 7:30 may be either


def read_part(plain: str, place: int) -> tuple[Part, int] | None:
    """The part of the day named at `place` of a folded phrase, and where the name ends."""
    found = _PART.match(plain, place)
    return (Part(found.lastgroup), found.end()) if found and found.lastgroup else None


def read_clock(plain: str, place: int) -> tuple[Clock, int] | None:
    """The time of day written at `place`, and where it ends. Nothing is checked yet: 25:70 is read as such."""
    if found := _DIGITAL.match(plain, place):
        hour = int(found["h"])
        sure = found["h"].startswith("0") or hour >= _FIRST_DIGITAL or hour == 0
        return Clock(hour, int(found["m"]), int(found["s"] or 0), plain=sure), found.end()
    if found := _SPOKEN.match(plain, place):
        minute = 30 if found["half"] else 15 * int(found["quarters"] or 0) or int(found["m"] or 0)
        return Clock(int(found["h"]), minute), found.end()
    if found := _TWELVE.match(plain, place):
        return Clock(int(found["h"] or found["oclock"])), found.end()
    return None


def meanings(clock: Clock, part: Part | None) -> tuple[Shown, ...]:
    """What a written time may mean: one meaning is clear, several are to be asked back, none contradicts itself.

    Raises ValueError for a time that no clock shows.
    """
    if clock.hour == HOURS and not clock.minute and not clock.second:
        return (Shown(time.min, days=1),) if part in (None, Part.EVENING) else ()
    exact = time(clock.hour, clock.minute, clock.second)
    if part is None:
        early_or_late = 0 < clock.hour < HALF and not clock.plain
        return (Shown(exact), _shown(exact, HALF)) if early_or_late else (Shown(exact),)
    return tuple(_shown(exact, shift) for shift in _shifts(clock.hour, part))


def usual(part: Part, default: time) -> tuple[Shown, ...]:
    """The hour meant when only a part of the day is named; nothing for a part that has none."""
    if part not in _WINDOWS:
        return ()
    first, last = _WINDOWS[part]
    return (Shown(min(max(default, first), last)),)


def merged(parts: set[Part]) -> Part | None:
    """The one part that several names agree on (`tonight 8 pm`); None when they contradict each other."""
    rest = parts - {Part.AM, Part.PM}
    if len(rest) > 1 or {Part.AM, Part.PM} <= parts:
        return None
    if Part.AM in parts:
        return Part.AM if rest <= {Part.NIGHT, Part.EARLY, Part.MORNING} else None
    if Part.PM in parts:
        return Part.PM if rest <= {Part.NOON, Part.AFTERNOON, Part.DUSK, Part.EVENING} else None
    return next(iter(rest), None)


def _shown(exact: time, shift: int) -> Shown:
    days, hour = divmod(exact.hour + shift, HOURS)
    return Shown(exact.replace(hour=hour), days)


def _shifts(hour: int, part: Part) -> tuple[int, ...]:
    """By how many hours a written hour is moved in this part of the day; two of them when it may be either."""
    match part:
        case Part.NIGHT:
            return (0,) if hour <= 6 else (-12,) if hour == 12 else ()
        case Part.EARLY | Part.MORNING:
            return (0,) if 0 < hour <= 12 else ()
        case Part.AM:
            return (-12,) if hour == 12 else (0,) if hour < 12 else ()
        case Part.NOON:
            return (0,) if 11 <= hour <= 14 else (12,) if hour in (1, 2) else ()
        case Part.AFTERNOON | Part.PM:
            return (12,) if 0 < hour < 12 else (0,) if hour else ()
        case Part.DUSK:
            return (12,) if 4 <= hour <= 8 else (0,) if 16 <= hour <= 20 else ()
        case Part.EVENING:
            if hour < 5:  # 晚上1点 is after midnight, of this night or the next
                return (0, 24)
            return (12,) if hour <= 12 else (0,)
