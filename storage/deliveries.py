"""One item for one member: whether it went out, was read, was acknowledged. A change passes `change` or
`receive`: the state that people see and the tallies follow it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    Update,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from storage.among import among, one_of, pair_among
from storage.audiences import Audience
from storage.base import Base, BigId, UTCDateTime, Word, partial_index
from storage.enums import DeliveryState, ReceiptKind, Require
from storage.items import ANSWERED, Item, ItemStore
from storage.members import Account, Member
from storage.prepared import Prepared, flush_changes
from storage.receipts import Receipt

_OPEN = "done_at IS NULL AND excused_at IS NULL"


class Delivery(Base):
    """`transport` is what became of sending; `state` is what people see, derived from it and from the receipts."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    """The member's branch when the audience was frozen."""
    require: Mapped[str] = mapped_column(Word)
    transport: Mapped[str] = mapped_column(Word)
    reason: Mapped[str | None] = mapped_column(String(80))
    """Why `transport` is failed or unreachable: a key under `reason.`."""
    state: Mapped[str] = mapped_column(Word)
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    excused_at: Mapped[datetime | None]
    excuse: Mapped[str | None] = mapped_column(String(200))
    reminders: Mapped[int] = mapped_column(default=0)
    last_reminded_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Of the item's words: the one that the member was last sent, or will be."""
    first_version: Mapped[int] = mapped_column(default=1, server_default="1")
    """The first one that was meant for them: what is older is not shown to them."""

    __table_args__ = (
        UniqueConstraint("item_id", "member_id"),
        Index("ix_delivery_member", "member_id"),
        # With a second column that always holds it is better than the one above wherever only open ones are meant.
        partial_index("ix_delivery_open", "member_id", "done_at", "item_id", where=_OPEN),
    )


_table = Base.metadata.tables["delivery"]

IS_OPEN = and_(Delivery.done_at.is_(None), Delivery.excused_at.is_(None), Delivery.require != Require.NONE)
"""A delivery whose member has not done what the item asks, and still should."""


def _state_after(values: Mapping[str, Any]) -> ColumnElement[str]:
    """The state that people see once `values` are in their columns."""

    def column(name: str) -> Any:
        value = values.get(name, getattr(Delivery, name))
        return value if isinstance(value, ColumnElement | InstrumentedAttribute) else literal(value, UTCDateTime())

    done, acknowledged, read, excused = map(column, ("done_at", "acknowledged_at", "read_at", "excused_at"))
    transport = values.get("transport", _table.c.transport)
    return case(
        (and_(done.is_not(None), acknowledged.is_not(None)), DeliveryState.ACKNOWLEDGED),
        (done.is_not(None), DeliveryState.READ),
        (excused.is_not(None), DeliveryState.EXCUSED),
        (acknowledged.is_not(None), DeliveryState.ACKNOWLEDGED),
        (read.is_not(None), DeliveryState.READ),
        else_=transport if isinstance(transport, ColumnElement) else literal(transport),
    )


def _before(condition: ColumnElement[bool]) -> Select[Any]:
    """(id, item, branch, state) of what is about to change."""
    columns = (_table.c.id, _table.c.item_id, _table.c.branch_id, _table.c.state)
    return select(*columns).where(condition).order_by(_table.c.id).with_for_update()


def _change(values: Mapping[str, Any], condition: ColumnElement[bool]) -> Update:
    """Changes these deliveries; returns (id, state)."""
    changed = update(_table).where(condition).values(**values, state=_state_after(values))
    return changed.returning(_table.c.id, _table.c.state)


FULFILLED_BY = {
    ReceiptKind.READ: frozenset({Require.READ}),
    ReceiptKind.ACK: frozenset({Require.READ, Require.ACK, *ANSWERED}),
}
"""Receipt → what it is enough for."""


def _received(kind: ReceiptKind, instant: ColumnElement[datetime]) -> dict[str, Any]:
    """What a receipt at the instant sets, but for when they were done."""
    values = {"read_at": func.coalesce(_table.c.read_at, instant)}
    if kind is ReceiptKind.ACK:
        values["acknowledged_at"] = func.coalesce(_table.c.acknowledged_at, instant)
    return values


def _once(kind: ReceiptKind) -> ColumnElement[str]:
    """The state that people will see once there is such a receipt."""
    sometime = literal(datetime.fromtimestamp(0, UTC), UTCDateTime())
    enough = or_(*(_table.c.require == require for require in sorted(FULFILLED_BY[kind])))
    return _state_after(_received(kind, sometime) | {"done_at": case((enough, sometime), else_=_table.c.done_at)})


class DeliveryKey(NamedTuple):
    """What a receipt has to know of a delivery, and what its change is counted from."""

    id: int
    item_id: int
    member_id: int
    branch_id: int
    require: str
    state: str
    done_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None
    version: int
    once_read: str
    """The state that a receipt brings."""
    once_acknowledged: str


# Built once: they run for every batch of receipts.
_OF_PAIRS = Prepared(
    select(
        *(_table.c[name] for name in DeliveryKey._fields if name in _table.c),
        _once(ReceiptKind.READ),
        _once(ReceiptKind.ACK),
    )
    .where(pair_among(_table.c.item_id, _table.c.member_id, "pairs"))
    .order_by(_table.c.id)
    .with_for_update()
)
_RECEIVE = {
    kind: Prepared(
        update(_table)
        .where(_table.c.id == bindparam("delivery"))
        .values(
            **_received(kind, bindparam("at", type_=UTCDateTime())),
            done_at=func.coalesce(_table.c.done_at, bindparam("done_at", type_=UTCDateTime())),
            state=bindparam("state"),
        )
    )
    for kind in ReceiptKind
}

_NAMED = among(_table.c.id, "ids")
_SETTLED = {"transport": bindparam("transport", type_=Word), "reason": bindparam("reason", type_=String())}
_SENT_AT = func.coalesce(_table.c.sent_at, bindparam("at", type_=UTCDateTime()))
_SUMMED = (_table.c.item_id, _table.c.branch_id, _table.c.state)


def _moving() -> Select[Any]:
    """(item, branch, state, the state that follows from `_SETTLED`, deliveries), where the two differ."""
    each = select(*_SUMMED, _state_after(_SETTLED).label("after")).where(_NAMED).with_for_update().subquery()
    by = (each.c.item_id, each.c.branch_id, each.c.state, each.c.after)
    return select(*by, func.count()).where(each.c.state != each.c.after).group_by(*by)


_NEW_OF_ITEM, _NEW_ONE = (
    Prepared(select(*_SUMMED, func.count()).where(column == bindparam("key")).group_by(*_SUMMED))
    for column in (_table.c.item_id, _table.c.id)
)
_MOVES = Prepared(_moving())
_SETTLE = Prepared(update(_table).where(_NAMED).values(**_SETTLED, state=_state_after(_SETTLED)))
_SENT = Prepared(update(_table).where(_NAMED).values(**_SETTLED, state=_state_after(_SETTLED), sent_at=_SENT_AT))


class DeliveryStore:
    def __init__(self, session: AsyncSession, items: ItemStore) -> None:
        self._session = session
        self._items = items

    async def create(self, item: Item, audience: Audience, platform: str) -> int:
        """Freezes the audience: one delivery for each of its members, in one statement. How many they are."""
        account = and_(Account.member_id == Member.id, Account.platform == platform)
        out = or_(Account.id.is_(None), Account.unreachable.is_not(None))
        transport = case((out, DeliveryState.UNREACHABLE), else_=DeliveryState.QUEUED)
        rows = (
            select(
                literal(item.id),
                Member.id,
                Member.branch_id,
                literal(item.require),
                transport,
                transport,
                case((out, func.coalesce(Account.unreachable, "no_account"))),
                literal(0),
            )
            .outerjoin(Account, account)
            .where(audience.where())
            .order_by(Member.branch_id, Member.id)
        )
        columns = ["item_id", "member_id", "branch_id", "require", "transport", "state", "reason", "reminders"]
        await self._session.execute(insert(Delivery).from_select(columns, rows))
        return await self._tally(_NEW_OF_ITEM, item.id)

    async def add(self, item: Item, member: Member, *, reason: str | None) -> Delivery:
        """One more member of a published item's audience."""
        transport = DeliveryState.QUEUED if reason is None else DeliveryState.UNREACHABLE
        delivery = Delivery(
            item_id=item.id,
            member_id=member.id,
            branch_id=member.branch_id,
            require=item.require,
            transport=transport,
            state=transport,
            reason=reason,
            reminders=0,
            version=item.version,
            first_version=item.version,
        )
        self._session.add(delivery)
        await self._session.flush()
        await self._tally(_NEW_ONE, delivery.id)
        return delivery

    async def _tally(self, new: Prepared, key: int) -> int:
        """Counts new deliveries where they are; how many there are."""
        counted = await new.run(self._session, {"key": key})
        await self._items.add_to_tallies({(item, branch, state): n for item, branch, state, n in counted})
        return sum(n for *_, n in counted)

    async def get(self, item_id: int, member_id: int) -> Delivery | None:
        query = select(Delivery).where(Delivery.item_id == item_id, Delivery.member_id == member_id)
        return (await self._session.scalars(query)).first()

    async def of_pairs(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], DeliveryKey]:
        """(item, member) → delivery, for those that exist, which nobody else changes until the end.

        One query for any number.
        """
        found = await _OF_PAIRS.run(self._session, {"pairs": list(set(pairs))})
        return {(row[1], row[2]): DeliveryKey(*row) for row in found}

    async def receive(self, deliveries: Sequence[DeliveryKey], kind: ReceiptKind, at: datetime) -> None:
        """Sets read (and acknowledged) where they are not set yet.

        The deliveries are given as `of_pairs` found them in this transaction.
        """
        if not deliveries:
            return
        enough = FULFILLED_BY[kind]
        changed = [(d, d.once_acknowledged if kind is ReceiptKind.ACK else d.once_read) for d in deliveries]
        await _RECEIVE[kind].run_each(
            self._session,
            [
                {"delivery": d.id, "at": at, "done_at": at if d.require in enough else None, "state": state}
                for d, state in changed
            ],
        )
        await self._follow((d.item_id, d.branch_id, d.state, state, 1) for d, state in changed)

    async def follow_receipts(self, ids: Sequence[int]) -> None:
        """Read, acknowledged and done as the receipts say that are left after some were taken back."""

        def first(*kinds: ReceiptKind) -> ColumnElement[datetime]:
            of_kinds = select(func.min(Receipt.at)).where(Receipt.delivery_id == _table.c.id, Receipt.kind.in_(kinds))
            return of_kinds.correlate(_table).scalar_subquery()

        read, acknowledged = first(*ReceiptKind), first(ReceiptKind.ACK)
        done = case((Delivery.require == Require.READ, read), (Delivery.require == Require.ACK, acknowledged))
        values = {"read_at": read, "acknowledged_at": acknowledged, "done_at": done}
        await self.change(one_of(Delivery.id, ids), values)

    async def settle(self, ids: Sequence[int], transport: DeliveryState, *, reason: str | None, at: datetime) -> None:
        """What became of sending; a receipt or an excuse goes on deciding what people see.

        It makes nobody done, so that the database alone can count who moves from which state to which.
        """
        await flush_changes(self._session)
        values: dict[str, Any] = {"ids": ids, "transport": transport}
        moves = await _MOVES.run(self._session, values)
        values["reason"] = reason
        if transport is DeliveryState.SENT:
            await _SENT.run(self._session, values | {"at": at})
        else:
            await _SETTLE.run(self._session, values)
        await self._follow(moves)

    @staticmethod
    def among(ids: Sequence[int]) -> ColumnElement[bool]:
        """The condition that a delivery is one of these."""
        return one_of(Delivery.id, ids)

    @staticmethod
    def open_among(ids: Sequence[int]) -> ColumnElement[bool]:
        """The condition that a delivery is one of these, and its member still has to do something."""
        return and_(Delivery.id.in_(ids), IS_OPEN)

    async def excuse(self, condition: ColumnElement[bool], reason: str, at: datetime) -> None:
        await self.change(and_(condition, Delivery.done_at.is_(None)), {"excused_at": at, "excuse": reason})

    async def lift_excuse(self, delivery_id: int) -> None:
        await self.change(Delivery.id == delivery_id, {"excused_at": None, "excuse": None})

    async def count_reminder(self, ids: Sequence[int], at: datetime) -> None:
        await self._session.execute(
            update(Delivery)
            .where(one_of(Delivery.id, ids))
            .values(reminders=Delivery.reminders + 1, last_reminded_at=at)
            .execution_options(synchronize_session=False)
        )
        of_items = select(Delivery.item_id, func.count()).where(one_of(Delivery.id, ids)).group_by(Delivery.item_id)
        for item_id, n in (await self._session.execute(of_items)).all():
            counted = update(Item).where(Item.id == item_id).values(reminders=Item.reminders + n)
            await self._session.execute(counted.execution_options(synchronize_session=False))

    async def change(self, condition: ColumnElement[bool], values: dict[str, Any]) -> None:
        """The way a delivery changes: columns, the state that follows from them, the tallies.

        The condition may admit any number of deliveries; none is named to the database by its id unless it names them.
        """
        before = (await self._session.execute(_before(condition))).all()
        if before:
            after: dict[int, str] = dict((await self._session.execute(_change(values, condition))).all())
            await self._follow((item, branch, state, after[of], 1) for of, item, branch, state in before)

    async def _follow(self, moves: Iterable[tuple[int, int, str, str, int]]) -> None:
        """Brings the tallies and what is loaded up to date: (item, branch, state before, state after, how many)."""
        deltas: dict[tuple[int, int, str], int] = {}
        for item_id, branch_id, before, after, n in moves:
            if after != before:
                for key, step in (((item_id, branch_id, before), -n), ((item_id, branch_id, after), n)):
                    deltas[key] = deltas.get(key, 0) + step
        await self._items.add_to_tallies(deltas)
        for loaded in [entity for entity in self._session.identity_map.values() if isinstance(entity, Delivery)]:
            await self._session.refresh(loaded)
