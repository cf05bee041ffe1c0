"""What is hidden in a text, and what only looks like it."""

import pytest

from bot.rules.masking import BLOCK, EVERYTHING, Private, find_private, masked, redacted


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("我的手机13812345678，请回电", ["13812345678"]),
        ("手机 138 1234 5678", ["138 1234 5678"]),
        ("+86-138-1234-5678 找我", ["+86-138-1234-5678"]),
        ("电话１３８１２３４５６７８", ["１３８１２３４５６７８"]),
        ("打一三八一二三四五六七八", ["一三八一二三四五六七八"]),
        ("座机010-62345678转12", ["010-62345678转12"]),
        ("(021)62345678", ["(021)62345678"]),
        ("电话：87654321", ["87654321"]),
        ("身份证110105199001011234", ["110105199001011234"]),
        ("身份证号 11010519900101123X", ["11010519900101123X"]),
        ("11010519900101123x 办证", ["11010519900101123x"]),
        ("身份证：110105 19900101 1234", ["110105 19900101 1234"]),
        ("护照 E12345678", ["E12345678"]),
        ("卡号6222 0212 3456 7890 123", ["6222 0212 3456 7890 123"]),
        ("转到 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("发到 wang.xy@example.com 吧", ["wang.xy@example.com"]),
        ("微信 wangxy_1980", ["wangxy_1980"]),
        ("车牌京A12345被堵", ["京A12345"]),
        ("粤B·D12345 是电车", ["粤B·D12345"]),
        ("苏E1234学", ["苏E1234学"]),
        ("我家3栋2单元501室漏水", ["3栋2单元501室"]),
        ("3号楼501漏水", ["3号楼501"]),
        ("住12-3-401", ["12-3-401"]),
        ("三号楼二单元", ["三号楼二单元"]),
        ("家住幸福路18号", ["幸福路18号"]),
        ("3栋501 的王阿姨，13812345678，京A12345", ["3栋501", "13812345678", "京A12345"]),
    ],
)
def test_what_is_found(text: str, spots: list[str]) -> None:
    assert [spot.text for spot in find_private(text)] == spots


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30 前修好",
        "2026年11月30日 18:00",
        "20261130 的会",
        "11-30-2026",
        "共 12345678.90 元",
        "补贴13812345.67元",
        "预算 1,381,234,567 元",
        "#12 和 Q34 是一件事",
        "订单 20261130123456",
        "拨打12345或110",
        "热线400-810-1234",
        "文号〔2026〕12号",
        "请到3楼会议室",
        "302室办理",
        "3栋的路灯",
        "一二三四五六七八九十一二三",
        "每月 100-200-300 元",
        "3号线二号口",
        "云A区停电",
        "第 138 号文件，共 12345678 份",
        "周一至周五 9:00-12:00",
        "银行卡丢了怎么办",
        "1234 5678 9012 3456",
    ],
)
def test_what_stays(text: str) -> None:
    assert find_private(text) == []
    assert masked(text) == text


@pytest.mark.faults("PRV6")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我的手机13812345678", "我的手机138****5678"),
        ("身份证110105199001011234", "身份证****1234"),
        ("发到 wang@example.com", "发到 w***@example.com"),
        ("3栋501，京A12345", "3栋501，京A12345"),
        ("电话：87654321", "电话：****21"),
    ],
)
def test_what_a_responder_reads(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_in_a_group_nothing_is_left_of_a_door() -> None:
    assert masked("3栋501，京A12345", EVERYTHING) == "****，****"


@pytest.mark.faults("CMD20", "PRV6")
def test_what_everybody_reads() -> None:
    text = "李四住3栋501，电话13812345678"
    spots = find_private(text, ["李四"])
    assert [spot.kind for spot in spots] == [Private.WORD, Private.DOOR, Private.PHONE]
    assert redacted(text, spots) == f"{BLOCK * 2}住{BLOCK * 4}，电话{BLOCK * 4}"
