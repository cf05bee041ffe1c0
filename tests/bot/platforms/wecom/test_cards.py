"""From our messages to what WeCom shows, through its stand-in's own checks."""

import json
import secrets

import pytest

from bot.message import Button, Card, CardUpdate, Message, Recall, Text
from bot.platforms.base import Request
from bot.platforms.wecom import cards
from bot.platforms.wecom.platform import WeCom
from bot.simulator import cards as vendor

ACK = Button("确认收到", action="ack:12", primary=True)
OPEN = Button("查看全文", url="https://bot.example.org/i/12")
FULL = Card(
    title="#12 关于召开支部大会的通知",
    subtitle="请于 11月30日 18:00 前确认",
    body="会议内容见全文。",
    source="第一支部",
    fields=(("地点", "三楼会议室"), ("时间", "19:30")),
    buttons=(ACK, OPEN),
    url="https://bot.example.org/i/12",
)


def built(card: Card) -> dict[str, object]:
    found = cards.card(card, task_id="n12-7f3a-1")
    assert found is not None
    return vendor.check(found)


def test_a_card_with_buttons() -> None:
    assert built(FULL) == {
        "card_type": "button_interaction",
        "source": {"desc": "第一支部", "desc_color": 0},
        "main_title": {"title": "#12 关于召开支部大会的通知", "desc": "请于 11月30日 18:00 前确认"},
        "sub_title_text": "会议内容见全文。",
        "horizontal_content_list": [
            {"keyname": "地点", "value": "三楼会议室"},
            {"keyname": "时间", "value": "19:30"},
        ],
        "card_action": {"type": 1, "url": "https://bot.example.org/i/12"},
        "task_id": "n12-7f3a-1",
        "button_list": [
            {"type": 0, "text": "确认收到", "style": 1, "key": "ack:12"},
            {"type": 1, "text": "查看全文", "style": 2, "url": "https://bot.example.org/i/12"},
        ],
    }


def test_a_notice() -> None:
    assert built(Card("学习材料", url="https://bot.example.org/m/3", buttons=(OPEN,))) == {
        "card_type": "text_notice",
        "main_title": {"title": "学习材料"},
        "jump_list": [{"type": 1, "title": "查看全文", "url": "https://bot.example.org/i/12"}],
        "card_action": {"type": 1, "url": "https://bot.example.org/m/3"},
    }


def test_a_notice_opens_its_buttons_page_when_it_has_none_itself() -> None:
    assert built(Card("材料", buttons=(OPEN,)))["card_action"] == {"type": 1, "url": "https://bot.example.org/i/12"}


@pytest.mark.faults("OUT18")
def test_every_part_is_cut_to_what_is_shown() -> None:
    family = "👩‍👩‍👧"
    long = Card(
        title="党" * 35 + family,
        subtitle="员" * 60,
        body="文" * 500,
        source="支" * 30,
        fields=(("很长很长很长的名字", "值" * 50), ("", "无名")) + (("行", "值"),) * 6,
        buttons=(Button("按" * 20, action="a"), *(Button(f"{n}", action=f"k{n}") for n in range(8))),
        url="https://bot.example.org/i/12",
    )
    card = built(long)
    noted: list[str] = []
    vendor.content(card, lambda part, size, most: noted.append(part))
    assert set(noted) == {"horizontal.keyname"}
    assert card["main_title"] == {"title": "党" * 35 + "…", "desc": "员" * 43 + "…"}
    assert card["sub_title_text"] == "文" * 159 + "…"
    assert len(card["horizontal_content_list"]) == 6  # type: ignore[arg-type]
    assert card["horizontal_content_list"][:2] == [  # type: ignore[index]
        {"keyname": "很长很长很长的…", "value": "值" * 29 + "…"},
        {"keyname": "·", "value": "无名"},
    ]
    assert len(card["button_list"]) == 6  # type: ignore[arg-type]


@pytest.mark.faults("OUT34")
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "weixin://x",
        "bot.example.org",
        "https://x/\n",
        "https://x/\ud800",
        "https://" + "x" * 2048,
    ],
)
def test_only_web_addresses_open(url: str) -> None:
    card = built(Card("材料", url=url, buttons=(ACK, Button("打开", url=url))))
    assert "card_action" not in card
    assert card["button_list"] == [{"type": 0, "text": "确认收到", "style": 1, "key": "ack:12"}]
    assert cards.card(Card("材料", url=url, buttons=(Button("打开", url=url),)), "t") is None


def composed(platform: WeCom, message: Message, *recipients: str) -> Request:
    return platform.compose(message, recipients, "n12-7f3a-1")


def test_a_card_that_cannot_be_one_goes_as_text(wecom: WeCom) -> None:
    request = composed(wecom, Card("标题", "副题", "正文", fields=(("地点", "三楼"),)), "zhangsan")
    assert json.loads(request.body)["text"] == {"content": "标题\n副题\n正文\n地点：三楼"}


def test_the_exact_bytes_of_a_text(wecom: WeCom) -> None:
    request = composed(wecom, Text("通知：周五开会\n第二行"), "zhangsan", "LiSi")
    assert request.api == "message/send"
    remembered = json.loads(request.body)["duplicate_check_interval"]
    assert 3.5 * 3600 < remembered <= 4 * 3600
    assert request.body.decode() == (
        '{"touser":"zhangsan|LiSi","agentid":1000002,"msgtype":"text","text":{"content":"通知：周五开会\\n第二行"},'
        f'"enable_duplicate_check":1,"duplicate_check_interval":{remembered}}}'
    )
    assert request == composed(wecom, Text("通知：周五开会\n第二行"), "zhangsan", "LiSi")


@pytest.mark.faults("OUT25")
def test_two_rounds_differ_by_their_ref_or_words(wecom: WeCom) -> None:
    first, second = (wecom.compose(FULL, ["zhangsan"], ref) for ref in ("n12-1", "n12-2"))
    assert first.body != second.body
    assert composed(wecom, Text("提醒 1：#12"), "a").body != composed(wecom, Text("提醒 2：#12"), "a").body
    refs = [f"c{call}-{secrets.token_hex(3)}" for call in range(7, 907)]  # never by chance the same
    assert len({wecom.compose(Text("没有这个命令"), ["a"], ref).body for ref in refs}) == len(refs)


def test_updates_and_recalls(wecom: WeCom) -> None:
    grey = composed(wecom, CardUpdate("rC9", "zhangsan", "已确认，谢谢您及时回复"))
    assert grey.api == "message/update_template_card"
    assert json.loads(grey.body) == {
        "userids": ["zhangsan"],
        "agentid": 1000002,
        "response_code": "rC9",
        "button": {"replace_name": "已确认，谢谢您及时…"},
    }
    whole = composed(wecom, CardUpdate("rC9", "zhangsan", "已确认", card_id="n12", card=FULL))
    replacement = json.loads(whole.body)["template_card"]
    assert vendor.check(replacement, updates=True)["task_id"] == "n12"
    assert "replace_text" not in replacement
    assert composed(wecom, Recall("m1")) == Request("message/recall", b'{"msgid":"m1"}')


@pytest.mark.faults("OUT7")
@pytest.mark.parametrize("recipients", [[], [""], ["a|b"], ["@all"], ["zhangsan", "@all"], ["x"] * 1001])
def test_nobody_else_can_be_named(wecom: WeCom, recipients: list[str]) -> None:
    with pytest.raises(ValueError):
        wecom.compose(Text("hi"), recipients, "r")


@pytest.mark.faults("OUT17", "OUT34")
@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ('<a href="https://evil.example">点</a>', '＜a href="https://evil.example">点＜/a>'),
        ("< A\thref=x>", "＜ A\thref=x>"),
        ("1 < 2 <b> <abc> a<b", "1 < 2 <b> <abc> a<b"),
        ("一\x00二\x1b三\ud800\r\n四", "一二三\n四"),
    ],
)
def test_words_carry_no_markup(wecom: WeCom, words: str, sent: str) -> None:
    body = composed(wecom, Text(words), "zhangsan").body
    assert json.loads(body)["text"]["content"] == sent
    assert b"\\u" not in body


@pytest.mark.faults("OUT18")
def test_a_text_that_is_too_long_shows_that_it_was_cut(wecom: WeCom) -> None:
    content = json.loads(composed(wecom, Text("党" * 700), "zhangsan").body)["text"]["content"]
    assert content == "党" * 681 + "…"
    assert len(content.encode()) <= 2048
    marked = json.loads(composed(wecom, Text("<a " * 900), "zhangsan").body)["text"]["content"]
    assert len(marked.encode()) <= 2048
    assert marked.endswith("…")
