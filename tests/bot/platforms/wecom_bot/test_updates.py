"""Recorded frames as updates."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.platforms.wecom_bot import frames, updates
from bot.update import Update, UpdateKind
from tests.bot.platforms.wecom_bot.far_side import payload

NOW = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
CHAT = "wrkSFfCgAA-party-group-01"


def read(data: dict[str, Any]) -> Update:
    return updates.read(frames.read(json.dumps(data)), NOW)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text_group", {"kind": UpdateKind.TEXT, "text": "收到 12", "chat_id": CHAT, "user_id": "lilei"}),
        ("text_quoting", {"kind": UpdateKind.TEXT, "text": "收到", "chat_id": CHAT}),
        ("text_single", {"kind": UpdateKind.TEXT, "text": "我的", "chat_id": "", "user_id": "zhangsan"}),
        ("voice_single", {"kind": UpdateKind.TEXT, "text": "收到，我会准时参加。"}),
        ("mixed_group", {"kind": UpdateKind.TEXT, "text": "会场照片\n请查收", "chat_id": CHAT}),
        ("mixed_only_mention", {"kind": UpdateKind.MEDIA, "media": "image", "text": ""}),
        ("image_single", {"kind": UpdateKind.MEDIA, "media": "image"}),
        ("file_single", {"kind": UpdateKind.MEDIA, "media": "file"}),
        ("video_single", {"kind": UpdateKind.MEDIA, "media": "video"}),
        ("stream_refresh", {"kind": UpdateKind.UNKNOWN, "details": {"msgtype": "stream"}}),
        (
            "click_group",
            {
                "kind": UpdateKind.CLICK,
                "action": "ack:12",
                "card_id": "c-31-1",
                "card_code": "req-click-group",
                "chat_id": CHAT,
            },
        ),
        ("click_flat", {"kind": UpdateKind.CLICK, "action": "ack:12", "card_id": "c-31-2", "chat_id": ""}),
        ("enter_chat", {"kind": UpdateKind.ENTER, "card_code": "", "reply_to": "req-enter"}),
        (
            "feedback",
            {"kind": UpdateKind.EVENT, "action": "feedback_event", "details": {"id": "f1", "type": "2"}},
        ),
        ("event_unknown", {"kind": UpdateKind.UNKNOWN, "details": {"eventtype": "bot_renamed_event"}}),
    ],
)
def test_each_recorded_frame_is_understood(name: str, expected: dict[str, Any]) -> None:
    frame = payload(name)
    update = read(frame)
    assert {key: getattr(update, key) for key in expected} == expected
    assert update.platform == "wecom_bot"
    assert update.reply_to == frame["headers"]["req_id"]
    assert update.key == f"aib-branch-01:{frame['body']['msgid']}"
    assert update.in_group == (frame["body"]["chattype"] == "group")


def in_group(text: str) -> str:
    frame = payload("text_group")
    frame["body"]["text"]["content"] = text
    return read(frame).text


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("@支部助手 收到 12", "收到 12"),
        ("@支部助手\u2005收到 12", "收到 12"),
        ("@支部助手\u3000收到", "收到"),
        ("  @支部助手\n/notice 周五开会\n三楼", "/notice 周五开会\n三楼"),
        ("@支部助手", ""),
        ("@支部助手 ", ""),
        ("@支部助手 @张三 请补签", "@张三 请补签"),
        ("收到 12", "收到 12"),
        ("请发到 a@b.example", "请发到 a@b.example"),
    ],
)
def test_the_mention_at_the_start_is_taken_away(said: str, understood: str) -> None:
    assert in_group(said) == understood


def test_a_name_at_the_start_of_a_private_text_stays() -> None:
    frame = payload("text_single")
    frame["body"]["text"]["content"] = "@张三 的电话是多少"
    assert read(frame).text == "@张三 的电话是多少"


def test_the_time_is_the_platforms_where_it_says_one() -> None:
    assert read(payload("text_group")).sent_at == datetime.fromtimestamp(1795741200, UTC)
    assert read(payload("text_single")).sent_at == NOW


@pytest.mark.faults("CB16")
def test_control_characters_and_torn_surrogates_are_removed() -> None:
    frame = payload("text_single")
    frame["body"]["text"]["content"] = "收\x00到\x1b 1\ud83d2\ufffe\U0001f44d\n好"
    text = read(frame).text
    assert text == "收到 12\U0001f44d\n好"
    text.encode()


@pytest.mark.faults("CB3", "CB4", "CB6")
def test_without_an_id_the_key_is_what_the_frame_says() -> None:
    def key(**changes: Any) -> str:
        frame = payload("click_group")
        del frame["body"]["msgid"]
        frame["headers"]["req_id"] = changes.pop("req_id", "r-1")
        frame["body"].update(changes)
        return read(frame).key

    assert key() == key(req_id="r-2")
    assert key() != key(**{"from": {"userid": "hanmeimei"}})
    assert key(create_time=None) == key(create_time=None)
    assert key(create_time=None) != key(create_time=None, req_id="r-2")


@pytest.mark.faults("CB19")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"msgtype": "text"},
        {"msgtype": "text", "text": "x", "from": "y"},
        {"msgtype": "mixed", "mixed": {"msg_item": "x"}},
        {"msgtype": "mixed", "mixed": {"msg_item": ["x", {"text": 1}]}},
        {"msgtype": "event"},
        {"msgtype": "event", "event": {"eventtype": ["x"]}},
        {"msgtype": "event", "event": {"eventtype": "template_card_event"}},
        {"msgtype": ["x"], "create_time": "soon"},
        {"msgtype": "voice", "voice": {"content": ""}, "create_time": 10**30},
        {"chatid": 7, "create_time": True},
    ],
)
def test_odd_bodies_never_raise(body: dict[str, Any]) -> None:
    update = read({"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": body})
    assert update.key
    assert update.sent_at == NOW
