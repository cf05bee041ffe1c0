"""Offering a published answer: only when it fits well."""

import pytest

from bot.rules.matching import Published, best_match, pairs_of, ranking, topic_of

PUBLISHED = [
    Published(1, "医保关系怎么转移到外地？"),
    Published(2, "小区电梯坏了找谁修？"),
    Published(3, "老年优待证怎么办理，要带什么材料？"),
    Published(4, "社区食堂几点开门？"),
    Published(5, "医保报销需要哪些材料？"),
    Published(6, "How do I register a new bicycle?"),
]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("请问医保关系如何转移到外地", 1),
        ("您好，我想问一下医保关系转移外地怎么办", 1),
        ("电梯坏了找谁修", 2),
        ("我们小区电梯又坏了，找谁来修啊", 2),
        ("老年优待证要带什么材料", 3),
        ("社区食堂几点开门", 4),
        ("社区食堂早上几点开门呀？", 4),
        ("医保报销要哪些材料", 5),
        ("how to register a bicycle", 6),
    ],
)
def test_what_fits_is_found(text: str, number: int) -> None:
    assert best_match(text, PUBLISHED) == number


@pytest.mark.parametrize(
    "text",
    [
        "医保",
        "医保卡丢了怎么补办",
        "电梯里的广告太吵了",
        "食堂的菜太咸",
        "优待证丢了",
        "楼下半夜施工，吵得睡不着",
        "你好",
        "谢谢",
        "？？？",
        "",
        "材料",
        "小区",
        "how do I pay for parking",
    ],
)
def test_what_does_not_fit_is_not_offered(text: str) -> None:
    assert best_match(text, PUBLISHED) is None


def test_two_that_fit_equally_are_none() -> None:
    twice = [Published(1, "电梯坏了找谁修"), Published(2, "电梯坏了找谁修")]
    assert best_match("电梯坏了找谁修", twice) is None
    assert [number for number, _ in ranking("电梯坏了找谁修", twice)] == [1, 2]


def test_filling_words_say_nothing() -> None:
    assert pairs_of("请问一下怎么办") == frozenset()
    assert pairs_of("ＡＰＰ 登录") == {"app", "登录"}


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("三号楼电梯坏了", "物业维修"),
        ("医保和社保怎么一起转，电梯也坏了", "医保社保"),
        ("今天天气不错", None),
        ("WIFI 连不上", "网络"),
    ],
)
def test_topics_by_keywords(text: str, topic: str | None) -> None:
    topics = [("物业维修", ["电梯", "漏水"]), ("医保社保", ["医保", "社保"]), ("网络", ["wifi"])]
    assert topic_of(text, topics) == topic
