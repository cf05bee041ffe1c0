"""What people type, read as a command word, a number or an acknowledgement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.words import (
    has_slash,
    is_acknowledgement,
    item_number,
    nearest,
    question_number,
    split_command,
    split_number,
    split_question,
)

COMMANDS = (
    "通知",
    "学习",
    "会议",
    "投票",
    "确认",
    "取消",
    "撤销",
    "撤回",
    "进度",
    "未读",
    "催办",
    "投",
    "帮助",
    "notice",
    "status",
    "unread",
)


@pytest.mark.parametrize(
    ("typed", "word", "rest"),
    [
        ("/通知 标题", "通知", "标题"),
        ("通知：标题", "通知", "标题"),
        ("通知:标题", "通知", "标题"),
        ("／通知　标题", "通知", "标题"),
        ("、通知 标题", "通知", "标题"),
        ("/ 通知 标题", "通知", "标题"),
        ("  /通知 标题 ", "通知", "标题"),
        ("通知\n标题\n正文", "通知", "标题\n正文"),
        ("/通知 第１次会议（重要）\n正文：甲", "通知", "第１次会议（重要）\n正文：甲"),
        ("收到", "收到", ""),
        ("收到。", "收到", ""),
        ("收到！", "收到", ""),
        ("收到～", "收到", ""),
        ("收到 12", "收到", "12"),
        ("确认12", "确认", "12"),
        ("确认 ＃１２ ４７１１", "确认", "＃１２ ４７１１"),
        ("查看#12", "查看", "#12"),
        ("答复Q34 周一起开门。", "答复", "Q34 周一起开门。"),
        ("\u200b通知\u200b 标题", "通知", "标题"),
        ("/notice Title", "notice", "Title"),
        ("/NOTICE Title", "notice", "Title"),
        ("／Ｎｏｔｉｃｅ Title", "notice", "Title"),
        ("/confirm12", "confirm", "12"),
        ("status 12", "status", "12"),
        ("Status: 12", "status", "12"),
        ("status12", "status12", ""),
        ("status报告", "status报告", ""),
        ("1", "1", ""),
        ("1。", "1", ""),
        ("１ 12", "1", "12"),
        ("投 12 A", "投", "12 A"),
        ("我的记录", "我的记录", ""),
        ("👍", "👍", ""),
        ("/", "", ""),
        ("", "", ""),
        ("\u200b\x00", "", ""),
        ("。。。", "", "。。。"),
    ],
)
@pytest.mark.faults("CMD16")
def test_splits_a_command(typed: str, word: str, rest: str) -> None:
    assert split_command(typed) == (word, rest)


@given(st.text())
def test_any_text_splits(text: str) -> None:
    word, rest = split_command(text)
    assert word == word.lower()
    assert rest in text


@pytest.mark.parametrize(
    ("typed", "slash"), [("/通知", True), (" ／通知", True), ("、通知", True), ("通知/学习", False), ("", False)]
)
def test_knows_a_slash(typed: str, slash: bool) -> None:
    assert has_slash(typed) is slash


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("#12", 12),
        ("＃１２", 12),
        (" # 12 ", 12),
        ("№12", 12),
        ("No. 12", 12),
        ("第12条", 12),
        ("12号", 12),
        ("0012", 12),
        ("12。", 12),
        ("⑫", 12),
        ("999999999", 999_999_999),
        ("1000000000", None),
        ("1" * 20, None),
        ("0", None),
        ("000", None),
        ("12;13", None),
        ("12；13", None),
        ("12,13", None),
        ("12 13", None),
        ("12.5", None),
        ("-12", None),
        ("1e3", None),
        ("12a", None),
        ("Q12", None),
        ("十二", None),
        ("١٢", None),
        ("", None),
    ],
)
@pytest.mark.faults("CMD16")
def test_reads_an_item_number(typed: str, number: int | None) -> None:
    assert item_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("Q34", 34),
        ("q34", 34),
        ("Ｑ３４", 34),
        ("#Q34", 34),
        ("Q 034。", 34),
        ("34", None),
        ("Q", None),
        ("Q34;35", None),
        ("Q" + "3" * 20, None),
    ],
)
def test_reads_a_question_number(typed: str, number: int | None) -> None:
    assert question_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12 张三 事由", (12, "张三 事由")),
        ("＃１２　张三", (12, "张三")),
        ("12张三", (12, "张三")),
        ("12，张三", (12, "张三")),
        ("12：张三", (12, "张三")),
        ("12 4711", (12, "4711")),
        ("12 3,5,9", (12, "3,5,9")),
        ("12 A", (12, "A")),
        ("12\n３号会议室", (12, "３号会议室")),
        ("12", (12, "")),
        ("12;13", (None, "12;13")),
        ("12，13", (None, "12，13")),
        ("12.5", (None, "12.5")),
        ("12-13", (None, "12-13")),
        ("张三 12", (None, "张三 12")),
        ("1" * 20 + " 张三", (None, "1" * 20 + " 张三")),
        ("", (None, "")),
    ],
)
@pytest.mark.faults("CMD16")
def test_splits_a_leading_number(typed: str, expected: tuple[int | None, str]) -> None:
    assert split_number(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Q34 周一起开门。", (34, "周一起开门。")),
        ("Q34：周一", (34, "周一")),
        ("ｑ３４周一", (34, "周一")),
        ("Q34 5 很满意", (34, "5 很满意")),
        ("Q34 Q41", (34, "Q41")),
        ("34 周一", (None, "34 周一")),
    ],
)
def test_splits_a_leading_question_number(typed: str, expected: tuple[int | None, str]) -> None:
    assert split_question(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        *("收到", "收到。", "收到！", "收到!!", "收到～", "收到👍", "收到[玫瑰][玫瑰]", "收 到", "\u200b收到"),
        *("收到了", "已收到", "确认收到", "收到收到", "received"),
        *("知道了", "明白", "明白了，谢谢", "好的，了解"),
        *("好的", "好", "好的。", "OK", "ok", "Ok!", "ＯＫ", "okay"),
        *("好的，收到", "收到，谢谢", "收到，谢谢书记！", "嗯，收到"),
        *("1", "１", "1。", "1️⃣", "①"),
    ],
)
def test_is_an_acknowledgement(typed: str) -> None:
    assert is_acknowledgement(typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "收到？", "收到?", "收到吗", "没收到", "未收到", "不好", "好吗", "好？", "不ok", "谢谢", "嗯", "👍"),
        *("12", "11", "#1", "-1", "1 2", "Q1", "11月", "收到12", "收到 12", "好的12", "okok1", "收到，但周五不能来"),
    ],
)
def test_is_no_acknowledgement(typed: str) -> None:
    assert not is_acknowledgement(typed)


@given(st.text())
def test_any_text_is_or_is_not_an_acknowledgement(text: str) -> None:
    assert is_acknowledgement(text) in (True, False)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("通知", "通知"),
        ("通告", "通知"),
        ("通知关于召开大会的事", "通知"),
        ("知通", "通知"),
        ("看进度", "进度"),
        ("未读名单", "未读"),
        ("撤消", "撤销"),
        ("notce", "notice"),
        ("notcie", "notice"),
        ("NOTICES", "notice"),
        ("statu", "status"),
        ("unraed", "unread"),
        ("吃饭", None),
        ("今天天气不错", None),
        ("头", None),
        ("xyz", None),
        ("👍", None),
        ("", None),
    ],
)
def test_finds_the_nearest(typed: str, meant: str | None) -> None:
    assert nearest(typed, COMMANDS) == meant


@given(st.text(max_size=20), st.lists(st.text(max_size=8), max_size=5))
def test_the_nearest_is_a_known_one(word: str, known: list[str]) -> None:
    assert nearest(word, known) in (None, *known)


@pytest.mark.parametrize("filler", [" ", "\n", "q ", "no ", "#", "1", "好", "第 "])
@pytest.mark.timeout(5)
def test_a_very_long_message_is_read_in_no_time(filler: str) -> None:
    text = f"{filler[0]}{filler[1:] * 20_000}" if len(filler) > 1 else filler * 20_000
    for read in (split_command, item_number, question_number, split_number, split_question, is_acknowledgement):
        read(text)
