"""Cutting, splitting and cleaning text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.text import bar, byte_length, characters, clean, cut_bytes, cut_chars, split_bytes

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇨🇳"
THUMB = "👍🏽"
ACCENT = "e\u0301"
KEYCAP = "1\ufe0f\u20e3"

texts = st.text() | st.lists(st.sampled_from([FAMILY, FLAG, THUMB, ACCENT, KEYCAP, "党", "a", "\n", " "])).map("".join)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("通知", 6, "通知"),
        ("通知通知", 11, "通知…"),
        ("通知通知", 10, "通知…"),
        ("通知通知", 8, "通…"),
        ("abcdef", 5, "ab…"),
        ("abcdef", 3, "…"),
        ("abcdef", 2, "ab"),
        ("abcdef", 0, ""),
        ("", 0, ""),
        (f"a{FAMILY}b", 10, "a…"),
        (f"{FLAG}{FLAG}", 12, f"{FLAG}…"),
        (f"{THUMB}{THUMB}", 11, f"{THUMB}…"),
        (f"{ACCENT}{ACCENT}bcd", 6, f"{ACCENT}…"),
        (f"a{KEYCAP}bcd", 8, "a…"),
    ],
)
def test_cuts_between_characters(text: str, limit: int, expected: str) -> None:
    assert cut_bytes(text, limit) == expected


def test_cuts_with_another_ending() -> None:
    assert cut_bytes("通知通知", 9, ending="") == "通知通"
    assert cut_bytes("abcdefgh", 6, ending="...") == "abc..."
    assert cut_chars("通知通知", 3) == "通知…"
    assert cut_chars("通知", 2) == "通知"
    assert cut_chars(f"通{FAMILY}知", 4) == "通…"


@given(texts, st.integers(min_value=0, max_value=40))
def test_a_cut_text_fits_and_ends_where_a_character_ends(text: str, limit: int) -> None:
    cut = cut_bytes(text, limit)
    assert byte_length(cut) <= limit
    if cut != text:
        kept = list(characters(cut.removesuffix("…")))
        assert list(characters(text))[: len(kept)] == kept


@given(texts)
def test_characters_make_up_the_text(text: str) -> None:
    assert "".join(characters(text)) == text


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("一\n二\n三", 100, ["一\n二\n三"]),
        ("一\n二\n三", 7, ["一\n二", "三"]),
        ("一\n二\n三", 6, ["一", "二", "三"]),
        ("一二三四", 6, ["一二", "三四"]),
        ("一二三四\n五", 7, ["一二", "三四", "五"]),
        ("一二三\n五", 7, ["一二", "三\n五"]),
        ("一\n\n\n二", 4, ["一", "二"]),
        ("一\n\n二", 100, ["一\n\n二"]),
        (f"{FAMILY}{FAMILY}", 20, [FAMILY, FAMILY]),
        (FAMILY, 8, ["👨\u200d", "👩\u200d", "👧"]),
        ("", 10, []),
        ("\n\n", 10, []),
    ],
)
def test_splits_between_lines(text: str, limit: int, expected: list[str]) -> None:
    assert split_bytes(text, limit) == expected


@given(texts, st.integers(min_value=4, max_value=40))
def test_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    pieces = split_bytes(text, limit)
    assert all(0 < byte_length(piece) <= limit for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


def test_a_limit_that_fits_no_character_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        split_bytes("一", 3)


@pytest.mark.parametrize(
    ("done", "total", "width", "expected"),
    [
        (38, 100, 10, "▓▓▓▓░░░░░░ 38%"),
        (0, 38, 5, "░░░░░ 0%"),
        (38, 38, 5, "▓▓▓▓▓ 100%"),
        (1, 1000, 5, "▓░░░░ 1%"),
        (999, 1000, 5, "▓▓▓▓░ 99%"),
        (1, 2, 4, "▓▓░░ 50%"),
        (0, 0, 3, "░░░ 0%"),
        (5, 3, 3, "▓▓▓ 100%"),
        (-1, 3, 3, "░░░ 0%"),
    ],
)
def test_draws_a_bar(done: int, total: int, width: int, expected: str) -> None:
    assert bar(done, total, width) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一\x00二", "一二"),
        ("一\x07\x1b[31m二", "一[31m二"),
        ("一\t二\n三", "一\t二\n三"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("一\ud800二", "一二"),
        ("一\ufffe\uffff\ufdd0\U0001ffff二", "一二"),
        ("\ufeff一", "一"),
        ("发票\u202egpj.exe", "发票gpj.exe"),
        ("\u2066一\u2069", "一"),
        (FAMILY, FAMILY),
        ("", ""),
    ],
)
def test_cleans(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(alphabet=st.characters()))
def test_clean_text_can_be_encoded_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned
    assert "\x00" not in cleaned
