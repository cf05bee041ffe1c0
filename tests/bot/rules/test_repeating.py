"""Repetitions: what people write, and the moments that follow from it."""

from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from bot.rules.quiet import Quiet
from bot.rules.repeat_words import NoRepeat, is_repeating, read_repeat
from bot.rules.repeating import Every, Repeat, first_day, next_occurrence, occurrences
from bot.rules.times import Problem
from bot.rules.workdays import Workdays

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Shanghai."""
NEVER = Quiet(None, None, SHANGHAI)
NIGHT = Quiet(time(22), time(8), SHANGHAI)
DAYS_OFF = Workdays(
    holidays=frozenset(date(2026, 10, day) for day in (1, 2, 5, 6, 7)) | {date(2027, 1, 1)},
    extra_workdays=frozenset({date(2026, 9, 27), date(2026, 10, 10)}),
)


def read(text: str, now: datetime = NOW, zone: ZoneInfo = SHANGHAI) -> Repeat | NoRepeat:
    return read_repeat(text, now=now, zone=zone, default=time(9))


def coming(
    text: str, n: int, now: datetime = NOW, quiet: Quiet = NEVER, calendar: Workdays = DAYS_OFF
) -> list[tuple[str, str]]:
    """(when it goes on the wall, why it was moved) of the first ones."""
    rule = read(text, now, quiet.zone)
    assert isinstance(rule, Repeat), text
    start = first_day(rule, after=now, zone=quiet.zone, calendar=calendar)
    if start is None:
        return []
    found = occurrences(rule, start=start, zone=quiet.zone, calendar=calendar, quiet=quiet)
    return [(f"{each.goes_at.astimezone(quiet.zone):%m-%d %H:%M}", each.moved or "") for each in islice(found, n)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("每周一 9:00", Repeat(Every.WEEK, time(9), (0,))),
        ("每周一9点", None),
        ("每周一上午九点", Repeat(Every.WEEK, time(9), (0,))),
        ("每 星期三、周五 下午3点半", Repeat(Every.WEEK, time(15, 30), (2, 4))),
        ("每周一三五 9:00", Repeat(Every.WEEK, time(9), (0, 2, 4))),
        ("每周一二十点", Repeat(Every.WEEK, time(20), (0,))),
        ("每周日", Repeat(Every.WEEK, time(9), (6,))),
        ("每两周周五 15:00", Repeat(Every.WEEK, time(15), (4,), 2)),
        ("每2周的周五15:00", Repeat(Every.WEEK, time(15), (4,), 2)),
        ("隔周周五 15:00", Repeat(Every.WEEK, time(15), (4,), 2)),
        ("每隔一周周五 15:00", Repeat(Every.WEEK, time(15), (4,), 2)),
        ("每天 8:30", Repeat(Every.DAY, time(8, 30))),
        ("每日早上8点半", Repeat(Every.DAY, time(8, 30))),
        ("每隔一天 8:30", Repeat(Every.DAY, time(8, 30), (), 2)),
        ("每个工作日 9:00", Repeat(Every.WORKDAY, time(9))),
        ("每月1日", Repeat(Every.MONTH, time(9), (1,))),
        ("每月1日、15日 17:00", Repeat(Every.MONTH, time(17), (1, 15))),
        ("每两个月 5号 9:00", Repeat(Every.MONTH, time(9), (5,), 2)),
        ("每月底 17:00", Repeat(Every.MONTH_END, time(17))),
        ("每月最后一天 17:00", Repeat(Every.MONTH_END, time(17))),
        ("每月最后一个工作日", Repeat(Every.LAST_WORKDAY, time(9))),
        ("每月第一个工作日 9:00", Repeat(Every.FIRST_WORKDAY, time(9))),
        ("每周一 9:00 到 12月31日", Repeat(Every.WEEK, time(9), (0,), 1, date(2026, 12, 31))),
        ("每周一 9:00，直到年底", Repeat(Every.WEEK, time(9), (0,), 1, date(2026, 12, 31))),
        ("每天 8:30 共 10 次", Repeat(Every.DAY, time(8, 30), (), 1, None, 10)),
        ("每天8:30，一共十次", Repeat(Every.DAY, time(8, 30), (), 1, None, 10)),
        ("every Monday 9:00 until 31 December", Repeat(Every.WEEK, time(9), (0,), 1, date(2026, 12, 31))),
        ("Every Monday and Thursday at 3 pm", Repeat(Every.WEEK, time(15), (0, 3))),
        ("every other Friday 15:00", Repeat(Every.WEEK, time(15), (4,), 2)),
        ("every two weeks on Friday 15:00", Repeat(Every.WEEK, time(15), (4,), 2)),
        ("daily 8:30, 10 times", Repeat(Every.DAY, time(8, 30), (), 1, None, 10)),
        ("every weekday 9:00", Repeat(Every.WORKDAY, time(9))),
        ("every month on the 31st 9:00", Repeat(Every.MONTH, time(9), (31,))),
        ("the 1st and 15th of every month at 9:00", Repeat(Every.MONTH, time(9), (1, 15))),
        ("on the last workday of every month", Repeat(Every.LAST_WORKDAY, time(9))),
    ],
)
def test_what_people_write(text: str, rule: Repeat | None) -> None:
    assert is_repeating(text)
    found = read(text)
    if rule is None:
        assert isinstance(found, NoRepeat)
        assert found.either == (time(9), time(21))
    else:
        assert found == rule
        assert Repeat.load(rule.dump()) == rule


@pytest.mark.faults("CLK11")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("每周一 9:00 到 2月30日", Problem.IMPOSSIBLE),
        ("每月32日 9:00", Problem.IMPOSSIBLE),
        ("每月0日", Problem.IMPOSSIBLE),
        ("每天 25:00", Problem.IMPOSSIBLE),
        ("每天 共 0 次", Problem.IMPOSSIBLE),
        ("每天 9:00 共 99999 次", Problem.IMPOSSIBLE),
        ("每周一 9:00 到 11月1日", Problem.PAST),
        ("every day until yesterday", Problem.PAST),
        ("每周 9:00", Problem.UNCLEAR),
        ("每月 9:00", Problem.UNCLEAR),
        ("每当有空 9:00", Problem.UNCLEAR),
        ("每天 9:00 和 10:00", Problem.UNCLEAR),
        ("每周一 9:00 " + "啊" * 200, Problem.UNCLEAR),
        ("every", Problem.UNCLEAR),
    ],
)
def test_what_cannot_be_planned(text: str, problem: Problem) -> None:
    found = read(text)
    assert isinstance(found, NoRepeat)
    assert found.problem is problem


@pytest.mark.parametrize("text", ["明天 8:00", "11月30日", "tomorrow 9:00", "everyone"])
def test_what_comes_once(text: str) -> None:
    assert not is_repeating(text)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("每周一 9:00", NOW, ["11-30 09:00", "12-07 09:00"]),
        ("每周一 11:00", NOW, ["11-23 11:00", "11-30 11:00"]),
        ("每两周周五 15:00", NOW, ["11-27 15:00", "12-11 15:00", "12-25 15:00"]),
        ("每两周周一 9:00", NOW, ["11-30 09:00", "12-14 09:00"]),
        ("每月31日 9:00", NOW, ["11-30 09:00", "12-31 09:00", "01-31 09:00", "02-28 09:00"]),
        ("每月29日 9:00", datetime(2028, 2, 1, tzinfo=UTC), ["02-29 09:00", "03-29 09:00"]),
        ("每月底 9:00", datetime(2027, 2, 1, tzinfo=UTC), ["02-28 09:00", "03-31 09:00"]),
        ("每月30日、31日 9:00", datetime(2027, 2, 1, tzinfo=UTC), ["02-28 09:00", "03-30 09:00", "03-31 09:00"]),
        ("每月最后一个工作日 9:00", NOW, ["11-30 09:00", "12-31 09:00", "01-29 09:00"]),
        ("每两个月 5日 9:00", NOW, ["12-05 09:00", "02-05 09:00"]),
        ("每天 9:00 共 2 次", NOW, ["11-24 09:00", "11-25 09:00"]),
        ("每天 9:00 到 明天", NOW, ["11-24 09:00"]),
        ("每周一 9:00 到 周三", NOW, []),
    ],
)
def test_moments(text: str, now: datetime, expected: list[str]) -> None:
    found = coming(text, len(expected) or 1, now)
    assert [when for when, _ in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每周四 9:00", [("10-08 09:00", "holiday"), ("10-15 09:00", "")]),
        ("每周四、周五 9:00", [("10-08 09:00", "holiday"), ("10-09 09:00", ""), ("10-15 09:00", "")]),
        ("每天 9:00", [("10-01 09:00", ""), ("10-02 09:00", "")]),
        ("每个工作日 9:00", [("10-08 09:00", ""), ("10-09 09:00", ""), ("10-10 09:00", ""), ("10-12 09:00", "")]),
        ("每周六 9:00", [("10-03 09:00", ""), ("10-10 09:00", "")]),
        ("每月1日 23:00", [("10-09 08:00", "holiday"), ("11-02 08:00", "quiet")]),
        ("每周日 6:00", None),
        ("每周日 早上6点", [("10-04 08:00", "quiet")]),
    ],
)
def test_holidays_make_up_days_and_quiet_hours(text: str, expected: list[tuple[str, str]] | None) -> None:
    before = datetime(2026, 9, 30, 4, tzinfo=UTC)
    if expected is None:
        assert isinstance(read(text, before), NoRepeat)
        return
    assert coming(text, len(expected), before, NIGHT) == expected


@pytest.mark.faults("CLK9")
def test_a_zone_with_summer_time_keeps_the_wall_clock() -> None:
    before = datetime(2027, 3, 26, 12, tzinfo=UTC)
    never = Quiet(None, None, BERLIN)
    assert [when for when, _ in coming("每天 9:00", 3, before, never)] == ["03-27 09:00", "03-28 09:00", "03-29 09:00"]
    gap = coming("每天 凌晨2:30", 3, before, never)
    assert [when for when, _ in gap] == ["03-27 02:30", "03-28 03:00", "03-29 02:30"], "the missing hour: right after"
    twice = coming("每天 凌晨2:30", 3, datetime(2027, 10, 30, 12, tzinfo=UTC), never)
    assert [when for when, _ in twice] == ["10-31 02:30", "11-01 02:30", "11-02 02:30"], "the hour that repeats: once"


def test_the_next_one_does_not_depend_on_how_long_it_runs() -> None:
    rule = Repeat(Every.DAY, time(9))
    years = datetime(2036, 5, 1, 12, tzinfo=UTC)
    found = next_occurrence(rule, after=years, start=date(2026, 11, 24), zone=SHANGHAI, calendar=DAYS_OFF, quiet=NEVER)
    assert found is not None
    assert found.moment == datetime(2036, 5, 2, 1, tzinfo=UTC)
    ten = Repeat(Every.DAY, time(9), times=10)
    assert (
        next_occurrence(ten, after=years, start=date(2026, 11, 24), zone=SHANGHAI, calendar=DAYS_OFF, quiet=NEVER)
        is None
    )
