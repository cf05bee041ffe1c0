"""Points in time, the way people write them. Now is Sunday 2026-11-22, 10:15 in Shanghai, unless said otherwise."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.times import Moment, NoMoment, Problem, ReadTime, read_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 10, 15, tzinfo=SHANGHAI)
DUE = time(18)
PUBLISH = time(9)


def read(text: str, now: datetime = NOW, default: time = DUE) -> ReadTime:
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    return read_time(text, now=now.astimezone(UTC), zone=zone, default=default)


def shown(text: str, now: datetime = NOW, default: time = DUE) -> str:
    """What the wall clock shows at the moment read, or the problem."""
    result = read(text, now, default)
    if isinstance(result, NoMoment):
        return result.problem.value
    assert result.at.tzinfo is UTC
    return f"{result.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the phrases of the field's description
        ("明天18:00", "2026-11-23 18:00"),
        ("明天 18:00", "2026-11-23 18:00"),
        ("周五下午3点", "2026-11-27 15:00"),
        ("11月30日", "2026-11-30 18:00"),
        ("3天后", "2026-11-25 10:15"),
        ("月底", "2026-11-30 18:00"),
        ("2026-11-30 18:00", "2026-11-30 18:00"),
        ("tomorrow 18:00", "2026-11-23 18:00"),
        ("in 3 days", "2026-11-25 10:15"),
        ("今天", "2026-11-22 18:00"),
        ("一周后", "2026-11-29 10:15"),
        ("下周五", "2026-11-27 18:00"),
        ("周五3点", "unclear"),
        ("今天 20:00", "2026-11-22 20:00"),
        # near days
        ("明天", "2026-11-23 18:00"),
        ("明日", "2026-11-23 18:00"),
        ("后天", "2026-11-24 18:00"),
        ("大后天", "2026-11-25 18:00"),
        ("大后天上午9点", "2026-11-25 09:00"),
        ("今晚8点", "2026-11-22 20:00"),
        ("今晚八点半", "2026-11-22 20:30"),
        ("今天晚上8点", "2026-11-22 20:00"),
        ("今晚", "2026-11-22 20:00"),
        ("明晚", "2026-11-23 20:00"),
        ("明晚7点", "2026-11-23 19:00"),
        ("明早8点", "2026-11-23 08:00"),
        ("明早上8点", "2026-11-23 08:00"),
        ("明早", "2026-11-23 09:00"),
        ("明天上午", "2026-11-23 12:00"),
        ("明天下午", "2026-11-23 18:00"),
        ("明天中午", "2026-11-23 12:00"),
        ("明天中午12点", "2026-11-23 12:00"),
        ("明天中午1点", "2026-11-23 13:00"),
        ("后天傍晚6点", "2026-11-24 18:00"),
        ("后天的下午两点", "2026-11-24 14:00"),
        ("明天凌晨2点", "2026-11-23 02:00"),
        ("明天凌晨12点", "2026-11-23 00:00"),
        ("明天零点", "2026-11-23 00:00"),
        ("今晚12点", "2026-11-23 00:00"),
        ("今晚24点", "2026-11-23 00:00"),
        ("今天24:00", "2026-11-23 00:00"),
        ("今天24点前", "2026-11-23 00:00"),
        ("夜里11点", "2026-11-22 23:00"),
        # times of day
        ("明天15点", "2026-11-23 15:00"),
        ("明天12点", "2026-11-23 12:00"),
        ("明天13点半", "2026-11-23 13:30"),
        ("明天9:30", "2026-11-23 09:30"),
        ("明天8:00", "2026-11-23 08:00"),
        ("明天07:30", "2026-11-23 07:30"),
        ("明天0:30", "2026-11-23 00:30"),
        ("明天23:59", "2026-11-23 23:59"),
        ("明天下午3:30", "2026-11-23 15:30"),
        ("明天下午15:30", "2026-11-23 15:30"),
        ("明天下午3点一刻", "2026-11-23 15:15"),
        ("明天下午三点三刻", "2026-11-23 15:45"),
        ("明天下午3点20分", "2026-11-23 15:20"),
        ("明天下午3点20", "2026-11-23 15:20"),
        ("明天下午3点零五分", "2026-11-23 15:05"),
        ("明天下午3点钟", "2026-11-23 15:00"),
        ("明天下午3点整", "2026-11-23 15:00"),
        ("明天早上8点", "2026-11-23 08:00"),
        ("明天晚上10点", "2026-11-23 22:00"),
        ("明天晚上20:00", "2026-11-23 20:00"),
        ("明天18时30分", "2026-11-23 18:30"),
        ("18:00", "2026-11-22 18:00"),
        ("9:30", "2026-11-23 09:30"),
        ("下午3点", "2026-11-22 15:00"),
        ("早上8点", "2026-11-23 08:00"),
        ("中午", "2026-11-22 12:00"),
        ("下午3点 明天", "2026-11-23 15:00"),
        # weekdays
        ("周五", "2026-11-27 18:00"),
        ("星期五", "2026-11-27 18:00"),
        ("礼拜五", "2026-11-27 18:00"),
        ("周5 18:00", "2026-11-27 18:00"),
        ("周日", "2026-11-22 18:00"),
        ("星期天", "2026-11-22 18:00"),
        ("周日 9:00", "2026-11-29 09:00"),
        ("本周日", "2026-11-22 18:00"),
        ("本周五", "past"),
        ("这周五", "past"),
        ("上周五", "past"),
        ("下周一", "2026-11-23 18:00"),
        ("下周日", "2026-11-29 18:00"),
        ("下个星期三上午十点", "2026-11-25 10:00"),
        ("下下周五", "2026-12-04 18:00"),
        ("周二十点半", "unclear"),
        ("周二上午十点半", "2026-11-24 10:30"),
        ("周五二十点", "2026-11-27 20:00"),
        ("周五18：00", "2026-11-27 18:00"),
        # dates
        ("11月30日18:00", "2026-11-30 18:00"),
        ("11月30日晚8点", "2026-11-30 20:00"),
        ("11月30号", "2026-11-30 18:00"),
        ("11月30 18:00", "2026-11-30 18:00"),
        ("11-30", "2026-11-30 18:00"),
        ("11/30", "2026-11-30 18:00"),
        ("11/30 9:00", "2026-11-30 09:00"),
        ("2026/11/30", "2026-11-30 18:00"),
        ("2026.11.30", "2026-11-30 18:00"),
        ("2026年11月30日", "2026-11-30 18:00"),
        ("26年11月30日", "2026-11-30 18:00"),
        ("2026年11月30日 18:00:30", "2026-11-30 18:00"),
        ("2026-11-30T18:00", "2026-11-30 18:00"),
        ("2026-11-30T06:00", "2026-11-30 06:00"),
        ("2026-11-30T18:00+08:00", "2026-11-30 18:00"),
        ("2026-11-30T10:00:00Z", "2026-11-30 18:00"),
        ("2026-11-30T10:00:00.000Z", "2026-11-30 18:00"),
        ("２０２６－１１－３０　１８：００", "2026-11-30 18:00"),
        ("十二月三十一日晚八点", "2026-12-31 20:00"),
        ("二〇二六年十二月一日", "2026-12-01 18:00"),
        ("二十三号", "2026-11-23 18:00"),
        ("30日", "2026-11-30 18:00"),
        ("30日前", "2026-11-30 18:00"),
        ("5号", "2026-12-05 18:00"),
        ("5号上午9点", "2026-12-05 09:00"),
        ("下个月5号", "2026-12-05 18:00"),
        ("下月5日 9:30", "2026-12-05 09:30"),
        ("本月5号", "past"),
        ("本月25号", "2026-11-25 18:00"),
        ("31号", "impossible"),
        ("11月27日（周五）18:00", "2026-11-27 18:00"),
        ("11月27日（周四）18:00", "unclear"),
        ("1月5日", "2027-01-05 18:00"),
        ("5月22日", "2027-05-22 18:00"),
        ("5月23日", "past"),
        ("11月20日", "past"),
        ("明年1月5日", "2027-01-05 18:00"),
        ("今年1月5日", "past"),
        ("月底前", "2026-11-30 18:00"),
        ("本月底", "2026-11-30 18:00"),
        ("月末", "2026-11-30 18:00"),
        ("下月底", "2026-12-31 18:00"),
        ("12月底", "2026-12-31 18:00"),
        ("2月底", "2027-02-28 18:00"),
        ("年底", "2026-12-31 18:00"),
        ("年底前", "2026-12-31 18:00"),
        ("明年底", "2027-12-31 18:00"),
        # ahead
        ("48小时内", "2026-11-24 10:15"),
        ("半小时后", "2026-11-22 10:45"),
        ("一个半小时后", "2026-11-22 11:45"),
        ("1.5小时后", "2026-11-22 11:45"),
        ("2小时30分钟后", "2026-11-22 12:45"),
        ("20分钟后", "2026-11-22 10:35"),
        ("两天之后", "2026-11-24 10:15"),
        ("3日内", "2026-11-25 10:15"),
        ("三天内", "2026-11-25 10:15"),
        ("半天后", "2026-11-22 22:15"),
        ("两个星期后", "2026-12-06 10:15"),
        ("一个月后", "2026-12-22 10:15"),
        ("半个月内", "2026-12-07 10:15"),
        ("半年后", "2027-05-22 10:15"),
        ("3天后18:00", "2026-11-25 18:00"),
        ("3天后下午3点", "2026-11-25 15:00"),
        ("3天前", "past"),
        ("0天后", "past"),
        # what people add
        ("明天18:00前", "2026-11-23 18:00"),
        ("明天18:00之前", "2026-11-23 18:00"),
        ("明天18:00以前", "2026-11-23 18:00"),
        ("明天18:00截止", "2026-11-23 18:00"),
        ("截至明天18:00为止", "2026-11-23 18:00"),
        ("明天，18:00。", "2026-11-23 18:00"),
        ("\u200b明天\u200b18:00\ufeff", "2026-11-23 18:00"),
        # English
        ("today", "2026-11-22 18:00"),
        ("today 6pm", "2026-11-22 18:00"),
        ("Today at 6 PM", "2026-11-22 18:00"),
        ("tonight", "2026-11-22 20:00"),
        ("tonight 8pm", "2026-11-22 20:00"),
        ("tonight at 9", "unclear"),
        ("tomorrow", "2026-11-23 18:00"),
        ("tomorrow noon", "2026-11-23 12:00"),
        ("noon", "2026-11-22 12:00"),
        ("tomorrow morning", "2026-11-23 12:00"),
        ("tomorrow 9am", "2026-11-23 09:00"),
        ("tomorrow 12am", "2026-11-23 00:00"),
        ("tomorrow 12pm", "2026-11-23 12:00"),
        ("tomorrow 8 in the evening", "unclear"),
        ("tomorrow 8:15 in the evening", "2026-11-23 20:15"),
        ("the day after tomorrow", "2026-11-24 18:00"),
        ("friday 3pm", "2026-11-27 15:00"),
        ("Fri 3 p.m.", "2026-11-27 15:00"),
        ("friday at 3", "unclear"),
        ("friday 3 o'clock", "unclear"),
        ("by friday", "2026-11-27 18:00"),
        ("next friday", "2026-11-27 18:00"),
        ("next week friday", "2026-11-27 18:00"),
        ("friday next week", "2026-11-27 18:00"),
        ("this friday", "past"),
        ("monday 9:00", "2026-11-23 09:00"),
        ("in 48 hours", "2026-11-24 10:15"),
        ("within 48 hours", "2026-11-24 10:15"),
        ("in two weeks", "2026-12-06 10:15"),
        ("in an hour", "2026-11-22 11:15"),
        ("in half an hour", "2026-11-22 10:45"),
        ("in a month", "2026-12-22 10:15"),
        ("3 days later", "2026-11-25 10:15"),
        ("end of month", "2026-11-30 18:00"),
        ("by the end of the month", "2026-11-30 18:00"),
        ("end of next month", "2026-12-31 18:00"),
        ("end of year", "2026-12-31 18:00"),
        ("nov 30", "2026-11-30 18:00"),
        ("Nov. 30th, 2026", "2026-11-30 18:00"),
        ("November 30 18:00", "2026-11-30 18:00"),
        ("30 november 2026 6:30 pm", "2026-11-30 18:30"),
        ("30th of November", "2026-11-30 18:00"),
        ("the 30th", "2026-11-30 18:00"),
        ("yesterday", "past"),
        # what no calendar and no clock shows
        ("2月30日", "impossible"),
        ("2026-02-30", "impossible"),
        ("13月1日", "impossible"),
        ("11月0日", "impossible"),
        ("2月29日", "impossible"),
        ("2028年2月29日", "2028-02-29 18:00"),
        ("明天25:00", "impossible"),
        ("明天24:01", "impossible"),
        ("明天18:60", "impossible"),
        ("明天23:59:60", "impossible"),
        ("明天25点", "impossible"),
        ("9999-12-31", "impossible"),
        ("9999年12月31日 24:00", "impossible"),
        ("9999天后", "impossible"),
        ("999年后", "impossible"),
        ("0000-01-01", "impossible"),
        ("0001-01-01 00:00", "impossible"),
        # what is past
        ("昨天", "past"),
        ("前天18:00", "past"),
        ("今天9:00", "past"),
        ("今早8点", "past"),
        ("2025-11-30", "past"),
        ("1926-01-01 00:00", "past"),
        # what is asked back
        ("", "unclear"),
        ("   ", "unclear"),
        ("前", "unclear"),
        ("尽快", "unclear"),
        ("明天9点", "unclear"),
        ("明天11点", "unclear"),
        ("明天3:30", "unclear"),
        ("明天凌晨", "unclear"),
        ("明天凌晨8点", "unclear"),
        ("明天上午15点", "unclear"),
        ("今晚1点", "2026-11-23 01:00"),
        ("明晚1点", "unclear"),
        ("明天上午下午3点", "unclear"),
        ("明天或后天", "unclear"),
        ("周五到周六", "unclear"),
        ("明天18:00-20:00", "unclear"),
        ("明天18:00 20:00", "unclear"),
        ("明天开会", "unclear"),
        ("下班前", "unclear"),
        ("本周内", "unclear"),
        ("周末", "unclear"),
        ("下周", "unclear"),
        ("11月", "unclear"),
        ("11.30", "unclear"),
        ("26-11-30", "unclear"),
        ("30", "unclear"),
        ("1800", "unclear"),
        ("三五天后", "unclear"),
        ("农历八月十五", "unclear"),
        ("48小时后18:00", "unclear"),
        ("明天3天后", "unclear"),
        ("midnight", "unclear"),
        ("24h", "unclear"),
        ("明天" * 50, "unclear"),
        ("1" * 10_000, "unclear"),
    ],
)
@pytest.mark.faults("CLK11", "CLK12")
def test_reads(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天", "2026-11-23 09:00"),
        ("明天上午", "2026-11-23 09:00"),
        ("明天下午", "2026-11-23 15:00"),
        ("今晚", "2026-11-22 20:00"),
        ("今天", "past"),
        ("月底", "2026-11-30 09:00"),
        ("3天后", "2026-11-25 10:15"),
    ],
)
def test_a_publishing_day_without_a_time_means_the_morning(text: str, expected: str) -> None:
    assert shown(text, default=PUBLISH) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周五3点", ["2026-11-27 03:00", "2026-11-27 15:00"]),
        ("明天9点", ["2026-11-23 09:00", "2026-11-23 21:00"]),
        ("明天7:30", ["2026-11-23 07:30", "2026-11-23 19:30"]),
        ("明晚1点", ["2026-11-23 01:00", "2026-11-24 01:00"]),
        ("尽快", []),
    ],
)
def test_asks_back_with_what_it_may_mean(text: str, expected: list[str]) -> None:
    result = read(text)
    assert isinstance(result, NoMoment)
    assert result.problem is Problem.UNCLEAR
    assert [f"{each.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for each in result.candidates] == expected


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        # just after midnight, tomorrow is still the next calendar day
        (datetime(2026, 11, 22, 0, 10, tzinfo=SHANGHAI), "明天", "2026-11-23 18:00"),
        (datetime(2026, 11, 22, 0, 10, tzinfo=SHANGHAI), "今天", "2026-11-22 18:00"),
        (datetime(2026, 11, 21, 23, 50, tzinfo=SHANGHAI), "明天", "2026-11-22 18:00"),
        # the coming weekday: today while the time is ahead
        (datetime(2026, 11, 27, 10, 0, tzinfo=SHANGHAI), "周五", "2026-11-27 18:00"),
        (datetime(2026, 11, 27, 18, 0, tzinfo=SHANGHAI), "周五", "2026-12-04 18:00"),
        (datetime(2026, 11, 27, 10, 0, tzinfo=SHANGHAI), "本周五", "2026-11-27 18:00"),
        (datetime(2026, 11, 27, 10, 0, tzinfo=SHANGHAI), "下周五", "2026-12-04 18:00"),
        (datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI), "周日", "2026-11-29 18:00"),
        (datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI), "下周日", "2026-12-06 18:00"),
        # exactly now is past
        (datetime(2026, 11, 22, 18, 0, tzinfo=SHANGHAI), "今天18:00", "past"),
        (datetime(2026, 11, 22, 19, 0, tzinfo=SHANGHAI), "今天", "past"),
        (datetime(2026, 11, 22, 21, 0, tzinfo=SHANGHAI), "今晚", "past"),
        (datetime(2026, 11, 30, 19, 0, tzinfo=SHANGHAI), "月底", "past"),
        # of two meanings one is past
        (datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI), "今天3点", "2026-11-22 15:00"),
        (datetime(2026, 11, 22, 1, 0, tzinfo=SHANGHAI), "今天3点", "unclear"),
        # month ends, leap years
        (datetime(2027, 1, 31, 19, 0, tzinfo=SHANGHAI), "一个月后", "2027-02-28 19:00"),
        (datetime(2027, 1, 31, 19, 0, tzinfo=SHANGHAI), "下个月31号", "impossible"),
        (datetime(2027, 1, 31, 19, 0, tzinfo=SHANGHAI), "30号", "impossible"),
        (datetime(2027, 1, 31, 19, 0, tzinfo=SHANGHAI), "28号", "2027-02-28 18:00"),
        (datetime(2028, 2, 10, 9, 0, tzinfo=SHANGHAI), "月底", "2028-02-29 18:00"),
        (datetime(2027, 11, 2, 9, 0, tzinfo=SHANGHAI), "2月29日", "2028-02-29 18:00"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=SHANGHAI), "明天", "2027-01-01 18:00"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=SHANGHAI), "下月5号", "2027-01-05 18:00"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=SHANGHAI), "今晚24点", "2027-01-01 00:00"),
        # summer time: a missing hour means the instant after it, a repeated hour the first of the two
        (datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN), "明天02:30", "2026-03-29 03:00"),
        (datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN), "明天02:30", "2026-10-25 02:30"),
        (datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN), "1天后", "2026-03-29 12:00"),
        (datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN), "24小时后", "2026-03-29 13:00"),
        (datetime(2026, 3, 7, 12, 0, tzinfo=NEW_YORK), "tomorrow 02:30", "2026-03-08 03:00"),
        # the far end of the calendar
        (datetime(9999, 12, 31, 12, 0, tzinfo=SHANGHAI), "明天", "impossible"),
        (datetime(9999, 12, 31, 12, 0, tzinfo=SHANGHAI), "一个月后", "impossible"),
        (datetime(9999, 12, 31, 12, 0, tzinfo=SHANGHAI), "今晚12点", "impossible"),
    ],
)
@pytest.mark.faults("CLK9", "CLK11")
def test_reads_at_another_time(now: datetime, text: str, expected: str) -> None:
    assert shown(text, now) == expected


def test_the_first_of_a_repeated_hour() -> None:
    assert read("明天02:30", datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN)) == Moment(
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    )


WORDS = [
    *(
        "今天",
        "明天",
        "大后天",
        "今晚",
        "周",
        "周五",
        "下",
        "本",
        "星期",
        "月",
        "日",
        "号",
        "点",
        "半",
        "一刻",
        "分",
        "时",
        "年",
        "底",
    ),
    *(
        "上午",
        "下午",
        "晚上",
        "凌晨",
        "中午",
        "前",
        "后",
        "内",
        "之前",
        "天",
        "小时",
        "个",
        "十",
        "二十",
        "三",
        "零",
        "两",
        "百",
    ),
    *(
        "11",
        "30",
        "2026",
        "9999",
        "24:00",
        "18:60",
        "-",
        "/",
        ":",
        "：",
        " ",
        "　",
        "t",
        "z",
        "in ",
        "next ",
        "friday",
        "nov ",
    ),
    *("tomorrow", "pm", "am", "noon", "end of ", "month", "within ", "hours", "00", "99999"),
]


@given(st.text())
@pytest.mark.faults("CLK11")
def test_any_text_is_read_or_refused(text: str) -> None:
    check(read(text))


@given(st.lists(st.sampled_from(WORDS), max_size=8).map("".join))
@pytest.mark.faults("CLK11")
def test_any_mixture_of_its_words_is_read_or_refused(text: str) -> None:
    check(read(text))


def check(result: ReadTime) -> None:
    if isinstance(result, Moment):
        assert result.at > NOW
        assert result.at.tzinfo is UTC
    else:
        assert list(result.candidates) == sorted(result.candidates)
        assert len(result.candidates) != 1
        assert all(candidate > NOW for candidate in result.candidates)
