"""Which way words take to a person or a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.message import Message, Text, dump
from bot.rules.text import split_bytes
from bot.services.access import ROSTER
from storage.enums import Priority
from storage.messages import NewMessage
from storage.residents import OFFICIAL_ACCOUNT
from storage.transaction import Transaction

APP, BOT = "wecom", "wecom_bot"
RESIDENTS = OFFICIAL_ACCOUNT
"""The road to residents; a recipient there is a resident's token."""
TEXT_BYTES = 2000
"""What a text message takes on every road, with room for its part number."""


@dataclass(frozen=True, slots=True)
class Roads:
    """`private` is the platform that single members are reached by, `group` the one for bound groups ("" for none)."""

    private: str
    group: str

    @property
    def prefix(self) -> str:
        """What stands before a user id in the private road's recipients."""
        return "user:" if self.private == BOT else ""

    def to_user(self, user_id: str) -> str:
        """The recipient of a private message."""
        return f"{self.prefix}{user_id}"

    @staticmethod
    def to_chat(chat_id: str) -> str:
        """The recipient of a message to a group."""
        return f"chat:{chat_id}"


def parts(text: str) -> list[str]:
    """A text as messages that fit: one, or several that say which they are."""
    pieces = split_bytes(text, TEXT_BYTES)
    if len(pieces) == 1:
        return pieces
    return [f"{piece}\n({index}/{len(pieces)})" for index, piece in enumerate(pieces, 1)]


async def tell(
    tx: Transaction,
    roads: Roads,
    member_ids: Sequence[int],
    message: Message,
    *,
    kind: str,
    subject: str,
    now: datetime,
    priority: Priority = Priority.URGENT,
    item_id: int | None = None,
    quiet: bool = False,
) -> None:
    """Queues a private message to members, once for each (kind, subject); whoever has no account is left out.

    `quiet`: it waits for the end of quiet hours.
    """
    people = await tx.members.user_ids(member_ids, ROSTER)
    messages = private(
        roads, people, message, kind=kind, subject=subject, priority=priority, item_id=item_id, quiet=quiet
    )
    await tx.messages.queue(messages, now)


def private(
    roads: Roads,
    people: Mapping[int, str],
    message: Message,
    *,
    kind: str,
    subject: str,
    priority: Priority = Priority.URGENT,
    item_id: int | None = None,
    quiet: bool = False,
) -> list[NewMessage]:
    """What `tell` queues; `people` are the user ids by member."""
    bodies = [dump(Text(part)) for part in parts(message.text)] if isinstance(message, Text) else [dump(message)]
    return [
        NewMessage(
            kind=kind,
            subject=f"{subject}:{member_id}",
            number=number,
            platform=roads.private,
            recipient=roads.to_user(user_id),
            body=body,
            priority=priority,
            lane=f"{kind}:{subject}:{member_id}" if len(bodies) > 1 else None,
            item_id=item_id,
            member_id=member_id,
            quiet=quiet,
        )
        for member_id, user_id in people.items()
        for number, body in enumerate(bodies, 1)
    ]
