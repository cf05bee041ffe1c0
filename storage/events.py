"""What other systems want to hear of, written with its cause and gone once it is on its way to them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word
from storage.prepared import Whether


class Event(Base):
    __tablename__ = "event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    mark: Mapped[str] = mapped_column(Word)
    """What others know it by: numbers of rows that are gone come again."""
    name: Mapped[str] = mapped_column(Word)
    """`item.published`, `item.closed`, `receipt.recorded`."""
    at: Mapped[datetime]
    data: Mapped[str] = mapped_column(Text)
    """JSON; members by our own id."""


_ANY = Whether(Event.id.is_not(None))


class EventStore:
    """`wanted` are the names that somebody listens to: of others nothing is written."""

    def __init__(self, session: AsyncSession, wanted: frozenset[str]) -> None:
        self._session = session
        self.wanted = wanted

    async def add(self, name: str, data: Sequence[str], at: datetime) -> None:
        """One statement for any number of them."""
        rows = [{"mark": f"evt_{secrets.token_hex(12)}", "name": name, "at": at, "data": each} for each in data]
        if rows:
            await self._session.execute(insert(Event), rows)

    async def any(self) -> bool:
        return await _ANY.ask(self._session)

    async def take(self, limit: int) -> Sequence[Event]:
        """The oldest, which are gone with this transaction; what another process has taken is left out."""
        query = select(Event).order_by(Event.id).limit(limit).with_for_update(skip_locked=True)
        found = (await self._session.scalars(query)).all()
        if found:
            await self._session.execute(
                delete(Event)
                .where(Event.id.in_([event.id for event in found]))
                .execution_options(synchronize_session=False)
            )
        return found
