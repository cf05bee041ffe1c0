"""Items that were taken back, until it is known how that went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word, partial_index
from storage.prepared import Whether


class Withdrawal(Base):
    """How an item stood when it was taken back, in members of its audience."""

    __tablename__ = "withdrawal"
    __table_args__ = (partial_index("ix_withdrawal_open", "at", where="reported_at IS NULL"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    """Who took it back; None for another system: then its author hears how it went."""
    source: Mapped[str] = mapped_column(Word)
    at: Mapped[datetime]
    had: Mapped[int]
    """Those whom it had been sent to."""
    read: Mapped[int]
    acknowledged: Mapped[int]
    dropped: Mapped[int]
    """Those for whom it was still waiting to leave."""
    reported_at: Mapped[datetime | None]


_ANY_UNREPORTED = Whether(Withdrawal.reported_at.is_(None))


class WithdrawalStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, withdrawal: Withdrawal) -> None:
        self._session.add(withdrawal)

    async def get(self, item_id: int) -> Withdrawal | None:
        return await self._session.get(Withdrawal, item_id)

    async def any_unreported(self) -> bool:
        return await _ANY_UNREPORTED.ask(self._session)

    async def unreported(self) -> Sequence[Withdrawal]:
        """Those whose end has not been told, the oldest first."""
        query = select(Withdrawal).where(Withdrawal.reported_at.is_(None))
        return (await self._session.scalars(query.order_by(Withdrawal.at))).all()
