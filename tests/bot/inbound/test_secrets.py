"""What is never stored beside who said it, however it is written."""

from datetime import UTC, datetime

import pytest

import handlers
from bot.update import Update, UpdateKind

COMMANDS = handlers.commands()


def update(text: str = "", action: str = "") -> Update:
    kind = UpdateKind.CLICK if action else UpdateKind.TEXT
    return Update("wecom", "key", kind, "lisi", datetime(2026, 11, 23, tzinfo=UTC), text=text, action=action)


@pytest.mark.parametrize(
    "text",
    [
        "投 12 A",
        "投12a",
        "／投 12 A",
        " 投票 12 A",
        "vote 12 A",
        "/VOTE 12 A",
        "ｖｏｔｅ 12 A",
        "A",
        "ａ。",
        "我选 B",
        "AC",
    ],
)
def test_a_vote_is_secret(text: str) -> None:
    assert COMMANDS.is_secret(update(text))


@pytest.mark.parametrize("text", ["收到", "收到 12", "参加 12", "请假 12 出差", "1", "好的", "什么时候开会", "OK 12"])
def test_other_words_are_not(text: str) -> None:
    assert not COMMANDS.is_secret(update(text))


def test_buttons() -> None:
    assert COMMANDS.is_secret(update(action="vote:12-A"))
    assert not COMMANDS.is_secret(update(action="ack:12"))
