"""What all pushed things share: number, kind, words, audience, what they ask for, and their counts."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, BigId, ItemId, Word, partial_index
from storage.enums import DeliveryState, ItemStatus, Require
from storage.prepared import Prepared, Whether, flush_changes


class Item(Base):
    """Something pushed. Its id is the number that people see."""

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_status_publish_at", "status", "publish_at"),
        partial_index("ix_item_published_at", "published_at", where="published_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(Word)
    version: Mapped[int] = mapped_column(default=1)
    """Of its words; the earlier ones are rows of `item_version`."""
    asks_since: Mapped[int] = mapped_column(default=1, server_default="1")
    """The first version whose receipts count: the latest correction that asked again, or 1."""
    status: Mapped[str] = mapped_column(Word, default=ItemStatus.DRAFT)
    title: Mapped[str] = mapped_column(String(400))
    body: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str | None] = mapped_column(String(2048))
    require: Mapped[str] = mapped_column(Word)
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    """The branch in whose name it is published: rights are asked here."""
    audience: Mapped[str] = mapped_column(Text)
    """`Audience.dump()`."""
    audience_size: Mapped[int] = mapped_column(default=0)
    """Members as last counted: at the preview, then at publication."""
    reminders: Mapped[int] = mapped_column(default=0)
    """How many reminders its members have had, together: kept with each, never summed up."""
    attached: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many files go with it: kept with each, never counted."""
    policy: Mapped[str] = mapped_column(Text, default="")
    """When reminders come, as JSON."""
    code: Mapped[str] = mapped_column(Word, default="")
    """The four digits that a large audience must be confirmed with; "" when none are asked for."""
    timed: Mapped[bool] = mapped_column(default=False)
    """Published at a time that was chosen: quiet hours count for it."""
    spread: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The quiet hours chose the time, not a person: its messages leave over some minutes."""
    occasion: Mapped[str | None] = mapped_column(String(200))
    """Why it asks more than the branch's own line of burden allows; printed with it."""
    keep_until: Mapped[datetime | None]
    """Until then it does not close by itself, even if all are done."""
    due_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
    """A draft's chosen time (None: on confirmation); once confirmed, when the push begins."""
    confirmed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Word)
    """Why it closed: `done`, `due`, `age`, `person`."""
    created_at: Mapped[datetime]


class Tally(Base):
    """How many deliveries of an item are in a state, by branch: kept with every change, never counted.

    Its rows lie in the order of their key: to sum up a state over all branches is to read one stretch.
    """

    __tablename__ = "tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    state: Mapped[str] = mapped_column(Word, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    n: Mapped[int] = mapped_column(default=0)


def _adding(insert: Callable[[Any], Any]) -> Any:
    made = insert(Base.metadata.tables["tally"])
    keys = [Tally.item_id, Tally.state, Tally.branch_id]
    return made.on_conflict_do_update(index_elements=keys, set_={"n": Tally.n + made.excluded.n})


class ItemKey(NamedTuple):
    """What a receipt has to know of an item; see Item."""

    id: int
    kind: str
    version: int
    asks_since: int
    status: str
    title: str
    require: str


_MANY = select(Item).where(among(Item.id, "ids"))
_table = Base.metadata.tables["item"]
_KEYS = Prepared(select(*(_table.c[name] for name in ItemKey._fields)).where(among(_table.c.id, "ids")))
_TALLIES = Prepared(
    select(Tally.item_id, Tally.state, func.sum(Tally.n))
    .where(among(Tally.item_id, "items"), Tally.n != 0)
    .group_by(Tally.item_id, Tally.state)
)
_BY_BRANCH = Prepared(
    select(Tally.branch_id, Tally.state, Tally.n).where(Tally.item_id == bindparam("item"), Tally.n != 0)
)
_ADD_TO_TALLY = Prepared({"sqlite": _adding(sqlite_insert), "postgresql": _adding(postgresql_insert)})


class ItemStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, item_id: ItemId | int) -> Item | None:
        """None for a number that does not exist, or whose draft was dropped."""
        if not 0 < item_id < 2**31:
            return None
        item = await self._session.get(Item, item_id)
        return None if item is None or item.status == ItemStatus.DROPPED else item

    async def many(self, item_ids: Iterable[int]) -> Mapping[int, Item]:
        found = await self._session.scalars(_MANY, {"ids": list(set(item_ids))})
        return {item.id: item for item in found}

    async def keys(self, item_ids: Collection[int]) -> dict[int, ItemKey]:
        """Item → what a receipt has to know of it; one query for any number."""
        if not item_ids:
            return {}
        await flush_changes(self._session)
        return {row[0]: ItemKey(*row) for row in await _KEYS.run(self._session, {"ids": list(item_ids)})}

    def add(self, item: Item) -> None:
        self._session.add(item)

    async def change_status(self, item_id: int, of: Sequence[ItemStatus], to: ItemStatus, **values: Any) -> bool:
        """One conditional update: False when the item was in none of these states any more."""
        done = await self._session.execute(
            update(Item)
            .where(Item.id == item_id, Item.status.in_(of))
            .values(status=to, **values)
            .returning(Item.id)
            .execution_options(synchronize_session="fetch")
        )
        return done.first() is not None

    async def due_for_publication(self, now: datetime, limit: int) -> Sequence[Item]:
        query = select(Item).where(Item.status == ItemStatus.SCHEDULED, Item.publish_at <= now)
        return (await self._session.scalars(query.order_by(Item.publish_at, Item.id).limit(limit))).all()

    async def any_to_publish(self, now: datetime) -> bool:
        return await _ANY_TO_PUBLISH.ask(self._session, now=now)

    async def page(
        self,
        *,
        statuses: Sequence[ItemStatus],
        branch_ids: set[int] | None = None,
        kind: str | None = None,
        before: int | None = None,
        limit: int,
    ) -> Sequence[Item]:
        """Newest first; `branch_ids` None means all."""
        query = select(Item).where(Item.status.in_(statuses)).order_by(Item.id.desc()).limit(limit)
        if branch_ids is not None:
            query = query.where(Item.branch_id.in_(branch_ids))
        if kind is not None:
            query = query.where(Item.kind == kind)
        if before is not None:
            query = query.where(Item.id < before)
        return (await self._session.scalars(query)).all()

    async def unpublished_of(self, author_id: int, limit: int) -> Sequence[Item]:
        """The author's drafts and what is scheduled, newest first."""
        waiting = (ItemStatus.DRAFT, ItemStatus.SCHEDULED)
        query = select(Item).where(Item.author_id == author_id, Item.status.in_(waiting))
        return (await self._session.scalars(query.order_by(Item.id.desc()).limit(limit))).all()

    async def finished(
        self, *, due_before: datetime, published_before: datetime, now: datetime, limit: int
    ) -> Sequence[Item]:
        """The published items that are over: due so long ago, old without a due time, or done by everybody."""
        query = select(Item).where(_finished()).order_by(Item.id).limit(limit)
        values = {"now": now, "due_before": due_before, "published_before": published_before}
        return (await self._session.scalars(query, values)).all()

    async def any_finished(self, *, due_before: datetime, published_before: datetime, now: datetime) -> bool:
        return await _ANY_FINISHED.ask(self._session, due_before=due_before, published_before=published_before, now=now)

    async def past_due(self, kind: str, now: datetime, limit: int) -> Sequence[Item]:
        """The published items of a kind whose due time is over, the earliest first."""
        query = select(Item).where(Item.status == ItemStatus.PUBLISHED, Item.kind == kind, Item.due_at <= now)
        return (await self._session.scalars(query.order_by(Item.due_at, Item.id).limit(limit))).all()

    async def any_past_due(self, kind: str, now: datetime) -> bool:
        return await _ANY_PAST_DUE.ask(self._session, kind=kind, now=now)

    async def recent_twin(self, item: Item, since: datetime) -> int | None:
        """The number of a published item with the same words since then, if there is one."""
        query = select(Item.id).where(
            Item.title == item.title,
            Item.body == item.body,
            Item.published_at >= since,
            Item.id != item.id,
        )
        return (await self._session.scalars(query.order_by(Item.id.desc()).limit(1))).first()

    async def confirmed_by(self, author_id: int, since: datetime) -> int:
        """How many items of this person went out after `since`, or wait to go."""
        waiting = and_(Item.status == ItemStatus.SCHEDULED, Item.confirmed_at > since)
        gone = and_(Item.status != ItemStatus.SCHEDULED, Item.published_at > since)
        query = select(func.count()).where(Item.author_id == author_id, or_(waiting, gone))
        return await self._session.scalar(query) or 0

    async def usual_audience(self, author_id: int, except_id: int) -> int | None:
        """The median audience of the author's last five published items; None with fewer than three."""
        query = select(Item.audience_size).where(
            Item.author_id == author_id, Item.published_at.is_not(None), Item.id != except_id
        )
        sizes = sorted(await self._session.scalars(query.order_by(Item.id.desc()).limit(5)))
        return sizes[len(sizes) // 2] if len(sizes) >= 3 else None

    async def tallies(self, item_ids: Iterable[int]) -> dict[int, dict[DeliveryState, int]]:
        """Item → state → deliveries, summed over branches; one query for any number of items."""
        await flush_changes(self._session)
        found: dict[int, dict[DeliveryState, int]] = {item_id: {} for item_id in item_ids}
        for item_id, state, n in await _TALLIES.run(self._session, {"items": list(found)}):
            found[item_id][DeliveryState(state)] = int(n)
        return found

    async def tally_by_branch(self, item_id: int) -> dict[int, dict[DeliveryState, int]]:
        """Branch → state → deliveries."""
        await flush_changes(self._session)
        found: dict[int, dict[DeliveryState, int]] = {}
        for branch_id, state, n in await _BY_BRANCH.run(self._session, {"item": item_id}):
            found.setdefault(branch_id, {})[DeliveryState(state)] = n
        return found

    async def add_to_tallies(self, deltas: Mapping[tuple[int, int, str], int]) -> None:
        """(item, branch, state) → change."""
        rows = [
            {"item_id": item_id, "branch_id": branch_id, "state": state, "n": n}
            for (item_id, branch_id, state), n in sorted(deltas.items())
            if n
        ]
        if not rows:
            return
        await _ADD_TO_TALLY.run_each(self._session, rows)


def _done_by_all() -> ColumnElement[bool]:
    """Somebody was asked for something, and nobody still is."""
    of_item = select(literal(1)).where(Tally.item_id == Item.id, Tally.n > 0)
    not_read = (DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNREACHABLE)
    only_read = and_(Tally.state == DeliveryState.READ, Item.require != Require.READ)
    still_open = of_item.where(or_(*(Tally.state == state for state in not_read), only_read)).exists()
    return and_(Item.require != Require.NONE, of_item.exists(), ~still_open)


def _finished() -> ColumnElement[bool]:
    kept = and_(Item.keep_until.is_not(None), Item.keep_until > bindparam("now"))
    old = and_(Item.published_at <= bindparam("published_before"), Item.due_at.is_(None))
    over = or_(Item.due_at <= bindparam("due_before"), old, _done_by_all())
    return and_(Item.status == ItemStatus.PUBLISHED, ~kept, over)


_ANY_TO_PUBLISH = Whether(Item.status == ItemStatus.SCHEDULED, Item.publish_at <= bindparam("now"))
_ANY_FINISHED = Whether(_finished())
_ANY_PAST_DUE = Whether(
    Item.status == ItemStatus.PUBLISHED, Item.kind == bindparam("kind"), Item.due_at <= bindparam("now")
)

OLDEST_OUT = select(func.min(Item.id)).where(Item.status == ItemStatus.PUBLISHED).scalar_subquery()
"""The first of the items that are out. What was left undone of those before it is over, and need not be read."""
ANSWERED = frozenset({Require.QUIZ, Require.ANSWER})
"""What is done by an answer of the item's own kind, and by no plain 收到."""


def done_states(require: Require | str) -> frozenset[DeliveryState]:
    """The states in which a member has done what the item asks."""
    if require == Require.READ:
        return frozenset({DeliveryState.READ, DeliveryState.ACKNOWLEDGED})
    if require in (Require.ACK, *ANSWERED):
        return frozenset({DeliveryState.ACKNOWLEDGED})
    return frozenset()
