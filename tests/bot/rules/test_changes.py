"""The difference between two texts, as people read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.changes import Change, Kind, Piece, changes, pieces, sentences

TEXTS = st.text(alphabet="周五下午三四点开会。！\n ab12", max_size=60)


def shown(change: Change) -> str:
    if change.kind is Kind.REMOVED:
        return f"-{change.old}"
    if change.kind is Kind.ADDED:
        return f"+{change.new}"
    return "".join(p.old if p.old == p.new else f"[{p.old}>{p.new}]" for p in change.pieces)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("周五下午三点开会。", "周五下午三点开会。", []),
        ("周五下午三点开会。", "周五下午四点开会。", ["周五下午[三>四]点开会。"]),
        ("请准时参加。", "请准时参加。带好笔记本。", ["+带好笔记本。"]),
        ("请准时参加。带好笔记本。", "请准时参加。", ["-带好笔记本。"]),
        ("甲。乙。丙。", "甲。丙。", ["-乙。"]),
        ("地点：二楼会议室", "地点：三楼会议室", ["地点：[二>三]楼会议室"]),
        ("", "新的正文。", ["+新的正文。"]),
        ("旧的一句。", "", ["-旧的一句。"]),
        ("各位成员：\n周五15:00开会。", "各位成员：\n周五16:00开会。", ["周五[15>16]:00开会。"]),
        ("Meet on Friday at 15:00.", "Meet on Monday at 15:00.", ["Meet on [Friday>Monday] at 15:00."]),
        ("今天天气很好。", "请交思想汇报！", ["-今天天气很好。", "+请交思想汇报！"]),
        ("甲乙丙丁开会。", "先签到。甲乙丙戊开会。", ["+先签到。", "甲乙丙[丁>戊]开会。"]),
    ],
)
def test_changes(old: str, new: str, expected: list[str]) -> None:
    assert [shown(change) for change in changes(old, new)] == expected


def test_a_quote_closes_with_its_sentence() -> None:
    assert sentences("他说：“来。”然后走了。\n\n完") == ["他说：“来。”", "然后走了。", "完"]


def test_a_very_long_sentence_is_shown_whole() -> None:
    old, new = "长" * 3000, "长" * 2999 + "短"
    assert [change.kind for change in changes(old, new)] == [Kind.REMOVED, Kind.ADDED]


@given(TEXTS, TEXTS)
def test_nothing_is_invented_and_nothing_lost(old: str, new: str) -> None:
    found = changes(old, new)
    before, after = sentences(old), sentences(new)
    for change in found:
        assert change.old == "" or change.old in before
        assert change.new == "" or change.new in after
        if change.kind is Kind.REWORDED:
            assert "".join(piece.old for piece in change.pieces) == change.old
            assert "".join(piece.new for piece in change.pieces) == change.new
    removed, added = [c.old for c in found if c.old], [c.new for c in found if c.new]
    kept = list(before)
    for sentence in removed:
        kept.remove(sentence)
    for sentence in added:
        assert sentence in after
    assert len(kept) == len(after) - len(added)


def test_pieces_of_equal_sentences() -> None:
    assert pieces("甲", "甲") == (Piece("甲", "甲"),)
