"""Words go into the HTTP answer or into messages, never both."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.inbound.answers import answer_with
from bot.inbound.router import Reply
from bot.message import Card, CardUpdate, Text, load
from bot.update import Update, UpdateKind
from storage.enums import Priority
from tests.bot.outbound.station import settings

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
WROTE = Update("wecom", "k", UpdateKind.TEXT, "user1", NOW, text="帮助")
PRESSED = Update("wecom", "k", UpdateKind.CLICK, "user1", NOW, action="ack:1", card_code="code", card_id="card")
IN_GROUP = Update("wecom_bot", "k", UpdateKind.TEXT, "user1", NOW, text="进度", chat_id="wr1", reply_to="req")
ASKED = Update("official_account", "k", UpdateKind.TEXT, "r.abc", NOW, text="医保怎么转移？")
TAPPED = Update("official_account", "k", UpdateKind.CLICK, "r.abc", NOW, action="ask")
CARD = Card("预览")


@pytest.mark.parametrize(
    ("update", "reply", "inline", "kinds"),
    [
        (WROTE, Reply("好"), "好", []),
        (WROTE, Reply("党" * 683), None, ["text", "text"]),
        (WROTE, Reply("党" * 682), "党" * 682, []),
        (WROTE, Reply("<a " * 600), None, ["text"]),
        (WROTE, Reply("好", card=CARD), None, ["text", "card"]),
        (WROTE, Reply(card=CARD), None, ["card"]),
        (WROTE, Reply("给大家", private=Reply("给您")), "给您", []),
        (WROTE, Reply(), None, []),
        (PRESSED, Reply("好"), None, ["text"]),
        (PRESSED, Reply(done_label="已确认"), None, ["card_update"]),
        (PRESSED, Reply("该通知已撤回", done_label="已撤回"), None, ["card_update", "text"]),
        (replace(PRESSED, card_code=""), Reply(done_label="已确认"), None, []),
        (ASKED, Reply("编号 Q34"), "编号 Q34", []),
        (TAPPED, Reply("请写下您的问题"), "请写下您的问题", []),
        (ASKED, Reply("党" * 683), "党" * 666 + "\n(1/2)", ["text"]),
        (ASKED, Reply("好", card=CARD), "好", ["card"]),
        (IN_GROUP, Reply("给大家"), None, ["text"]),
        (IN_GROUP, Reply("给大家", private=Reply("名单")), None, ["text", "text"]),
    ],
)
def test_roads(update: Update, reply: Reply, inline: str | None, kinds: list[str]) -> None:
    words, queued = answer_with(settings(), update, 7, reply, inline_bytes=2048)
    assert words == inline
    assert [load(message.body).type for message in queued] == kinds
    assert len({(message.kind, message.subject, message.number) for message in queued}) == len(queued)
    assert {message.priority for message in queued} <= {Priority.REPLY}


def test_names_go_to_the_person_and_counts_to_the_group() -> None:
    _, queued = answer_with(settings(), IN_GROUP, 7, Reply("2 人没回", private=Reply("李四、王五")), inline_bytes=2048)
    by_recipient = {message.recipient: load(message.body) for message in queued}
    assert by_recipient == {"chat:wr1": Text("2 人没回"), "user1": Text("李四、王五")}


def test_an_update_that_is_tried_again_is_answered_by_message() -> None:
    words, (message,) = answer_with(settings(), WROTE, 7, Reply("好"), inline_bytes=0)
    assert words is None
    assert load(message.body) == Text("好")


@pytest.mark.faults("OUT19")
def test_the_parts_of_a_long_answer_are_one_lane_and_say_which_they_are() -> None:
    _, queued = answer_with(settings(), WROTE, 7, Reply("党" * 1500), inline_bytes=2048)
    texts = [load(message.body) for message in queued]
    assert [text.text[-5:] for text in texts if isinstance(text, Text)] == ["(1/3)", "(2/3)", "(3/3)"]
    assert {message.lane for message in queued} == {"wecom:user1"}
    assert [message.number for message in queued] == [1, 2, 3]


@pytest.mark.faults("CB29")
def test_a_changed_card_carries_the_words_for_when_it_cannot_change() -> None:
    _, (message,) = answer_with(settings(), PRESSED, 7, Reply(done_label="已确认"), inline_bytes=2048)
    change = load(message.body)
    assert isinstance(change, CardUpdate)
    assert (message.reply_to, message.recipient, change.note) == ("code", "user1", "已确认")
