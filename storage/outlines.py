"""The items that are out, each in a line with its figures: one question, however many items and members there are."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import among
from storage.enums import DeliveryState, ItemStatus, Require
from storage.items import Item, Tally
from storage.prepared import Prepared, flush_changes


class Outline(NamedTuple):
    """A published item. `done` have done what it requires, `open` still should; whoever is excused is neither.

    `reached` have got it; it is told where nothing is required, and is `done` elsewhere.
    """

    id: int
    title: str
    require: str
    due_at: datetime | None
    audience: int
    done: int
    open: int
    reached: int


_IS_OUT = Item.status == ItemStatus.PUBLISHED
_LIMIT = bindparam("limit", type_=Integer())


def _in_state(state: DeliveryState, figures: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of an item's deliveries are in a state: a stretch of its tallies."""
    of_item = and_(Tally.item_id == Item.id, Tally.state == state)
    return func.coalesce(select(cast(func.sum(Tally.n), BigInteger)).where(of_item, figures).scalar_subquery(), 0)


def _if(condition: ColumnElement[bool], number: ColumnElement[int]) -> ColumnElement[int]:
    return case((condition, number), else_=0)


def _question(figures: ColumnElement[bool], audience: ColumnElement[int], *conditions: ColumnElement[bool]) -> Prepared:
    """Of each item: what is an Outline's, and two sums of the tallies for which `figures` holds.

    The excused, and those who have done what it requires as `done_states` says; where nothing is, whom it has reached.
    """
    reading_does = or_(Item.require == Require.READ, Item.require == Require.NONE)
    fulfilled = (
        _in_state(DeliveryState.ACKNOWLEDGED, figures)
        + _if(reading_does, _in_state(DeliveryState.READ, figures))
        + _if(Item.require == Require.NONE, _in_state(DeliveryState.SENT, figures))
    )
    return Prepared(
        select(
            *(Item.id, Item.title, Item.require, Item.due_at, audience),
            _in_state(DeliveryState.EXCUSED, figures),
            fulfilled,
        )
        .where(_IS_OUT, *conditions)
        .order_by(Item.id.desc())
        .limit(_LIMIT)
    )


def _all() -> Prepared:
    return _question(true(), Item.audience_size.expression)


def _some() -> Prepared:
    """Those of the author, those of the branches, and of all others what is in these branches."""
    whole = or_(Item.author_id == bindparam("author", type_=Integer()), among(Item.branch_id, "branches"))
    theirs = among(Tally.branch_id, "branches")
    seen = or_(whole, theirs)
    audience = select(cast(func.sum(Tally.n), BigInteger)).where(Tally.item_id == Item.id, seen).scalar_subquery()
    some = select(literal(1)).where(Tally.item_id == Item.id, theirs, Tally.n > 0).exists()
    return _question(seen, audience, or_(whole, some))


_ALL, _SOME = _all(), _some()


class OutlineStore:
    """Reads only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, limit: int) -> list[Outline]:
        """Newest first."""
        await flush_changes(self._session)
        return [_outline(*row) for row in await _ALL.run(self._session, {"limit": limit})]

    async def of(self, branch_ids: Iterable[int], author_id: int | None, limit: int) -> list[Outline]:
        """Those of the author, those of one of the branches, and those for a member of one: of these, that part alone.

        Newest first.
        """
        values = {"branches": list(branch_ids), "author": author_id or 0, "limit": limit}
        await flush_changes(self._session)
        return [_outline(*row) for row in await _SOME.run(self._session, values)]


def _outline(
    item_id: int, title: str, require: str, due_at: datetime | None, audience: int | None, excused: int, fulfilled: int
) -> Outline:
    size = audience or 0
    if require == Require.NONE:
        return Outline(item_id, title, require, due_at, size, 0, 0, fulfilled)
    return Outline(item_id, title, require, due_at, size, fulfilled, size - fulfilled - excused, fulfilled)
