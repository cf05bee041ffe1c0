"""How long the oldest of each kind has been waiting: each a question to an index of what is not done yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.calls import OPEN, Call
from storage.enums import CallState, InboxState
from storage.inbox import InboxRow
from storage.outbox import MAY_LEAVE, OutboxMessage


@dataclass(frozen=True, slots=True)
class Oldest:
    """Since when the oldest of each waits; None where nothing does."""

    due: datetime | None
    """Messages that might have left."""
    in_flight: datetime | None
    """Requests that nobody has an answer to."""
    doubtful: datetime | None
    """Requests of which nobody knows how they ended."""
    update: datetime | None
    """What came in, failed, and might have been tried again."""


class AgeStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def oldest(self, now: datetime, *, platforms: Sequence[str], quiet_now: bool) -> Oldest:
        """Of messages those alone that may leave through one of `platforms`, and also while it is quiet."""
        due = [MAY_LEAVE, OutboxMessage.not_before <= now, OutboxMessage.platform.in_(platforms)]
        if quiet_now:
            due.append(OutboxMessage.quiet.is_(False))
        return Oldest(
            due=await self._first(OutboxMessage.not_before, *due),
            in_flight=await self._first(Call.started_at, text(OPEN), Call.state == CallState.IN_FLIGHT),
            doubtful=await self._first(Call.first_at, text(OPEN), Call.state == CallState.DOUBTFUL),
            update=await self._first(InboxRow.next_at, InboxRow.state == InboxState.PENDING),
        )

    async def now(self) -> datetime:
        """The time of the database's own machine."""
        found = await self._session.scalar(select(func.now()))
        assert isinstance(found, datetime)
        return found

    async def _first(
        self,
        column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
        *where: ColumnElement[bool] | TextClause,
    ) -> datetime | None:
        return await self._session.scalar(select(func.min(column)).where(*where))
