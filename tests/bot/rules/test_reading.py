"""How long it takes to read something."""

import pytest

from bot.rules.reading import median, minutes_of


@pytest.mark.parametrize(
    ("texts", "minutes"),
    [
        (("",), 1),
        (("交党费",), 1),
        (("字" * 350,), 1),
        (("字" * 351,), 2),
        (("标题", "字" * 700), 3),
        (("word " * 233,), 1),
        (("word " * 300,), 2),
        (("字，" * 350,), 1),
        (("e-mail don't 2026-11-23",), 1),
    ],
)
def test_minutes(texts: tuple[str, ...], minutes: int) -> None:
    assert minutes_of(*texts) == minutes


@pytest.mark.parametrize(
    ("counted", "total", "expected"),
    [
        ([], 0, 0),
        ([], 5, 0),
        ([(3, 5)], 5, 3),
        ([(3, 2)], 5, 0),
        ([(3, 3)], 5, 3),
        ([(6, 1), (2, 1), (4, 1)], 3, 4),
        ([(6, 10), (2, 1)], 11, 6),
    ],
)
def test_the_middle_one(counted: list[tuple[int, int]], total: int, expected: int) -> None:
    assert median(counted, total) == expected
