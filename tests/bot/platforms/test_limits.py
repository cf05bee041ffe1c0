"""Cutting at the borders of what people see as one character."""

import pytest

from bot.platforms.limits import characters, clean, cut_bytes, cut_characters

FAMILY = "👩‍👩‍👧"
FLAGS = "🇨🇳🇫🇷"
THUMB = "👍🏽"
KEYCAP = "1️⃣"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.faults("CB17")
@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("党员", ["党", "员"]),
        ("e\u0301x", ["e\u0301", "x"]),
        (FAMILY + "x", [FAMILY, "x"]),
        (FLAGS + "🇩", ["🇨🇳", "🇫🇷", "🇩"]),
        (THUMB * 2, [THUMB, THUMB]),
        (KEYCAP + "2", [KEYCAP, "2"]),
        (WALES, [WALES]),
    ],
)
def test_characters(text: str, pieces: list[str]) -> None:
    assert list(characters(text)) == pieces


@pytest.mark.faults("OUT18")
@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("党员大会", 4, "党员大会"),
        ("党员大会", 3, "党员…"),
        ("ab cd", 4, "ab…"),
        (FAMILY + "xx", 5, "…"),
        (FAMILY + "xx", 6, FAMILY + "…"),
        (FAMILY + "xx", 7, FAMILY + "xx"),
        ("a" + FAMILY + "xx", 7, "a" + FAMILY + "…"),
    ],
)
def test_cutting_by_characters(text: str, limit: int, cut: str) -> None:
    assert cut_characters(text, limit) == cut


@pytest.mark.faults("OUT18")
@pytest.mark.parametrize("limit", range(3, 60))
@pytest.mark.parametrize("text", ["党" * 30, "ab党" * 12, FAMILY * 4, "x" + FLAGS * 5, THUMB * 9])
def test_cutting_by_bytes_fills_what_there_is(text: str, limit: int) -> None:
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit
    kept = list(characters(cut.removesuffix("…")))
    assert list(characters(text))[: len(kept)] == kept


def test_cleaning() -> None:
    assert clean("一\r\n二\r三\t\x00\x0b\x1f四\ud800五\ufffe") == "一\n二\n三\t四五"
