"""What counts as a receipt, from a button or in words."""

from datetime import UTC, datetime

import pytest

from bot.inbound.claims import Said, claim_in
from bot.update import Update, UpdateKind
from storage.enums import ReceiptKind, Source

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
ACK, READ = ReceiptKind.ACK, ReceiptKind.READ


def wrote(text: str, *, chat_id: str = "") -> Update:
    return Update("wecom", "k", UpdateKind.TEXT, "user1", NOW, text=text, chat_id=chat_id)


def pressed(action: str, *, chat_id: str = "") -> Update:
    return Update("wecom", "k", UpdateKind.CLICK, "user1", NOW, action=action, chat_id=chat_id)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("收到", (ACK, None)),
        ("收到。", (ACK, None)),
        ("1", (ACK, None)),
        ("好的", (ACK, None)),
        ("确认收到", (ACK, None)),
        ("收到 12", (ACK, 12)),
        ("收到１２", (ACK, 12)),
        ("收到#12", (ACK, 12)),
        ("/ack 12", (ACK, 12)),
        ("12 收到", (ACK, 12)),
        ("看完了 12", (READ, 12)),
        ("已读", (READ, None)),
        ("收到 12 但是我去不了", None),
        ("收到你的消息了吗", None),
        ("请问几点开会", None),
        ("/通知 收到", None),
        ("收到" + "啊" * 60, None),
        ("", None),
    ],
)
def test_words(text: str, said: tuple[ReceiptKind, int | None] | None) -> None:
    assert claim_in(wrote(text)) == (said and Said(*said, Source.CHAT))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("ack:12", (ACK, 12, 1)),
        ("ack:12:3", (ACK, 12, 3)),
        ("read:7", (READ, 7, 1)),
        ("ack:", None),
        ("ack:x", None),
        ("send:12", None),
        ("", None),
        ("ack:99999999999999999999", None),
    ],
)
def test_buttons(action: str, said: tuple[ReceiptKind, int, int] | None) -> None:
    assert claim_in(pressed(action)) == (said and Said(said[0], said[1], Source.CARD, said[2]))


def test_in_a_group_the_source_is_the_group() -> None:
    assert claim_in(wrote("收到 12", chat_id="wr1")) == Said(ACK, 12, Source.GROUP)
    assert claim_in(pressed("ack:12", chat_id="wr1")) == Said(ACK, 12, Source.GROUP, 1)


def test_while_the_bot_waits_for_an_answer_a_bare_word_is_that_answer() -> None:
    for update, counts in (
        (wrote("1"), False),
        (wrote("收到"), False),
        (wrote("收到 12"), True),
        (pressed("ack:12"), True),
    ):
        said = claim_in(update)
        assert said is not None
        assert said.meant(asked=False)
        assert said.meant(asked=True) is counts
