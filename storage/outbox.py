"""A message on its way out: its table, what is queued, and what the sender has to know of it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word, partial_index
from storage.enums import Phase, Priority

TO_SEND = (Phase.READY, Phase.WAITING)
UNSETTLED = (Phase.READY, Phase.WAITING, Phase.IN_FLIGHT, Phase.DOUBTFUL)
PACE = "pace"
"""Why a message waits whose recipient has had enough for the moment."""


class OutboxMessage(Base):
    """One thing to say to one recipient. (kind, subject, number) says what it is, so nothing is queued twice."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(Word)
    subject: Mapped[str] = mapped_column(String(600))
    number: Mapped[int] = mapped_column(default=1)
    platform: Mapped[str] = mapped_column(Word)
    recipient: Mapped[str] = mapped_column(String(160))
    recipient_key: Mapped[str] = mapped_column(String(160))
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id"))
    priority: Mapped[int]
    quiet: Mapped[bool] = mapped_column(default=False)
    """Waits while it is quiet."""
    lane: Mapped[str | None] = mapped_column(String(160))
    """Messages of one lane leave one after the other."""
    reply_to: Mapped[str | None] = mapped_column(String(512))
    """What an answer or a changed card has to name to the platform."""
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    phase: Mapped[str] = mapped_column(Word, default=Phase.READY)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(80))
    call_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("call.id"))
    version: Mapped[int | None]
    """Of the item's words that it brings; None where it brings none, and for version 1."""
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("kind", "subject", "number"),
        partial_index("ix_message_to_send", "priority", "not_before", "id", where="phase IN ('ready', 'waiting')"),
        partial_index("ix_message_content", "content_id", where="phase IN ('ready', 'waiting')"),
        partial_index("ix_message_lane", "lane", where="lane IS NOT NULL"),
        partial_index("ix_message_said_to", "platform", "recipient_key", "started_at", where="kind <> 'card'"),
        partial_index("ix_message_member", "member_id", "kind", "created_at", where="member_id IS NOT NULL"),
        partial_index("ix_message_call", "call_id", where="call_id IS NOT NULL"),
        partial_index("ix_message_about", "item_id", where="item_id IS NOT NULL"),
    )


def _in_phase(*phases: Phase) -> ColumnElement[bool]:
    """In the words of the indexes: with phases as parameters SQLite would use none of them."""
    return OutboxMessage.phase.in_([literal_column(f"'{phase}'") for phase in phases])


MAY_LEAVE = _in_phase(*TO_SEND)
"""What is still to be sent."""
IS_UNDER_WAY = _in_phase(Phase.IN_FLIGHT, Phase.DOUBTFUL)
"""What left, and nobody knows yet how that ended."""
IS_UNSETTLED = _in_phase(*UNSETTLED)
HAS_LEFT = _in_phase(Phase.IN_FLIGHT, Phase.DOUBTFUL, Phase.ACCEPTED, Phase.UNKNOWN)
"""What left, or may have."""
TO_SOMEBODY = OutboxMessage.kind != literal_column("'card'")
"""What is looked for by its recipient, in the words of the index: all but changed cards, half of all messages."""


class NewMessage(NamedTuple):
    """What a service queues. `body` is the message as JSON; `not_before` None means now."""

    kind: str
    subject: str
    platform: str
    recipient: str
    body: str
    priority: Priority
    number: int = 1
    quiet: bool = False
    lane: str | None = None
    reply_to: str | None = None
    item_id: int | None = None
    delivery_id: int | None = None
    member_id: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    version: int | None = None


class QueuedMessage(NamedTuple):
    """What the sender has to know of a message: a tuple, for a thousand at a time are read."""

    id: int
    kind: str
    platform: str
    recipient: str
    recipient_key: str
    content_id: int
    priority: int
    quiet: bool
    lane: str | None
    reply_to: str | None
    item_id: int | None
    delivery_id: int | None
    member_id: int | None
    expires_at: datetime | None
    tries: int
    version: int | None

    @property
    def in_lane(self) -> bool:
        """Whether it leaves by itself, one after the other with those of its lane."""
        return self.lane is not None


QUEUED = tuple(getattr(OutboxMessage, name) for name in QueuedMessage._fields)
"""The columns that make a QueuedMessage, in order."""
