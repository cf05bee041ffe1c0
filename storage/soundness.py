"""What must always add up, looked at item by item: nobody is lost, receipts are consistent, rounds have no gaps.

Each look takes a few open items and the next look the ones after them, so it costs the same however much there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import one_of
from storage.deliveries import Delivery
from storage.enums import DeliveryState, ItemStatus, ReminderState
from storage.items import Item, Tally
from storage.outbox import UNSETTLED, OutboxMessage
from storage.reminders import Reminder

AT_ONCE = 20
"""Items of one look."""
DELIVERIES_AT_ONCE = 20_000
"""After the item that reaches so many deliveries a look takes no further one."""


@dataclass(frozen=True, slots=True)
class Unsound:
    """One rule that an item breaks: `audience`, `sums`, `lost`, `receipts` or `rounds`, in `count` places."""

    rule: str
    item_id: int
    count: int


class SoundnessStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def some(self, after: int) -> list[int]:
        """The next published items behind the number `after`; empty behind the last one."""
        query = select(Item.id, Item.audience_size).where(Item.status == ItemStatus.PUBLISHED, Item.id > after)
        found, deliveries = [], 0
        for item_id, size in (await self._session.execute(query.order_by(Item.id).limit(AT_ONCE))).all():
            found.append(item_id)
            deliveries += size
            if deliveries >= DELIVERIES_AT_ONCE:
                break
        return found

    async def unsound(self, item_ids: Sequence[int]) -> list[Unsound]:
        """What does not add up in these published items."""
        if not item_ids:
            return []
        found: list[Unsound] = []
        for rule, query in (
            ("audience", _audiences(item_ids)),
            ("sums", _sums(item_ids)),
            ("lost", _lost(item_ids)),
            ("receipts", _receipts(item_ids)),
            ("rounds", _rounds(item_ids)),
        ):
            rows = await self._session.execute(query)
            found.extend(Unsound(rule, item_id, count) for item_id, count in rows)
        return found


def _audiences(item_ids: Sequence[int]) -> Select[int, int]:
    """Items with another number of deliveries than their audience has members."""
    counted = func.count(Delivery.id)
    return (
        select(Item.id, func.abs(Item.audience_size - counted))
        .outerjoin(Delivery, Delivery.item_id == Item.id)
        .where(one_of(Item.id, item_ids))
        .group_by(Item.id, Item.audience_size)
        .having(Item.audience_size != counted)
    )


def _sums(item_ids: Sequence[int]) -> Select[int, int]:
    """Items whose kept counts are not what counting their deliveries gives."""
    counted = (
        select(Delivery.item_id, Delivery.branch_id, Delivery.state, func.count().label("n"))
        .where(one_of(Delivery.item_id, item_ids))
        .group_by(Delivery.item_id, Delivery.branch_id, Delivery.state)
        .subquery()
    )
    same = and_(
        Tally.item_id == counted.c.item_id, Tally.branch_id == counted.c.branch_id, Tally.state == counted.c.state
    )
    kept = (
        select(Tally.item_id.label("number"))
        .outerjoin(counted, same)
        .where(one_of(Tally.item_id, item_ids), Tally.n != func.coalesce(counted.c.n, 0))
    )
    uncounted = select(counted.c.item_id.label("number")).outerjoin(Tally, same).where(Tally.item_id.is_(None))
    wrong = kept.union_all(uncounted).subquery()
    return select(wrong.c.number, func.count()).group_by(wrong.c.number)


def _lost(item_ids: Sequence[int]) -> Select[int, int]:
    """Deliveries that wait to be sent, and nothing is on its way to them."""
    carried = select(OutboxMessage.delivery_id).where(
        one_of(OutboxMessage.item_id, item_ids),
        OutboxMessage.phase.in_(UNSETTLED),
        OutboxMessage.delivery_id.is_not(None),
    )
    return _deliveries(item_ids, and_(Delivery.state == DeliveryState.QUEUED, Delivery.id.not_in(carried)))


def _receipts(item_ids: Sequence[int]) -> Select[int, int]:
    """Deliveries whose shown state contradicts their receipts: acknowledged implies read."""
    acknowledged, read = Delivery.acknowledged_at, Delivery.read_at
    return _deliveries(
        item_ids,
        or_(
            and_(acknowledged.is_not(None), read.is_(None)),
            and_(Delivery.done_at.is_not(None), read.is_(None)),
            and_(Delivery.state == DeliveryState.ACKNOWLEDGED, acknowledged.is_(None)),
            and_(Delivery.state == DeliveryState.READ, read.is_(None)),
            and_(Delivery.state == DeliveryState.EXCUSED, Delivery.excused_at.is_(None)),
        ),
    )


def _deliveries(item_ids: Sequence[int], wrong: ColumnElement[bool]) -> Select[int, int]:
    where = and_(one_of(Delivery.item_id, item_ids), wrong)
    return select(Delivery.item_id, func.count()).where(where).group_by(Delivery.item_id)


def _rounds(item_ids: Sequence[int]) -> Select[int, int]:
    """Deliveries whose reminder rounds have a gap, or of which two are open."""
    opened = func.sum(case((Reminder.state == ReminderState.OPEN, literal(1)), else_=literal(0)))
    wrong = (
        select(Delivery.item_id.label("number"))
        .join(Reminder, Reminder.delivery_id == Delivery.id)
        .where(one_of(Delivery.item_id, item_ids))
        .group_by(Delivery.id, Delivery.item_id)
        .having(or_(func.max(Reminder.round) != func.count(), opened > 1))
        .subquery()
    )
    return select(wrong.c.number, func.count()).group_by(wrong.c.number)
