"""Messages as the bot's cards and markdown."""

import json

import pytest

from bot.message import Button, Card, Text
from bot.platforms.wecom_bot import cards
from bot.platforms.wecom_bot.requests import compose

NOTICE = Card(
    "#12 关于召开支部大会的通知",
    subtitle="请于 11月30日 18:00 前确认",
    body="请全体党员准时参加。",
    source="第一支部",
    fields=(("地点", "三楼会议室"), ("时间", "11月30日 19:00")),
    buttons=(
        Button("确认收到", action="ack:12", primary=True),
        Button("请假", action="leave:12"),
        Button("查看全文", url="https://bot.example.org/i/12"),
    ),
    url="https://bot.example.org/i/12",
)


def test_a_card_with_buttons_becomes_a_button_card() -> None:
    assert cards.payload(NOTICE, "m-1") == {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "task_id": "m-1",
            "main_title": {"title": "#12 关于召开支部大会的通知", "desc": "请于 11月30日 18:00 前确认"},
            "source": {"desc": "第一支部", "desc_color": 0},
            "sub_title_text": "请全体党员准时参加。",
            "horizontal_content_list": [
                {"keyname": "地点", "value": "三楼会议室"},
                {"keyname": "时间", "value": "11月30日 19:00"},
            ],
            "jump_list": [{"type": 1, "title": "查看全文", "url": "https://bot.example.org/i/12"}],
            "card_action": {"type": 1, "url": "https://bot.example.org/i/12"},
            "button_list": [
                {"text": "确认收到", "style": 1, "key": "ack:12"},
                {"text": "请假", "style": 2, "key": "leave:12"},
            ],
        },
    }


def test_a_card_with_an_address_only_becomes_a_notice_card() -> None:
    card = Card("本周汇总", buttons=(Button("查看", url="https://bot.example.org/r"),))
    body = cards.payload(card, "m-1")["template_card"]
    assert body["card_type"] == "text_notice"
    assert body["card_action"] == {"type": 1, "url": "https://bot.example.org/r"}
    assert "button_list" not in body


def test_a_card_without_buttons_and_address_becomes_words() -> None:
    card = Card("本周汇总", subtitle="第一支部", body="共 3 项", fields=(("已确认", "12"),))
    assert cards.payload(card, "m-1") == cards.markdown("**本周汇总**\n第一支部\n共 3 项\n已确认：12")


def test_every_part_keeps_to_its_length() -> None:
    card = Card(
        "题" * 99,
        subtitle="副" * 99,
        body="文" * 999,
        source="源" * 99,
        fields=tuple(("名" * 9, "值" * 99) for _ in range(9)),
        buttons=tuple(Button("钮" * 20, action=f"a:{n}") for n in range(9))
        + tuple(Button("链" * 20, url=f"https://bot.example.org/{n}") for n in range(9)),
    )
    body = cards.template_card(card, "m-1")
    assert (len(body["main_title"]["title"]), len(body["main_title"]["desc"])) == (26, 30)
    assert (len(body["sub_title_text"]), len(body["source"]["desc"])) == (112, 13)
    assert len(body["horizontal_content_list"]) == 6
    assert {(len(f["keyname"]), len(f["value"])) for f in body["horizontal_content_list"]} == {(8, 26)}
    assert (len(body["button_list"]), len(body["jump_list"])) == (6, 3)
    assert {len(b["text"]) for b in body["button_list"]} == {10}
    assert {len(b["title"]) for b in body["jump_list"]} == {13}


@pytest.mark.faults("OUT18")
def test_a_long_text_keeps_to_the_bytes_of_a_message() -> None:
    content = cards.payload(Text("好" * 9000), "m-1")["markdown"]["content"]
    assert len(content.encode()) <= 20480
    assert content.endswith("好…")


@pytest.mark.faults("OUT34")
def test_what_people_wrote_is_no_markup() -> None:
    content = cards.payload(Text("<@all> [点这里](https://evil.example) **急**"), "m-1")["markdown"]["content"]
    assert "<@" not in content
    assert "](" not in content
    assert "\\*\\*急\\*\\*" in content


def test_lone_surrogates_do_not_stop_a_message() -> None:
    assert json.loads(compose(Text("好\ud83d的"), "user:lilei", "m-1").body)["markdown"]["content"] == "好的"


def test_only_pages_of_the_web_are_linked() -> None:
    card = Card(
        "x", url="javascript:alert(1)", buttons=(Button("看", url="file:///etc/passwd"), Button("好", action="a"))
    )
    body = cards.template_card(card, "m-1")
    assert "card_action" not in body
    assert "jump_list" not in body


def test_a_card_without_a_title_still_has_one() -> None:
    assert cards.template_card(Card("", url="https://bot.example.org/"), "m-1")["main_title"] == {"title": "·"}
