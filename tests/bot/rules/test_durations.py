"""How long, the way people write it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.times import read_duration, read_durations

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24h", DAY),
        ("24H", DAY),
        ("２４ｈ", DAY),
        ("24 小时", DAY),
        ("24个小时", DAY),
        ("24hours", DAY),
        ("3天", 3 * DAY),
        ("三天", 3 * DAY),
        ("3日", 3 * DAY),
        ("3d", 3 * DAY),
        ("48小时", 2 * DAY),
        ("四十八小时", 2 * DAY),
        ("半天", 12 * HOUR),
        ("一天半", 36 * HOUR),
        ("1天12小时", 36 * HOUR),
        ("半小时", HOUR / 2),
        ("半个小时", HOUR / 2),
        ("一个半小时", 1.5 * HOUR),
        ("1.5h", 1.5 * HOUR),
        ("1h30m", 1.5 * HOUR),
        ("2小时30分", 2.5 * HOUR),
        ("两周", 14 * DAY),
        ("一个星期", 7 * DAY),
        ("1w", 7 * DAY),
        ("90m", 1.5 * HOUR),
        ("90分钟", 1.5 * HOUR),
        ("90s", 1.5 * HOUR / 60),
        ("24小时后", DAY),
        ("366天", 366 * DAY),
        ("367天", None),
        ("99999周" * 1000, None),
        ("0h", None),
        ("-1h", None),
        ("24", None),
        ("h", None),
        ("1个月", None),
        ("24h，48h", None),
        ("24hx", None),
        ("明天", None),
        ("", None),
    ],
)
def test_reads_one(text: str, expected: timedelta | None) -> None:
    assert read_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24h，48h", (DAY, 2 * DAY)),
        ("24h,48h", (DAY, 2 * DAY)),
        ("24h、48h", (DAY, 2 * DAY)),
        ("24h 48h", (DAY, 2 * DAY)),
        ("24小时和3天", (DAY, 3 * DAY)),
        ("1天 12小时", (DAY, 12 * HOUR)),
        ("48h，24h，48h", (2 * DAY, DAY)),
        ("24h，", (DAY,)),
        ("24h，明天", None),
        ("24h，0h", None),
        ("，", None),
        ("", None),
    ],
)
def test_reads_several(text: str, expected: tuple[timedelta, ...] | None) -> None:
    assert read_durations(text) == expected


@given(st.text() | st.text(alphabet="0123456789hdmw天小时半个周，. 一两十"))
def test_any_text_is_read_or_refused(text: str) -> None:
    durations = read_durations(text)
    assert durations is None or all(timedelta() < each <= 366 * DAY for each in durations)
