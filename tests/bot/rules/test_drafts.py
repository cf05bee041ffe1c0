"""A draft taken apart: title, fields, body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.words import Draft, Slip, split_fields

NAMES = {
    "对象": "to",
    "to": "to",
    "截止": "due",
    "截至": "due",
    "due": "due",
    "定时": "at",
    "at": "at",
    "要求": "require",
    "require": "require",
    "提醒": "remind",
    "remind": "remind",
    "链接": "link",
    "link": "link",
}

WHOLE = """关于召开支部大会的通知
对象：第一支部，正式
截止：明天 18:00
定时：今天 20:00
要求：确认
提醒：24h，48h
链接：https://example.org/a
各位成员：
  请准时参加。

支委会"""


def test_reads_the_whole_form() -> None:
    assert split_fields(WHOLE, NAMES) == Draft(
        title="关于召开支部大会的通知",
        fields={
            "to": "第一支部，正式",
            "due": "明天 18:00",
            "at": "今天 20:00",
            "require": "确认",
            "remind": "24h，48h",
            "link": "https://example.org/a",
        },
        body="各位成员：\n  请准时参加。\n\n支委会",
    )


@pytest.mark.parametrize(
    ("text", "title", "fields", "body"),
    [
        ("标题", "标题", {}, ""),
        ("标题\n正文", "标题", {}, "正文"),
        ("标题\r\nto: 全体\r\n正文", "标题", {"to": "全体"}, "正文"),
        ("标题\nＤＵＥ：tomorrow", "标题", {"due": "tomorrow"}, ""),
        ("标题\nDue : tomorrow 18:00", "标题", {"due": "tomorrow 18:00"}, ""),
        ("标题\n\n\n对象：全体\n正文", "标题", {"to": "全体"}, "正文"),
        ("标题\n对象：全体\n\n截至：周五\n\n正文", "标题", {"to": "全体", "due": "周五"}, "正文"),
        ("标题\n　对 象　：　全体", "标题", {"to": "全体"}, ""),
        ("标题\n正文\n截止：周五", "标题", {}, "正文\n截止：周五"),
        ("标题\n各位成员：\n截止：周五", "标题", {}, "各位成员：\n截止：周五"),
        ("标题\n链接：https://a.example/?x=1:2", "标题", {"link": "https://a.example/?x=1:2"}, ""),
        ("标题\nhttps://a.example", "标题", {}, "https://a.example"),
        ("标题\n要求：", "标题", {"require": ""}, ""),
        ("标题\n要点：三条", "标题", {}, "要点：三条"),
        ("对象：全体\n正文", "", {"to": "全体"}, "正文"),
        ("关于截止：说明", "关于截止：说明", {}, ""),
        ("第１次会议", "第１次会议", {}, ""),
        ("", "", {}, ""),
    ],
)
def test_splits(text: str, title: str, fields: dict[str, str], body: str) -> None:
    draft = split_fields(text, NAMES)
    assert (draft.title, dict(draft.fields), draft.body) == (title, fields, body)
    assert draft.duplicates == ()


def test_a_field_given_twice_is_reported_and_the_first_stands() -> None:
    draft = split_fields("标题\n截止：周五\nto: 甲\ndue: 周六\n截至：周日", NAMES)
    assert draft.fields == {"due": "周五", "to": "甲"}
    assert draft.duplicates == ("due",)


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        ("截止日：明天", Slip("截止日", "截止")),
        ("截止时间：明天", Slip("截止时间", "截止")),
        ("对像：第一支部", Slip("对像", "对象")),
        ("发送对象：第一支部", Slip("发送对象", "对象")),
        ("requre: ack", Slip("requre", "require")),
        ("截止 明天18:00", Slip("截止", "截止")),
        ("对象　第一支部", Slip("对象", "对象")),
    ],
)
def test_a_near_miss_is_reported_and_kept_in_the_body(line: str, slip: Slip) -> None:
    draft = split_fields(f"标题\n{line}\n要求：确认\n正文", NAMES)
    assert draft.suspicious == (slip,)
    assert draft.fields == {"require": "确认"}
    assert draft.body == f"{line}\n正文"


@pytest.mark.parametrize(
    "line",
    [
        "主题：学习",
        "各位：",
        "截止日：",
        "关于第一支部的对象的说明：见下",
        "http://a.example",
        "a: b",
        "时间：周五",
        "如下：一二三",
        "要求",
    ],
)
def test_an_ordinary_line_is_body(line: str) -> None:
    assert split_fields(f"标题\n{line}", NAMES) == Draft("标题", {}, line)


@given(st.text())
def test_any_text_splits(text: str) -> None:
    draft = split_fields(text, NAMES)
    assert draft.title in text
    assert set(draft.fields) <= set(NAMES.values())


@given(st.lists(st.sampled_from(WHOLE.split("\n")), max_size=12))
def test_lines_in_any_order_split(lines: list[str]) -> None:
    split_fields("\n".join(lines), NAMES)


@pytest.mark.parametrize("filler", [" ", "\n", "：", "　", "对象：\n", "截止 "])
@pytest.mark.timeout(5)
def test_a_very_long_draft_is_read_in_no_time(filler: str) -> None:
    split_fields(f"标题\n{filler * 5000}", NAMES)
