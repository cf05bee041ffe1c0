"""What has to add up, each as one question over the whole database: the answer is what does not, the first few."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.calls import Call
from storage.deliveries import Delivery
from storage.enums import CallState, DeliveryState, ItemStatus, Phase, ReceiptKind, ReminderState
from storage.items import Item, Tally
from storage.outbox import UNSETTLED, OutboxMessage
from storage.receipts import Receipt
from storage.reminders import Reminder

Wrong = Sequence[tuple[int, int]]
"""(item, how many)."""


async def lost(connection: AsyncConnection, limit: int) -> Wrong:
    """Deliveries of published items that are queued, and that no message will bring."""
    carried = exists(
        select(literal(1)).where(OutboxMessage.delivery_id == Delivery.id, OutboxMessage.phase.in_(UNSETTLED))
    )
    query = (
        select(Delivery.item_id, func.count())
        .join(Item, Item.id == Delivery.item_id)
        .where(Delivery.state == DeliveryState.QUEUED, Item.status == ItemStatus.PUBLISHED, ~carried)
        .group_by(Delivery.item_id)
    )
    return await _found(connection, query.order_by(Delivery.item_id), limit)


async def receipts(connection: AsyncConnection, limit: int) -> Wrong:
    """Deliveries that show a receipt of which there is no evidence, or the other way round."""
    kinds = ((ReceiptKind.ACK, Delivery.acknowledged_at), (ReceiptKind.READ, Delivery.read_at))
    wrong = []
    for kind, at in kinds:
        # An acknowledgement is evidence of having read it, too.
        enough = [kind] if kind is ReceiptKind.ACK else list(ReceiptKind)
        some = exists(select(literal(1)).where(Receipt.delivery_id == Delivery.id, Receipt.kind.in_(enough)))
        wrong.append(or_(and_(at.is_not(None), ~some), and_(at.is_(None), some)))
    query = select(Delivery.item_id, func.count()).where(or_(*wrong)).group_by(Delivery.item_id)
    return await _found(connection, query.order_by(Delivery.item_id), limit)


async def rounds(connection: AsyncConnection, limit: int) -> Wrong:
    """Deliveries whose reminders are not numbered 1, 2, 3 …, or of which more than one is on its way."""
    under_way = case((Reminder.state.in_([ReminderState.OPEN, ReminderState.QUEUED]), 1), else_=0)
    of_delivery = (
        select(Reminder.delivery_id)
        .group_by(Reminder.delivery_id)
        .having(
            or_(
                func.min(Reminder.round) != 1,
                func.max(Reminder.round) != func.count(),
                func.sum(case((Reminder.state == ReminderState.OPEN, 1), else_=0)) > 1,
                func.sum(under_way) > 2,  # one is carried while the next one waits for its time
            )
        )
        .subquery()
    )
    query = (
        select(Delivery.item_id, func.count())
        .join(of_delivery, of_delivery.c.delivery_id == Delivery.id)
        .group_by(Delivery.item_id)
    )
    return await _found(connection, query.order_by(Delivery.item_id), limit)


async def sizes(connection: AsyncConnection, limit: int) -> Wrong:
    """Items whose states do not add up to their audience; by how much."""
    shown = func.coalesce(func.sum(Tally.n), 0)
    query = (
        select(Item.id, func.abs(shown - Item.audience_size))
        .outerjoin(Tally, Tally.item_id == Item.id)
        .where(Item.published_at.is_not(None))
        .group_by(Item.id, Item.audience_size)
        .having(shown != Item.audience_size)
    )
    return await _found(connection, query.order_by(Item.id), limit)


async def stuck(connection: AsyncConnection) -> int:
    """Messages that are under way with a request that is over, or with none: nobody will ever settle them."""
    under_way = OutboxMessage.phase.in_([Phase.IN_FLIGHT, Phase.DOUBTFUL])
    over = or_(OutboxMessage.call_id.is_(None), Call.state == CallState.SETTLED)
    query = select(func.count()).select_from(OutboxMessage).outerjoin(Call, Call.id == OutboxMessage.call_id)
    return await connection.scalar(query.where(under_way, over)) or 0


async def _found(connection: AsyncConnection, query: Select[int, int], limit: int) -> Wrong:
    return [(number, count) for number, count in await connection.execute(query.limit(limit))]
