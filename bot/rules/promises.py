"""A day that an answer promises: `下周三前修好`, `3个工作日内答复您`. Offered to be kept, never taken for sure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.rules.ahead import read_ahead
from bot.rules.days import read_day
from bot.rules.hours import read_clock, read_part
from bot.rules.times import Moment, plain_phrase, read_time
from bot.rules.wall_clock import day_of, instant_of
from bot.rules.workdays import Workdays

EVENING = time(18)
"""A day promised without an hour is over at this time."""

_SENTENCES = re.compile(r"[。！!?？；;\n]+")
_CLAUSES = re.compile(r"[，,、]+")
_DOING = re.compile(
    "修|完成|解决|落实|办好|办结|到位|答复|回复|公布|处理|整改|安装|装好|更换|换好|恢复|开通|联系|上门|施工|清理|清走"
    "|拆除|补发|退还|发放|派人|检查|排查|核实|调整|给您|给你|fix|repair|finish|answer|reply|done|ready|solve"
    "|call you|send|mend|replace|install|clean|remove"
)
_ASKING = re.compile(
    "请您?(?!放心|谅解|理解|耐心)|您可|你可|可于|可在|可以|欢迎|前来|携带|提交|报名|办公|受理时间|开放时间|每[周天月日年]"
    "|[至到~](?:周|星期|礼拜)|please|you can|opening hours|every"
)
_WORKDAYS = re.compile(r"(?:[0-9]{1,2}\s*(?:-|~|至|到))?(?P<days>[0-9]{1,2})\s*个?工作日(?:之?内|以内|后)?")
_NO_DAY = re.compile(r"\s*(?:[楼线院门店栋幢室户人元名次张件份米%号路天年个]|地块|文件)")
_BETWEEN = re.compile(r"\s*(?:的|之前|以前|前|内)?\s*")


@dataclass(frozen=True, slots=True)
class Promise:
    """`at` (UTC) is the end of what was promised; `words` is the part of the answer that says so."""

    at: datetime
    words: str


def find_promise(text: str, *, now: datetime, zone: ZoneInfo, workdays: Workdays | None = None) -> Promise | None:
    """The latest day that the text promises something for; None when it promises none. Days that are over are none."""
    found: list[Promise] = []
    for sentence in _SENTENCES.split(text):
        if not _DOING.search(sentence.lower()):
            continue
        for clause in _CLAUSES.split(sentence):
            if not _ASKING.search(clause.lower()):
                found += [Promise(at, sentence.strip()) for at in _days(clause, now, zone, workdays or Workdays())]
    return max(found, key=lambda promise: promise.at, default=None)


def _days(clause: str, now: datetime, zone: ZoneInfo, workdays: Workdays) -> list[datetime]:
    plain, today, place = plain_phrase(clause), now.astimezone(zone).date(), 0
    found: list[datetime] = []
    while place < len(plain):
        if counted := _WORKDAYS.match(plain, place):
            day = _worked(today, int(counted["days"]), workdays)
            found.append(instant_of(day, EVENING, zone))
            place = counted.end()
            continue
        end = _end_of_day(plain, place, today)
        if end is None:
            place += 1
            continue
        at = _read(plain[place:end], now, zone)
        if at is not None:
            found.append(at)
        place = end
    return found


def _end_of_day(plain: str, place: int, today: date) -> int | None:
    """Where the day that is named at `place`, with its hour, ends; None when none is."""
    if place and plain[place].isdecimal() and plain[place - 1] in "0123456789.-/":
        return None
    start = read_day(plain, place, today) or read_ahead(plain, place)
    if start is None or _NO_DAY.match(plain, start[1]):
        return None
    end = start[1]
    while True:
        gap = _BETWEEN.match(plain, end)
        next_place = gap.end() if gap else end
        more = read_part(plain, next_place) or read_clock(plain, next_place)
        if more is None:
            return end
        end = more[1]


def _read(phrase: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant; of an hour that may be in the morning or the afternoon, the later. None for a day that is over."""
    read = read_time(phrase, now=now, zone=zone, default=EVENING)
    if isinstance(read, Moment):
        return read.at
    return read.candidates[-1] if read.candidates else None


def _worked(today: date, days: int, workdays: Workdays) -> date:
    day = today
    for _ in range(days):
        day = workdays.next_workday(day + timedelta(days=1))
    return day


def due_morning(at: datetime, zone: ZoneInfo, opens: time) -> datetime:
    """When the owner is asked: in the morning of the day."""
    return instant_of(day_of(at.astimezone(UTC), zone), opens, zone)
