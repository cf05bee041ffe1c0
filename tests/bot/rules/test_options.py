"""Options as people write them."""

import pytest

from bot.rules.options import read_choice, read_options, take_options


@pytest.mark.parametrize(
    ("text", "options", "rest"),
    [
        ("活动\nA 甲\nB 乙\n正文", ["甲", "乙"], "活动\n正文"),
        ("活动\nA. 甲\nB．乙", ["甲", "乙"], "活动"),
        ("活动\n截止：周五\n1、甲\n2、乙\n\n请大家投票", ["甲", "乙"], "活动\n截止：周五\n\n请大家投票"),
        ("活动\n（1）甲\n（2）乙", ["甲", "乙"], "活动"),
        ("活动\n选项：\n甲\n乙\n截止：周五\n正文", ["甲", "乙"], "活动\n截止：周五\n正文"),
        ("活动\n选项：甲、乙，丙\n截止：周五", ["甲", "乙", "丙"], "活动\n截止：周五"),
        ("Which day\noptions:\na) Sat\nb) Sun", ["Sat", "Sun"], "Which day"),
        ("A 甲\n正文", [], "A 甲\n正文"),
        ("活动\n2 乙\n正文", [], "活动\n2 乙\n正文"),
    ],
)
def test_options_are_taken_out_of_the_text(text: str, options: list[str], rest: str) -> None:
    taken = take_options(text)
    assert (read_options("\n".join(taken.words)), taken.rest) == (options, rest)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("A", [0]),
        ("ａ。", [0]),
        ("AC", [0, 2]),
        ("c、a", [0, 2]),
        ("A和B", [0, 1]),
        ("2", [1]),
        ("1,3", [0, 2]),
        ("AA", [0]),
        ("D", None),
        ("4", None),
        ("", None),
        ("A 谢谢", None),
        ("甲", None),
    ],
)
def test_a_choice_of_three(text: str, choice: list[int] | None) -> None:
    assert read_choice(text, 3) == choice
