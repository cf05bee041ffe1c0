"""What came in: stored before it is answered, acted on once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import String, Text, UniqueConstraint, bindparam, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import one_of
from storage.base import Base, BigId, Word, partial_index
from storage.enums import InboxState
from storage.insertion import Insertion
from storage.prepared import Prepared, Whether

_NOT_DONE = "state <> 'done'"
"""As SQL, of what is pending or, without a next time, set aside: only a condition that reads like its own lets SQLite
use a partial index."""


class InboxRow(Base):
    """One update. `payload` is emptied once it is done; the key stays, so that a late copy changes nothing."""

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(Word)
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Word)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    reply: Mapped[str | None] = mapped_column(Text)
    """The words that every copy of the update is answered with."""
    resident: Mapped[str | None] = mapped_column(String(160))
    """The token of the resident whose words they are, until the reply is forgotten; None for everybody else's."""
    received_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("source", "key"),
        partial_index("ix_inbox_resident", "resident", where="resident IS NOT NULL"),
        partial_index("ix_inbox_kept", "received_at", where="reply IS NOT NULL OR resident IS NOT NULL"),
        partial_index("ix_inbox_not_done", "next_at", where=_NOT_DONE),
    )


@dataclass(frozen=True, slots=True)
class Pending:
    id: int
    payload: str
    tries: int
    received_at: datetime


_table = Base.metadata.tables["inbox"]
# Built once: they run for every batch of updates.
_ADMIT = Insertion(
    _table,
    ("source", "key", "payload", "state", "next_at", "received_at", "resident"),
    fixed={"tries": 0},
    returning=("source", "key", "id"),
)
_FINISH = Prepared(
    update(_table)
    .where(_table.c.id == bindparam("row"))
    .values(state=InboxState.DONE, payload="", next_at=None, reply=bindparam("words"))
)


_ANY_PENDING = Whether(text(_NOT_DONE), InboxRow.next_at <= bindparam("now"))


class InboxStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def admit(self, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
        """Stores what is new; (source, key) → id of the new ones. What was there already is left out."""
        admitted = await _ADMIT.add(self._session, rows)
        return {(source, key): row_id for source, key, row_id in admitted}

    async def probe(self, now: datetime) -> None:
        """Writes a row and takes it away again. Raises what the database raises when nothing can be stored."""
        row = {"source": "probe", "key": str(uuid4()), "payload": "", "state": InboxState.DONE}
        admitted = await self.admit([{**row, "next_at": None, "resident": None, "received_at": now}])
        await self._session.execute(delete(InboxRow).where(one_of(InboxRow.id, list(admitted.values()))))

    async def replies(self, source: str, keys: Sequence[str]) -> dict[str, str | None]:
        """Key → the stored reply."""
        query = select(InboxRow.key, InboxRow.reply).where(InboxRow.source == source, one_of(InboxRow.key, keys))
        return dict((await self._session.execute(query)).all())

    async def finish(self, replies: Mapping[int, str | None]) -> None:
        """They are done; row id → the words that are said to it, None for none."""
        if replies:
            rows = [{"row": row_id, "words": words} for row_id, words in replies.items()]
            await _FINISH.run_each(self._session, rows)

    async def failed(self, row_id: int, *, next_at: datetime | None) -> None:
        """Its handler raised; None sets it aside for good."""
        await self._session.execute(
            update(InboxRow)
            .where(InboxRow.id == row_id)
            .values(
                state=InboxState.ASIDE if next_at is None else InboxState.PENDING,
                tries=InboxRow.tries + 1,
                next_at=next_at,
            )
            .execution_options(synchronize_session=False)
        )

    async def take(self, row_id: int, now: datetime) -> bool:
        """Whether it still waits to be tried again; then it is this transaction's alone."""
        query = select(InboxRow.id).where(
            InboxRow.id == row_id, InboxRow.state == InboxState.PENDING, InboxRow.next_at <= now
        )
        return (await self._session.scalar(query.with_for_update(skip_locked=True))) is not None

    async def tries(self, row_id: int) -> int:
        """How often it was tried and failed."""
        return await self._session.scalar(select(InboxRow.tries).where(InboxRow.id == row_id)) or 0

    async def pending(self, now: datetime, limit: int) -> Sequence[Pending]:
        """What is to be tried again by now, the longest due first."""
        query = (
            select(InboxRow.id, InboxRow.payload, InboxRow.tries, InboxRow.received_at)
            .where(text(_NOT_DONE), InboxRow.next_at <= now)
            .order_by(InboxRow.next_at, InboxRow.id)
            .limit(limit)
        )
        return [Pending(*row) for row in (await self._session.execute(query))]

    async def any_pending(self, now: datetime) -> bool:
        return await _ANY_PENDING.ask(self._session, now=now)

    async def forget_replies(self, before: datetime) -> None:
        """Replies of updates that no platform repeats any more."""
        await self._session.execute(
            update(InboxRow)
            .where(
                InboxRow.received_at < before,
                or_(InboxRow.reply.is_not(None), InboxRow.resident.is_not(None)),
                InboxRow.state == InboxState.DONE,
            )
            .values(reply=None, resident=None)
            .execution_options(synchronize_session=False)
        )

    async def counts(self) -> dict[str, int]:
        """State → updates, of those that are not done."""
        query = select(InboxRow.state, func.count()).where(text(_NOT_DONE)).group_by(InboxRow.state)
        return dict((await self._session.execute(query)).all())
