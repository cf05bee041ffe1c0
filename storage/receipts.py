"""What members did, with its evidence. The first receipt of a kind stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, BigId, Word, partial_index
from storage.enums import ReceiptKind, Source
from storage.insertion import Insertion
from storage.prepared import Prepared


class Receipt(Base):
    __tablename__ = "receipt"

    delivery_id: Mapped[int] = mapped_column(BigId, ForeignKey("delivery.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Word, primary_key=True)
    source: Mapped[str] = mapped_column(Word)
    at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    """Who entered it, where that is not the member."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Of the item's words that they received."""

    __table_args__ = (partial_index("ix_receipt_entered", "at", "delivery_id", where="entered_by IS NOT NULL"),)


_table = Base.metadata.tables["receipt"]
_ADD = Insertion(_table, _table.c.keys())
_REPLACE_ENTERED = Prepared(
    update(_table)
    .where(
        among(_table.c.delivery_id, "deliveries"),
        _table.c.kind == bindparam("of_kind"),
        _table.c.entered_by.is_not(None),
    )
    .values(source=bindparam("by_source"), at=bindparam("now"), entered_by=None)
)


class ReceiptStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Rows with the table's columns; what is there already stays as it is."""
        if rows:
            await _ADD.add(self._session, rows)

    async def of(self, delivery_id: int) -> Sequence[Receipt]:
        query = select(Receipt).where(Receipt.delivery_id == delivery_id).order_by(Receipt.at)
        return (await self._session.scalars(query)).all()

    async def take_back(self, delivery_ids: Sequence[int], source: Source, entered_by: int) -> None:
        """Forgets what this person entered for these deliveries; what the members did themselves stays."""
        await self._session.execute(
            delete(Receipt).where(
                Receipt.delivery_id.in_(delivery_ids), Receipt.source == source, Receipt.entered_by == entered_by
            )
        )

    async def replace_entered(
        self, delivery_ids: Sequence[int], kind: ReceiptKind, source: Source, at: datetime
    ) -> None:
        """The members did it themselves as well: that is better evidence than what others entered for them."""
        values = {"deliveries": delivery_ids, "of_kind": kind, "by_source": source, "now": at}
        await _REPLACE_ENTERED.run(self._session, values)
