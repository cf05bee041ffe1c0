"""Recognising the commonest thing that members say, so that any number of them is recorded at once."""

from dataclasses import dataclass
from functools import lru_cache

from bot.rules.words import is_acknowledgement, item_number, split_command, split_number
from bot.update import Update, UpdateKind
from storage.enums import ReceiptKind, Source
from storage.residents import OFFICIAL_ACCOUNT

ACK_WORDS = frozenset({"收到", "确认收到", "已收到", "收到了", "好的", "好", "ack", "ok"})
READ_WORDS = frozenset({"我看完了", "看完了", "看过了", "我看过了", "读完了", "已读", "已阅", "read"})
_BY_BUTTON = {"ack": ReceiptKind.ACK, "read": ReceiptKind.READ}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says that they did. `number` None: the item was not named."""

    kind: ReceiptKind
    number: int | None
    source: Source
    version: int | None = None
    """Of the words on the card that was pressed; None where words were said, which mean what they were last sent."""

    def meant(self, *, asked: bool) -> bool:
        """Whether it is a receipt. `asked`: the bot waits for an answer to something else, and a bare 收到 is that."""
        return self.number is not None or not asked


def claim_in(update: Update) -> Said | None:
    """What the update claims; None when it claims nothing."""
    if update.platform == OFFICIAL_ACCOUNT:
        return None
    group = Source.GROUP if update.in_group else None
    if update.kind is UpdateKind.CLICK:
        name, _, argument = update.action.partition(":")
        kind = _BY_BUTTON.get(name)
        number, version = _pressed(argument)
        return Said(kind, number, group or Source.CARD, version) if kind is not None and number is not None else None
    if update.kind is not UpdateKind.TEXT or len(update.text) > 40:
        return None
    kind, number = _said(update.text)
    return Said(kind, number, group or Source.CHAT) if kind is not None else None


@lru_cache(maxsize=256)
def _pressed(argument: str) -> tuple[int | None, int]:
    """`12:2` is version 2 of item 12; `12` is version 1."""
    number, _, version = argument.partition(":")
    return item_number(number), item_number(version) or 1


@lru_cache(maxsize=256)  # nearly everybody says one of a few things
def _said(text: str) -> tuple[ReceiptKind | None, int | None]:
    """`收到`, `收到12，谢谢`, `12 收到`, `看完了 12`: what they say, and of which item if they name it."""
    if is_acknowledgement(text):
        return ReceiptKind.ACK, None
    word, rest = split_command(text)
    number, more = split_number(rest)
    if word in READ_WORDS and not more:
        return ReceiptKind.READ, number
    if word in ACK_WORDS and number is not None and (not more or is_acknowledgement(f"收到 {more}")):
        return ReceiptKind.ACK, number
    number, more = split_number(text)
    if number == 1 and not any(mark in text for mark in "#＃号第"):
        return None, None  # a plain 1 is itself a way to say 收到
    return (ReceiptKind.ACK, number) if number is not None and is_acknowledgement(more) else (None, None)
