"""The thread of a question, line by line."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, BigId, Word, partial_index
from storage.enums import Arrival, EntryBy, EntryKind, Phase
from storage.outbox import MAY_LEAVE, OutboxMessage
from storage.prepared import Prepared

CARRIER = "resident"
"""The kind of the messages that carry an entry; their subject is its id."""
TO_FETCH = "entry.picture_url IS NOT NULL"
_UNDELIVERED = "arrival IN ('queued', 'kept')"
"""As SQL: only a condition that reads like its own lets SQLite use a partial index."""


class Entry(Base):
    """One line. What is meant for the resident has an `arrival`; its messages are of kind `CARRIER`."""

    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    """The question's."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(Word)
    kind: Mapped[str] = mapped_column(Word)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    """The responder who wrote it."""
    text: Mapped[str] = mapped_column(Text)
    """Emptied when the resident's data is dropped."""
    media: Mapped[str | None] = mapped_column(Word)
    """`image`, `voice`, `video`, … when it was no plain text."""
    picture_url: Mapped[str | None] = mapped_column(String(600))
    """Where its picture lies, until that has been fetched; see `storage/pictures.py`."""
    arrival: Mapped[str | None] = mapped_column(Word)
    arrived_at: Mapped[datetime | None]
    """When `arrival` last changed."""
    reason: Mapped[str | None] = mapped_column(String(80))
    """Why it is kept (`reason.` key)."""
    parts_given: Mapped[int] = mapped_column(default=0)
    """How much of a long answer has been handed over so far, where it takes several replies."""

    __table_args__ = (
        Index("ix_entry_question", "question_id", "id"),
        partial_index("ix_entry_picture", "id", where="picture_url IS NOT NULL"),
        partial_index("ix_entry_undelivered", "resident_id", "id", where=_UNDELIVERED),
    )


_table = Base.metadata.tables["entry"]
_SAID = ("question_id", "resident_id", "at", "by", "kind", "text", "media", "picture_url")
_SAY = Prepared(insert(_table).values({name: bindparam(name) for name in _SAID} | {"parts_given": 0}))
_WAITING = Prepared(
    select(_table.c.resident_id).where(among(_table.c.resident_id, "residents"), text(_UNDELIVERED)).distinct()
)


class EntryStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        *,
        question_id: int,
        resident_id: int,
        at: datetime,
        by: EntryBy,
        kind: EntryKind,
        text: str,
        member_id: int | None = None,
        media: str | None = None,
        picture_url: str | None = None,
        arrival: Arrival | None = None,
    ) -> Entry:
        """A new line with its id. `arrival` is for words to the resident."""
        entry = Entry(
            question_id=question_id,
            resident_id=resident_id,
            at=at,
            by=by,
            kind=kind,
            text=text,
            member_id=member_id,
            media=media,
            picture_url=picture_url,
            arrival=arrival,
            arrived_at=at if arrival else None,
            parts_given=0,
        )
        self._session.add(entry)
        await self._session.flush()
        return entry

    async def add_said(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Lines of residents, many at a time: question_id, resident_id, at, by, kind, text, media, picture_url."""
        if lines:
            await _SAY.run_each(self._session, lines)

    async def waited_for(self, resident_ids: Collection[int]) -> set[int]:
        """Those of the residents for whom words are queued or kept."""
        if not resident_ids:
            return set()
        rows = await _WAITING.run(self._session, {"residents": list(resident_ids)})
        return {resident_id for (resident_id,) in rows}

    async def get(self, entry_id: int) -> Entry | None:
        return await self._session.get(Entry, entry_id)

    async def of_question(self, question_id: int) -> Sequence[Entry]:
        """The whole thread, oldest first."""
        query = select(Entry).where(Entry.question_id == question_id).order_by(Entry.id)
        return (await self._session.scalars(query)).all()

    async def of_questions(self, question_ids: Iterable[int]) -> dict[int, list[Entry]]:
        """Question → its thread, oldest first."""
        found: dict[int, list[Entry]] = {}
        query = select(Entry).where(Entry.question_id.in_(set(question_ids))).order_by(Entry.id)
        for entry in await self._session.scalars(query):
            found.setdefault(entry.question_id, []).append(entry)
        return found

    async def undelivered_of(self, resident_id: int) -> Sequence[Entry]:
        """Words to a resident that are queued or kept, oldest first."""
        query = select(Entry).where(Entry.resident_id == resident_id, text(_UNDELIVERED))
        return (await self._session.scalars(query.order_by(Entry.id))).all()

    async def arrive(
        self, entry_ids: Iterable[int], arrival: Arrival, now: datetime, reason: str | None = None
    ) -> None:
        """What became of words to residents."""
        await self._session.execute(
            update(Entry)
            .where(Entry.id.in_(set(entry_ids)), Entry.arrival.is_not(None))
            .values(arrival=arrival, arrived_at=now, reason=reason)
        )

    async def carriers(self, entry_id: int) -> Sequence[str]:
        """The phases of the messages that carry an entry to the resident, in order."""
        query = select(OutboxMessage.phase).where(OutboxMessage.kind == CARRIER, OutboxMessage.subject == str(entry_id))
        return (await self._session.scalars(query.order_by(OutboxMessage.number))).all()

    async def take_back(self, entry_id: int, reason: str, now: datetime) -> bool:
        """Nothing of it that has not left yet will leave; whether that was all of it."""
        of_entry = (OutboxMessage.kind == CARRIER, OutboxMessage.subject == str(entry_id))
        await self._session.execute(
            update(OutboxMessage)
            .where(*of_entry, MAY_LEAVE)
            .values(phase=Phase.DROPPED, reason=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )
        return all(phase == Phase.DROPPED for phase in await self.carriers(entry_id))

    async def erase(self, question_ids: Iterable[int]) -> None:
        """The words of these threads; who wrote when stays. Nothing waits for the resident any more."""
        await self._session.execute(
            update(Entry)
            .where(Entry.question_id.in_(set(question_ids)))
            .values(text="", picture_url=None, arrival=None)
        )
