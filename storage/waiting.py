"""What would leave if the bot were let: what is queued, and what the clock will make, by what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.answers import PendingAnswer
from storage.base import UTCDateTime
from storage.deliveries import IS_OPEN, Delivery
from storage.entries import Entry
from storage.enums import Arrival, ItemStatus, Phase, ReminderState, VersionState
from storage.events import Event
from storage.exports import Export
from storage.items import Item
from storage.outbox import QUEUED, UNSETTLED, OutboxMessage, QueuedMessage
from storage.posters import Poster
from storage.reminders import Reminder
from storage.residents import OFFICIAL_ACCOUNT
from storage.versions import Version


@dataclass(frozen=True, slots=True)
class Group:
    """`count` things of a kind about one item, or about none; `oldest` is when the first was made, or is due."""

    kind: str
    item_id: int | None
    count: int
    oldest: datetime


def _before(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return OutboxMessage.phase.in_(UNSETTLED), OutboxMessage.created_at < at


class WaitingStore:
    """`at` is when the bot was held: what was made since then is not counted."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def messages(self, at: datetime) -> Sequence[Group]:
        """Queued messages by kind and item."""
        query = (
            select(OutboxMessage.kind, OutboxMessage.item_id, func.count(), func.min(OutboxMessage.created_at))
            .where(*_before(at), OutboxMessage.platform != OFFICIAL_ACCOUNT)
            .group_by(OutboxMessage.kind, OutboxMessage.item_id)
            .order_by(OutboxMessage.item_id, OutboxMessage.kind)
        )
        return [Group(*row) for row in (await self._session.execute(query))]

    async def to_residents(self, at: datetime) -> Sequence[Group]:
        """Messages to residents, answers in their undo window, and what is kept until they write."""
        query = select(func.count(), func.min(OutboxMessage.created_at)).where(
            *_before(at), OutboxMessage.platform == OFFICIAL_ACCOUNT
        )
        pending = select(func.count(), func.min(PendingAnswer.created_at)).where(PendingAnswer.leaves_at.is_not(None))
        kept = select(func.count(), func.min(Entry.at)).where(Entry.arrival == Arrival.KEPT, Entry.at < at)
        named = (("resident", query), ("answer", pending), ("kept", kept))
        rows = [(name, (await self._session.execute(each)).one()) for name, each in named]
        return [Group(name, None, count, oldest) for name, (count, oldest) in rows if count]

    async def scheduled(self) -> Sequence[Group]:
        """Confirmed items and corrections that have not gone out."""
        items = select(Item.id, Item.publish_at).where(Item.status == ItemStatus.SCHEDULED).order_by(Item.id)
        versions = select(Version.item_id, Version.publish_at).where(Version.state == VersionState.SCHEDULED)
        return [
            *(Group("publish", *self._one(row)) for row in await self._session.execute(items)),
            *(Group("correct", *self._one(row)) for row in await self._session.execute(versions)),
        ]

    @staticmethod
    def _one(row: Sequence[object]) -> tuple[int, int, datetime]:
        number, at = row
        assert isinstance(number, int)
        assert isinstance(at, datetime)
        return number, 1, at

    async def reminders(self, now: datetime) -> Sequence[Group]:
        """Reminders whose time has come, by item."""
        query = (
            select(Delivery.item_id, func.count(), func.min(Reminder.due_at, type_=UTCDateTime()))
            .join(Delivery, Delivery.id == Reminder.delivery_id)
            .where(Reminder.state == ReminderState.OPEN, Reminder.due_at <= now, IS_OPEN)
            .group_by(Delivery.item_id)
            .order_by(Delivery.item_id)
        )
        return [Group("remind", *row) for row in (await self._session.execute(query))]

    async def requests(self) -> Sequence[Group]:
        """Lists and posters that somebody asked for, and what other systems are to hear."""
        exports = select(func.count(), func.min(Export.asked_at)).where(Export.done_at.is_(None))
        posters = select(func.count(), func.min(Poster.asked_at)).where(Poster.done_at.is_(None))
        events = select(func.count(), func.min(Event.at))
        named = (("export", exports), ("poster", posters), ("event", events))
        rows = [(name, (await self._session.execute(each)).one()) for name, each in named]
        return [Group(name, None, count, oldest) for name, (count, oldest) in rows if count]

    async def newer(self, at: datetime) -> int:
        """Messages that were queued since the bot was held."""
        query = select(func.count()).where(OutboxMessage.phase.in_(UNSETTLED), OutboxMessage.created_at >= at)
        return await self._session.scalar(query) or 0

    async def take(
        self, at: datetime, limit: int, *, item_ids: Sequence[int] | None = None, residents: bool = False
    ) -> Sequence[tuple[QueuedMessage, str, int | None]]:
        """Some of the messages with their phase and call: about these items; or to residents; or all the others."""
        query = select(*QUEUED, OutboxMessage.phase, OutboxMessage.call_id).where(*_before(at))
        if item_ids is not None:
            query = query.where(OutboxMessage.item_id.in_(item_ids))
        elif residents:
            query = query.where(OutboxMessage.platform == OFFICIAL_ACCOUNT)
        else:
            query = query.where(OutboxMessage.platform != OFFICIAL_ACCOUNT, OutboxMessage.item_id.is_(None))
        rows = await self._session.execute(query.order_by(OutboxMessage.id).limit(limit).with_for_update())
        return [(QueuedMessage(*row[:-2]), row[-2], row[-1]) for row in rows]

    async def end_reminders(self, item_ids: Sequence[int], now: datetime) -> None:
        """These will not go out, and none follows them."""
        of_items = select(Delivery.id).where(Delivery.item_id.in_(item_ids))
        await self._session.execute(
            update(Reminder)
            .where(Reminder.delivery_id.in_(of_items), Reminder.state == ReminderState.OPEN, Reminder.due_at <= now)
            .values(state=ReminderState.ENDED)
            .execution_options(synchronize_session=False)
        )

    async def drop_answers(self) -> None:
        """Answers in their undo window: their writers write them again, if they were not sent."""
        await self._session.execute(delete(PendingAnswer).where(PendingAnswer.leaves_at.is_not(None)))

    async def drop_requests(self, now: datetime) -> None:
        for table in (Export, Poster):
            await self._session.execute(update(table).where(table.done_at.is_(None)).values(done_at=now))
        await self._session.execute(delete(Event))


UNDER_WAY = (Phase.IN_FLIGHT, Phase.DOUBTFUL)
"""Nobody knows whether these have arrived."""
