"""Deliveries as people look at them: who is open, what is open for somebody, who got what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import among, one_of
from storage.audit import AuditRow
from storage.deliveries import IS_OPEN, Delivery
from storage.enums import DeliveryState, ItemStatus, ReminderState
from storage.items import OLDEST_OUT, Item
from storage.leaves import Leave
from storage.meetings import Attendance, MeetingAnswer
from storage.members import ROSTER, Account, Member
from storage.messages import OutboxMessage
from storage.polls import Vote, Voter
from storage.prepared import Prepared, flush_changes
from storage.receipts import Receipt
from storage.reminders import Reminder
from storage.signups import Place
from storage.steering import in_passing


class DeliveryRow(NamedTuple):
    """A delivery with whom it is for, read only."""

    id: int
    member_id: int
    name: str
    user_id: str | None
    branch_id: int
    state: str
    reason: str | None
    excuse: str | None
    sent_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None
    reminders: int
    last_reminded_at: datetime | None


class OpenRow(NamedTuple):
    """An open delivery with whom it is for, read only."""

    id: int
    name: str
    branch_id: int
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What a member still has to do, in a few words."""

    delivery_id: int
    item_id: int
    kind: str
    title: str
    require: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedItem:
    """An item as one of its members has it."""

    item_id: int
    title: str
    state: str
    sent_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class RowsAbout:
    """How many rows of each kind are kept about a member."""

    deliveries: int
    receipts: int
    reminders: int
    messages: int
    items: int
    actions: int
    answers: int
    """To meetings, polls and sign-ups, and leaves."""


NEWEST = 50
"""Of so many deliveries, the newest of a member, the one is looked for that was sent last."""
_ANSWERS = (MeetingAnswer, Attendance, Leave, Vote, Voter, Place)
_MEMBER = bindparam("member", type_=Integer())
_OPEN_OF = Prepared(
    select(Delivery.member_id, Delivery.id, Item.id, Item.kind, Item.title, Delivery.require, Item.due_at)
    .join(Item, Item.id == Delivery.item_id)
    .where(among(Delivery.member_id, "members"), IS_OPEN, Delivery.item_id >= OLDEST_OUT)
    .where(in_passing(Item.status) == ItemStatus.PUBLISHED)
    .order_by(Item.due_at.is_(None), Item.due_at, Item.id)
)
_OPEN_ROWS = Prepared(
    select(Delivery.id, Member.name, Delivery.branch_id, Delivery.state, Delivery.reason)
    .join(Member, Member.id == Delivery.member_id)
    .where(Delivery.item_id == bindparam("item", type_=Integer()), IS_OPEN)
    .order_by(Delivery.id)
)
_NEXT_REMINDER = Prepared(
    select(func.min(Reminder.due_at))
    .join(Delivery, Delivery.id == Reminder.delivery_id)
    .where(Delivery.item_id == bindparam("item", type_=Integer()), IS_OPEN, Reminder.state == ReminderState.OPEN)
)
_RECEIVED = Prepared(
    select(Item.id, Item.title, Delivery.state, Delivery.sent_at, Delivery.read_at, Delivery.acknowledged_at)
    .join(Item, Item.id == Delivery.item_id)
    .where(Delivery.member_id == _MEMBER)
    .order_by(Delivery.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)


def _about() -> Prepared:
    """How many rows of each kind there are, in the order of `RowsAbout`; of its last figure the parts."""
    own = select(Delivery.id).where(Delivery.member_id == _MEMBER)
    kinds = (
        Delivery.member_id == _MEMBER,
        Receipt.delivery_id.in_(own),
        Reminder.delivery_id.in_(own),
        OutboxMessage.member_id == _MEMBER,
        Item.author_id == _MEMBER,
        AuditRow.actor_id == _MEMBER,
        *(table.member_id == _MEMBER for table in _ANSWERS),
    )
    return Prepared(select(*(select(func.count()).where(kind).scalar_subquery() for kind in kinds)))


_ABOUT = _about()


class ListStore:
    """Reads only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open_of_members(self, member_ids: Iterable[int]) -> dict[int, list[OpenItem]]:
        """Member → what is open of published items, the earliest due time first."""
        await flush_changes(self._session)
        found: dict[int, list[OpenItem]] = {}
        rows = await _OPEN_OF.run(self._session, {"members": list(set(member_ids))})
        for member_id, d, i, kind, title, require, due_at in rows:
            found.setdefault(member_id, []).append(OpenItem(d, i, kind, title, require, due_at))
        return found

    async def closed_of_members(self, member_ids: Iterable[int]) -> dict[int, OpenItem]:
        """Member → the item that they got last, where it is closed and they have not done what it asked."""
        latest = (
            select(func.max(Delivery.id))
            .where(one_of(Delivery.member_id, set(member_ids)))
            .group_by(Delivery.member_id)
        )
        query = (
            select(Delivery.member_id, Delivery.id, Item.id, Item.kind, Item.title, Delivery.require, Item.due_at)
            .join(Item, Item.id == Delivery.item_id)
            .where(Delivery.id.in_(latest), IS_OPEN, in_passing(Item.status) == ItemStatus.CLOSED)
        )
        return {row[0]: OpenItem(*row[1:]) for row in await self._session.execute(query)}

    async def latest_of(self, member_id: int, since: datetime) -> int | None:
        """The item that was most recently sent to the member, of the last `NEWEST` that were meant for them."""
        newest = (
            select(Delivery.id, Delivery.item_id, Delivery.sent_at)
            .where(Delivery.member_id == member_id)
            .order_by(Delivery.id.desc())
            .limit(NEWEST)
            .subquery()
        )
        query = select(newest.c.item_id).where(newest.c.sent_at >= since).limit(1)
        return (await self._session.scalars(query.order_by(newest.c.sent_at.desc(), newest.c.id.desc()))).first()

    async def open_ids(self, item_id: int) -> Sequence[tuple[int, int]]:
        """(delivery, member) of an item's open deliveries."""
        query = select(Delivery.id, Delivery.member_id).where(Delivery.item_id == item_id, IS_OPEN)
        return (await self._session.execute(query.order_by(Delivery.id))).all()

    async def open_rows(self, item_id: int) -> list[OpenRow]:
        """Who has not done what an item asks, in the order of the roster."""
        await flush_changes(self._session)
        return [OpenRow(*row) for row in await _OPEN_ROWS.run(self._session, {"item": item_id})]

    async def rows(
        self,
        item_id: int,
        *,
        branch_ids: Iterable[int] | None = None,
        states: Iterable[str] | None = None,
        name: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> Sequence[DeliveryRow]:
        """The deliveries of an item, newest first, with names."""
        query = (
            select(
                Delivery.id,
                Delivery.member_id,
                Member.name,
                Account.user_id,
                Delivery.branch_id,
                Delivery.state,
                Delivery.reason,
                Delivery.excuse,
                Delivery.sent_at,
                Delivery.read_at,
                Delivery.acknowledged_at,
                Delivery.reminders,
                Delivery.last_reminded_at,
            )
            .join(Member, Member.id == Delivery.member_id)
            .outerjoin(Account, and_(Account.member_id == Member.id, Account.platform == ROSTER))
            .where(Delivery.item_id == item_id)
            .order_by(Delivery.id.desc())
        )
        if branch_ids is not None:
            query = query.where(Delivery.branch_id.in_(set(branch_ids)))
        if states is not None:
            query = query.where(Delivery.state.in_(set(states)))
        if name is not None:
            query = query.where(Member.name == name)
        if before is not None:
            query = query.where(Delivery.id < before)
        if limit is not None:
            query = query.limit(limit)
        await flush_changes(self._session)
        # Straight from the driver: thousands of rows take a session longer than the database.
        return [DeliveryRow._make(row) for row in (await (await self._session.connection()).execute(query)).all()]

    async def open_and_sent(self, item_id: int) -> Sequence[tuple[int, int]]:
        """(delivery, member) of the open deliveries that went out, or may have."""
        query = select(Delivery.id, Delivery.member_id).where(
            Delivery.item_id == item_id, IS_OPEN, Delivery.transport.in_([DeliveryState.SENT, DeliveryState.FAILED])
        )
        return (await self._session.execute(query.order_by(Delivery.id))).all()

    async def next_reminder(self, item_id: int) -> datetime | None:
        """When the next reminder about an item is due."""
        await flush_changes(self._session)
        ((at,),) = await _NEXT_REMINDER.run(self._session, {"item": item_id})
        return at if isinstance(at, datetime) else None

    async def received(self, member_id: int, limit: int) -> Sequence[ReceivedItem]:
        """What a member was sent, the latest first."""
        await flush_changes(self._session)
        rows = await _RECEIVED.run(self._session, {"member": member_id, "limit": limit})
        return [ReceivedItem(*row) for row in rows]

    async def about(self, member_id: int) -> RowsAbout:
        """What is kept about a member, in numbers."""
        await flush_changes(self._session)
        ((deliveries, receipts, reminders, messages, items, actions, *answers),) = await _ABOUT.run(
            self._session, {"member": member_id}
        )
        return RowsAbout(deliveries, receipts, reminders, messages, items, actions, sum(answers))
