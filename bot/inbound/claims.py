"""Recognising the commonest thing that members say, so that any number of them is recorded at once."""

from dataclasses import dataclass

from bot.rules.words import is_acknowledgement, item_number, split_command
from bot.update import Update, UpdateKind
from storage.enums import ReceiptKind, Source

ACK_WORDS = frozenset({"收到", "确认收到", "已收到", "收到了", "已阅", "ack"})
_BY_BUTTON = {"ack": ReceiptKind.ACK, "read": ReceiptKind.READ}


@dataclass(frozen=True, slots=True)
class Said:
    """`number` None: the item was not named."""

    kind: ReceiptKind
    number: int | None
    source: Source


def claim_in(update: Update, *, asked: bool) -> Said | None:
    """What the update claims; None when it claims nothing. `asked`: the bot waits for an answer to something else."""
    group = Source.GROUP if update.in_group else None
    if update.kind is UpdateKind.CLICK:
        name, _, argument = update.action.partition(":")
        kind = _BY_BUTTON.get(name)
        number = item_number(argument)
        return Said(kind, number, group or Source.CARD) if kind is not None and number is not None else None
    if update.kind is not UpdateKind.TEXT or len(update.text) > 40:
        return None
    if is_acknowledgement(update.text):
        return None if asked else Said(ReceiptKind.ACK, None, group or Source.CHAT)
    word, rest = split_command(update.text)
    number = item_number(rest) if word in ACK_WORDS else None
    return Said(ReceiptKind.ACK, number, group or Source.CHAT) if number is not None else None
