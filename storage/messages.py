"""The outbox: everything that must be said is a row here, written in the transaction of its cause."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.base import Base, BigId, UTCDateTime, Word, partial_index
from storage.contents import ContentStore
from storage.deliveries import Delivery
from storage.enums import DeliveryState, Phase, Priority
from storage.members import Account

_FROM_DELIVERY = (
    "kind subject number platform recipient recipient_key content_id priority quiet item_id delivery_id member_id "
    "phase not_before tries created_at"
)

TO_SEND = (Phase.READY, Phase.WAITING)
UNSETTLED = (Phase.READY, Phase.WAITING, Phase.IN_FLIGHT, Phase.DOUBTFUL)


class OutboxMessage(Base):
    """One thing to say to one recipient. (kind, subject, number) says what it is, so nothing is queued twice."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(Word)
    subject: Mapped[str] = mapped_column(String(160))
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
    reply_to: Mapped[str | None] = mapped_column(String(160))
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
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("kind", "subject", "number"),
        partial_index("ix_message_to_send", "priority", "not_before", "id", where="phase IN ('ready', 'waiting')"),
        partial_index("ix_message_content", "content_id", where="phase IN ('ready', 'waiting')"),
        partial_index("ix_message_lane", "lane", where="lane IS NOT NULL"),
        Index("ix_message_recipient", "platform", "recipient_key", "started_at"),
        Index("ix_message_member", "member_id", "kind", "created_at"),
        Index("ix_message_call", "call_id"),
        Index("ix_message_item", "item_id", "phase"),
    )


@dataclass(frozen=True, slots=True)
class NewMessage:
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


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """What the sender has to know of a message."""

    id: int
    kind: str
    platform: str
    recipient: str
    recipient_key: str
    content_id: int
    priority: int
    quiet: bool
    reply_to: str | None
    item_id: int | None
    delivery_id: int | None
    member_id: int | None
    expires_at: datetime | None
    tries: int
    created_at: datetime


_QUEUED = tuple(getattr(OutboxMessage, name) for name in QueuedMessage.__slots__)


class MessageStore:
    def __init__(self, session: AsyncSession, contents: ContentStore) -> None:
        self._session = session
        self._contents = contents

    async def queue(self, messages: Sequence[NewMessage], now: datetime) -> None:
        """Queues them; one that is there already by (kind, subject, number) stays as it is."""
        if not messages:
            return
        contents = await self._contents.ids(message.body for message in messages)
        rows: list[dict[str, Any]] = [
            {
                "kind": message.kind,
                "subject": message.subject,
                "number": message.number,
                "platform": message.platform,
                "recipient": message.recipient,
                "recipient_key": message.recipient.casefold(),
                "content_id": contents[message.body],
                "priority": int(message.priority),
                "quiet": message.quiet,
                "lane": message.lane,
                "reply_to": message.reply_to,
                "item_id": message.item_id,
                "delivery_id": message.delivery_id,
                "member_id": message.member_id,
                "phase": Phase.READY,
                "not_before": message.not_before or now,
                "expires_at": message.expires_at,
                "tries": 0,
                "created_at": now,
            }
            for message in messages
        ]
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(OutboxMessage) if dialect == "postgresql" else sqlite_insert(OutboxMessage)
        await self._session.execute(make.on_conflict_do_nothing(), rows)

    async def queue_deliveries(
        self,
        item_id: int,
        *,
        kind: str,
        accounts: str,
        platform: str,
        prefix: str,
        body: str,
        priority: Priority,
        quiet: bool,
        now: datetime,
    ) -> None:
        """One message for each queued delivery of an item, in one statement.

        It leaves by `platform` to `prefix` and the member's id in the directory `accounts`.
        """
        content = (await self._contents.ids([body]))[body]
        rows = (
            select(
                literal(kind),
                cast(Delivery.id, String),
                literal(1),
                literal(platform),
                literal(prefix) + Account.user_id,
                literal(prefix) + Account.key,
                literal(content),
                literal(int(priority)),
                literal(quiet),
                Delivery.item_id,
                Delivery.id,
                Delivery.member_id,
                literal(str(Phase.READY)),
                literal(now, UTCDateTime()),
                literal(0),
                literal(now, UTCDateTime()),
            )
            .join(Account, and_(Account.member_id == Delivery.member_id, Account.platform == accounts))
            .where(Delivery.item_id == item_id, Delivery.transport == DeliveryState.QUEUED)
            .order_by(Delivery.id)
        )
        columns = [
            "kind",
            "subject",
            "number",
            "platform",
            "recipient",
            "recipient_key",
            "content_id",
            "priority",
            "quiet",
            "item_id",
            "delivery_id",
            "member_id",
            "phase",
            "not_before",
            "tries",
            "created_at",
        ]
        await self._session.execute(insert(OutboxMessage).from_select(columns, rows))

    async def ids(self, kind: str, subjects: Iterable[str]) -> dict[str, int]:
        """Subject → message id."""
        query = select(OutboxMessage.subject, OutboxMessage.id).where(
            OutboxMessage.kind == kind, OutboxMessage.subject.in_(set(subjects))
        )
        return dict((await self._session.execute(query)).all())

    async def next_due(
        self, now: datetime, limit: int, *, platforms: Sequence[str], most: Priority, quiet_now: bool
    ) -> Sequence[QueuedMessage]:
        """What may leave now, the most urgent first; of a lane only its first. `most` is the least urgent wanted."""
        earlier = aliased(OutboxMessage)
        blocked = (
            select(literal(1))
            .where(earlier.lane == OutboxMessage.lane, earlier.id < OutboxMessage.id, earlier.phase.in_(UNSETTLED))
            .exists()
        )
        query = (
            select(*_QUEUED)
            .where(
                OutboxMessage.phase.in_(TO_SEND),
                OutboxMessage.priority <= int(most),
                OutboxMessage.not_before <= now,
                OutboxMessage.platform.in_(platforms),
                or_(OutboxMessage.lane.is_(None), ~blocked),
            )
            .order_by(OutboxMessage.priority, OutboxMessage.not_before, OutboxMessage.id)
            .limit(limit)
        )
        if quiet_now:
            query = query.where(OutboxMessage.quiet.is_(False))
        return [QueuedMessage(*row) for row in (await self._session.execute(query))]

    async def anything_due(self, now: datetime) -> bool:
        """Whether there is something to look at."""
        query = select(OutboxMessage.id).where(OutboxMessage.phase.in_(TO_SEND), OutboxMessage.not_before <= now)
        return (await self._session.scalar(query.limit(1))) is not None

    async def with_content(self, content_id: int, platform: str, now: datetime, limit: int) -> Sequence[QueuedMessage]:
        """What says the same on the same platform and may leave now."""
        query = (
            select(*_QUEUED)
            .where(
                OutboxMessage.content_id == content_id,
                OutboxMessage.platform == platform,
                OutboxMessage.phase.in_(TO_SEND),
                OutboxMessage.not_before <= now,
                OutboxMessage.lane.is_(None),
            )
            .order_by(OutboxMessage.id)
            .limit(limit)
        )
        return [QueuedMessage(*row) for row in (await self._session.execute(query))]

    async def start(self, ids: Sequence[int], call_id: int, now: datetime) -> None:
        """They are on their way with this call."""
        await self._set(ids, phase=Phase.IN_FLIGHT, call_id=call_id, started_at=now)

    async def settle(self, ids: Sequence[int], phase: Phase, now: datetime, reason: str | None = None) -> None:
        await self._set(ids, phase=phase, settled_at=now, reason=reason)

    async def wait(
        self, ids: Sequence[int], until: datetime, *, counted: bool = False, reason: str | None = None
    ) -> None:
        tries = OutboxMessage.tries + (1 if counted else 0)
        await self._set(ids, phase=Phase.WAITING, not_before=until, tries=tries, reason=reason)

    async def doubt(self, call_id: int) -> None:
        await self._session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.call_id == call_id, OutboxMessage.phase == Phase.IN_FLIGHT)
            .values(phase=Phase.DOUBTFUL)
        )

    async def _set(self, ids: Sequence[int], **values: Any) -> None:
        if ids:
            await self._session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id.in_(ids), OutboxMessage.phase.in_(UNSETTLED))
                .values(**values)
                .execution_options(synchronize_session=False)
            )

    async def of_call(self, call_id: int) -> Sequence[QueuedMessage]:
        query = select(*_QUEUED).where(
            OutboxMessage.call_id == call_id, OutboxMessage.phase.in_([Phase.IN_FLIGHT, Phase.DOUBTFUL])
        )
        return [QueuedMessage(*row) for row in (await self._session.execute(query.order_by(OutboxMessage.id)))]

    async def drop_of_item(self, item_id: int, reason: str, now: datetime) -> Sequence[int]:
        """Nothing of the item that has not left yet will leave; returns the deliveries concerned."""
        rows = await self._session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.item_id == item_id, OutboxMessage.phase.in_(TO_SEND))
            .values(phase=Phase.DROPPED, reason=reason, settled_at=now)
            .returning(OutboxMessage.delivery_id)
            .execution_options(synchronize_session=False)
        )
        return [delivery_id for (delivery_id,) in rows if delivery_id is not None]

    async def drop_of_deliveries(self, delivery_ids: Sequence[int], reason: str, now: datetime) -> None:
        await self._session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.delivery_id.in_(delivery_ids), OutboxMessage.phase.in_(TO_SEND))
            .values(phase=Phase.DROPPED, reason=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )

    async def refs_of_item(self, item_id: int) -> Sequence[tuple[int | None, int]]:
        """(delivery, call) of everything of the item that the platform took; group posts have no delivery."""
        query = select(OutboxMessage.delivery_id, OutboxMessage.call_id).where(
            OutboxMessage.item_id == item_id,
            OutboxMessage.phase.in_([Phase.ACCEPTED, Phase.UNKNOWN, Phase.DOUBTFUL, Phase.IN_FLIGHT]),
        )
        return [(d, c) for d, c in (await self._session.execute(query)) if c is not None]

    async def backlog(self) -> Mapping[str, int]:
        """Phase → messages, of those that are not settled."""
        query = select(OutboxMessage.phase, func.count()).where(OutboxMessage.phase.in_(UNSETTLED))
        return dict((await self._session.execute(query.group_by(OutboxMessage.phase))).all())

    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest waiting message could have left."""
        query = select(func.min(OutboxMessage.not_before)).where(
            OutboxMessage.phase.in_(TO_SEND), OutboxMessage.not_before <= now
        )
        return await self._session.scalar(query)
