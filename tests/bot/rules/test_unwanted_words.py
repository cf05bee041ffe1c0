"""Nothing said, advertising, and reports against persons."""

import pytest

from bot.rules.unwanted_words import is_advertising, is_report, says_nothing

ADVERTISING = ["加微信", "加v", "代开发票", "贷款", "刷单"]


@pytest.mark.parametrize("text", ["", "  ", "？？？", "👍👍", "[微笑][玫瑰]", "\u200b", "……"])
def test_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["在吗", "1", "👍好", "a"])
def test_something(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("代开发票，加微信 abc123", True),
        ("代开 发票 加 V：xyz", True),
        ("低息贷款 http://daikuan.top", True),
        ("www.a.com www.b.com www.c.com", True),
        ("公租房贷款怎么申请", False),
        ("这个网址打不开 https://zwfw.gov.cn/a", False),
        ("有人在群里拉人刷单，是不是骗子", False),
        ("电梯坏了", False),
    ],
)
def test_advertising(text: str, unwanted: bool) -> None:
    assert is_advertising(text, ADVERTISING) is unwanted


@pytest.mark.parametrize(
    ("text", "reported"), [("我要举 报某某", True), ("實名舉報", False), ("检举", True), ("电梯坏了", False)]
)
def test_reports(text: str, reported: bool) -> None:
    assert is_report(text, ["举报", "检举"]) is reported
