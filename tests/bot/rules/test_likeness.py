"""Which questions are about the same."""

import pytest

from bot.rules.likeness import ALIKE, likeness, most_alike

LAMP = "小区门口的路灯坏了，什么时候修？"


@pytest.mark.parametrize("other", ["门口路灯坏了", "请问小区门口路灯什么时候能修好", "小区门口路灯坏了好几天了，谢谢"])
def test_alike(other: str) -> None:
    assert likeness(LAMP, other) >= ALIKE


@pytest.mark.parametrize("other", ["医保怎么转移？", "门口的垃圾没有人清", "", "？"])
def test_not_alike(other: str) -> None:
    assert likeness(LAMP, other) < ALIKE


def test_the_most_alike_come_first() -> None:
    others = [(1, "医保怎么转移"), (2, "小区门口的路灯什么时候修好"), (3, LAMP)]
    assert most_alike(LAMP, others) == [3, 2]
