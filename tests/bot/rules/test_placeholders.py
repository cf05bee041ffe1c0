"""Leftovers in a text are found, ordinary words are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.placeholders import suspicious_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("XX同志：请于XX月XX日参会", ["XX"]),
        ("ＸＸＸ支部", ["XXX"]),
        ("xx支部", ["xx"]),
        ("××支部", ["××"]),
        ("于X月X日召开", ["X"]),
        ("第×次会议", ["×"]),
        ("○○支部", ["○○"]),
        ("{姓名}同志", ["{姓名}"]),
        ("｛姓名｝同志", ["{姓名}"]),
        ("{{ name }}同志 ${name} {}", ["{{ name }}", "${name}", "{}"]),
        ("Dear %(name)s", ["%(name)s"]),
        ("【待定】", ["【待定】"]),
        ("【姓名】同志", ["【姓名】"]),
        ("[时间]在<地点>开会", ["[时间]", "<地点>"]),
        ("地点待定", ["待定"]),
        ("时间另行补充，请填写", ["另行补充", "请填写"]),
        ("地点：____", ["____"]),
        ("测试", ["测试"]),
        ("测试题见附件", ["测试"]),
        ("test", ["test"]),
        ("This is a TEST. TODO: body, TBD", ["TEST", "TODO", "TBD"]),
        ("lorem ipsum dolor", ["lorem ipsum"]),
        ("人数???", ["???"]),
        ("XX和XX和YY", ["XX"]),
    ],
)
@pytest.mark.faults("CMD12")
def test_finds_leftovers(text: str, found: list[str]) -> None:
    assert suspicious_words(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "关于召开支部大会的通知",
        "各位成员：请于11月30日18:00前确认。",
        "二〇二六年十一月三十日",
        "二〇〇八年",
        "2×3=6",
        "XL码和XXL码",
        "latest contest attestation",
        "Max, Xi and X-ray",
        "【通知】（一）【重要】",
        "见 https://xx.example.org/test?todo=XX 一文",
        "谁去？",
        "学习《时间简史》",
        "",
    ],
)
@pytest.mark.faults("CMD12")
def test_leaves_ordinary_words_alone(text: str) -> None:
    assert suspicious_words(text) == []


@given(st.text())
def test_any_text_is_looked_through(text: str) -> None:
    words = suspicious_words(text)
    assert len(words) == len(set(words))
