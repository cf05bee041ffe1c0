"""Reading what follows a command word."""

import pytest

from bot.errors import UserError
from bot.services.arguments import Named, number_and_person, only_number, persons


@pytest.mark.faults("CMD16")
@pytest.mark.parametrize(("text", "number"), [("12", 12), ("＃１２", 12), (" 012 ", 12), ("12号", 12)])
def test_one_number(text: str, number: int) -> None:
    assert only_number(text, "an.example") == number


@pytest.mark.faults("CMD16")
@pytest.mark.parametrize("text", ["", "12;13", "12 13", "12 请", "1" * 20, "0", "十二"])
def test_no_number(text: str) -> None:
    with pytest.raises(UserError) as refused:
        only_number(text, "an.example")
    assert refused.value.key == "an.example"


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("张三 出差", Named("张三", "", "出差")),
        ("张三，出差", Named("张三", "", "出差")),
        ("@张三 出差（北京）", Named("张三", "", "出差（北京）")),
        ("张三@第二支部 出差", Named("张三", "第二支部", "出差")),
        ("张三（第二支部）出差", Named("张三", "第二支部", "出差")),
        ("张三（第二支部） 出差", Named("张三", "第二支部", "出差")),
        ("Li Wei@First Branch away", Named("Li Wei", "First Branch", "away")),
        ("Li Wei away now", Named("Li Wei", "", "away now")),
        ("张三", Named("张三", "", "")),
    ],
)
def test_persons(text: str, reading: Named) -> None:
    assert reading in persons(text)


def test_the_longest_name_comes_first() -> None:
    assert [reading.name for reading in persons("Li Wei Ming away")] == ["Li Wei Ming", "Li Wei", "Li"]


@pytest.mark.parametrize("text", ["", "12", "张三 出差", "12;13 张三"])
def test_both_are_needed(text: str) -> None:
    with pytest.raises(UserError):
        number_and_person(text, "an.example")
