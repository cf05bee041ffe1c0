"""Different spellings of the same text become equal; nothing invisible survives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.folding import fold, lines_of, normalise


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("／通知　标题", "/通知 标题"),
        ("＃１２", "#12"),
        ("ＡｂＣ", "AbC"),
        ("收到！", "收到!"),
        ("通知：标题", "通知:标题"),
        ("（一）；，", "(一);,"),
        ("12\u200b3", "123"),
        ("\ufeff收到", "收到"),
        ("\u202e收到\u202c", "收到"),
        ("a\u00a0b\tc", "a b c"),
        ("收\x00到", "收到"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("  两头空  ", "两头空"),
        ("好\ud800的", "好的"),
        ("", ""),
    ],
)
def test_folds(typed: str, folded: str) -> None:
    assert normalise(typed) == folded


@given(st.text())
def test_nothing_invisible_survives(text: str) -> None:
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in normalise(text))


@given(st.text())
def test_folding_knows_where_each_character_came_from(text: str) -> None:
    folded, positions = fold(text)
    assert len(positions) == len(folded) + 1
    assert positions == sorted(positions)
    assert positions[-1] == len(text)


def test_every_kind_of_line_break() -> None:
    assert lines_of("a\r\nb\rc\nd\u2028e") == ["a", "b", "c", "d", "e"]
