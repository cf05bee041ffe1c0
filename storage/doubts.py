"""Deliveries of which nobody knows whether they arrived, until somebody decides or their member answers."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.deliveries import Delivery
from storage.enums import DeliveryState
from storage.outbox import OutboxMessage

UNKNOWN = "unknown"
"""Why such a delivery counts as failed."""
CARD = "item"
"""The kind of message that brings an item's card to a member."""


class DoubtStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @staticmethod
    def open_of(item_id: int) -> ColumnElement[bool]:
        """The condition that a delivery of this item is in doubt and its member has said nothing."""
        return and_(
            Delivery.item_id == item_id,
            Delivery.transport == DeliveryState.FAILED,
            Delivery.reason == UNKNOWN,
            Delivery.done_at.is_(None),
            Delivery.excused_at.is_(None),
        )

    async def count(self, item_id: int) -> int:
        """How many are in doubt."""
        query = select(func.count()).select_from(Delivery).where(self.open_of(item_id))
        return await self._session.scalar(query) or 0

    async def next_number(self, item_id: int) -> int:
        """The number that no card of this item to anybody has had yet."""
        query = select(func.max(OutboxMessage.number)).where(
            OutboxMessage.item_id == item_id, OutboxMessage.kind == CARD
        )
        return (await self._session.scalar(query) or 0) + 1

    def queued(self, item_id: int, number: int) -> ColumnElement[bool]:
        """The condition that a delivery in doubt has a card of this number on its way."""
        carried = select(OutboxMessage.delivery_id).where(
            OutboxMessage.item_id == item_id, OutboxMessage.kind == CARD, OutboxMessage.number == number
        )
        return and_(self.open_of(item_id), Delivery.id.in_(carried))
