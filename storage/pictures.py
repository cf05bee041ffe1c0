"""Pictures that residents sent: fetched from the platform, kept under their hash, dropped with what was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    String,
    TextClause,
    bindparam,
    delete,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word
from storage.entries import TO_FETCH, Entry
from storage.enums import AttachmentState
from storage.files import StoredFile
from storage.prepared import Whether


class Picture(Base):
    """The picture of one line of a thread, from when somebody began to fetch it.

    Where it lies stands in the line as long as that is needed.
    """

    __tablename__ = "picture"

    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("entry.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    state: Mapped[str] = mapped_column(Word)
    """`waiting`, `stored` or `refused`."""
    digest: Mapped[str | None] = mapped_column(String(64), index=True)
    reason: Mapped[str | None] = mapped_column(Word)
    """Why it is not there (`pictures.` keys)."""
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    """When it is tried again; None when nothing more is to be done."""
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class DuePicture:
    """One to be fetched now. `tries` is how often it failed so far."""

    entry_id: int
    address: str
    tries: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is there. `type` is its ending without the dot, `size` in bytes."""

    entry_id: int
    digest: str
    type: str
    size: int


class PictureStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, entry_id: int) -> Picture | None:
        """The picture, taken for this transaction."""
        return await self._session.get(Picture, entry_id, with_for_update=True)

    async def of_question(self, question_id: int) -> dict[int, Picture]:
        """Line → its picture, in order."""
        query = select(Picture).where(Picture.question_id == question_id).order_by(Picture.entry_id)
        return {picture.entry_id: picture for picture in await self._session.scalars(query)}

    async def kept_of(self, question_id: int, limit: int) -> Sequence[Kept]:
        """Those that are there, the newest so many, oldest first."""
        query = (
            select(Picture.entry_id, Picture.digest, StoredFile.type, StoredFile.size)
            .join(StoredFile, StoredFile.digest == Picture.digest)
            .where(Picture.question_id == question_id)
            .order_by(Picture.entry_id.desc())
            .limit(limit)
        )
        rows = (await self._session.execute(query)).all()
        return [Kept(entry_id, digest or "", kind, size) for entry_id, digest, kind, size in reversed(rows)]

    async def any_due(self, now: datetime) -> bool:
        return await _ANY_DUE.ask(self._session, now=now)

    async def claim(self, now: datetime, limit: int, *, until: datetime) -> Sequence[DuePicture]:
        """What is due, taken by this process until then; whoever dies with it is followed by another."""
        query = (
            select(Entry.id, Entry.question_id, Entry.picture_url, Picture)
            .outerjoin(Picture, Picture.entry_id == Entry.id)
            .where(*_due(now))
            .order_by(Entry.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=Entry)
        )
        rows = (await self._session.execute(query)).all()
        due = []
        for entry_id, question_id, address, known in rows:
            picture = known or Picture(
                entry_id=entry_id, question_id=question_id, state=AttachmentState.WAITING, tries=0, created_at=now
            )
            picture.next_at = until
            self._session.add(picture)
            due.append(DuePicture(entry_id, address or "", picture.tries, picture.created_at))
        await self._session.flush()
        return due

    async def settle(self, picture: Picture) -> None:
        """Nothing more is fetched: the address goes."""
        picture.next_at = None
        await self._session.execute(update(Entry).where(Entry.id == picture.entry_id).values(picture_url=None))
        await self._session.flush()

    async def in_use(self, digests: Sequence[str]) -> set[str]:
        """Which of these contents a line still shows."""
        query = select(Picture.digest).where(Picture.digest.in_(digests)).distinct()
        return {digest for digest in await self._session.scalars(query) if digest is not None}

    async def erase(self, question_ids: Iterable[int]) -> Sequence[str]:
        """The pictures of these questions; the contents that they showed."""
        gone = await self._session.scalars(
            delete(Picture)
            .where(Picture.question_id.in_(set(question_ids)))
            .returning(Picture.digest)
            .execution_options(synchronize_session=False)
        )
        return [digest for digest in gone if digest is not None]


def _due(now: Any) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """Lines whose picture lies elsewhere still, and is to be fetched now; beside what is known of it."""
    return text(TO_FETCH), or_(Picture.entry_id.is_(None), Picture.next_at <= now)


_ANY_DUE = Whether(
    select(Entry.id).outerjoin(Picture, Picture.entry_id == Entry.id).where(*_due(bindparam("now"))).exists()
)
