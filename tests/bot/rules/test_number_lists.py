"""Lists of numbers as people write them."""

import pytest

from bot.rules.number_lists import MOST, read_numbers


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("3", [3]),
        ("3,5,9", [3, 5, 9]),
        ("3、5、9", [3, 5, 9]),
        ("３，５，９", [3, 5, 9]),
        ("3 5 9", [3, 5, 9]),
        ("3.5.9。", [3, 5, 9]),
        ("3-7", [3, 4, 5, 6, 7]),
        ("３－５，9", [3, 4, 5, 9]),
        ("3～5", [3, 4, 5]),
        ("3—5", [3, 4, 5]),
        ("3到5和9", [3, 4, 5, 9]),
        ("第3号、5号至7号", [3, 5, 6, 7]),
        ("9 3 3", [3, 9]),
        ("12;13", [12, 13]),
    ],
)
def test_what_is_a_list(written: str, numbers: list[int]) -> None:
    assert read_numbers(written) == numbers


@pytest.mark.parametrize(
    "written", ["", "张三", "3,张三", "7-3", "0", "0-3", "3-", "-3", f"1-{MOST + 1}", "1234567", "3-5-7"]
)
def test_what_is_none(written: str) -> None:
    assert read_numbers(written) is None
