"""Chinese numerals become digits; runs that are no single number stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.numerals import with_digits


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("三点", "3点"),
        ("两点半", "2点半"),
        ("十点", "10点"),
        ("十二月三十一日", "12月31日"),
        ("二十三号", "23号"),
        ("二十点", "20点"),
        ("零点", "0点"),
        ("零五分", "05分"),
        ("二〇二六年", "2026年"),
        ("二零二六年", "2026年"),
        ("一百天", "100天"),
        ("一百零五天", "105天"),
        ("两百四十小时", "240小时"),
        ("三五天", "三五天"),
        ("十一二点", "十一二点"),
        ("明天18:00", "明天18:00"),
        ("", ""),
    ],
)
def test_reads_numerals(written: str, digits: str) -> None:
    assert with_digits(written) == digits


@given(st.integers(min_value=1, max_value=99))
def test_every_number_below_a_hundred(number: int) -> None:
    names = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    written = ("" if tens == 0 else "十" if tens == 1 else f"{names[tens]}十") + (names[ones] if ones else "")
    assert with_digits(written) == str(number)


@given(st.text(alphabet="零〇一二两三四五六七八九十百年月日"))
def test_never_raises(text: str) -> None:
    with_digits(text)
