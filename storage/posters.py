"""Posters that somebody asked for and that are drawn a moment later."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, partial_index
from storage.prepared import Whether


class Poster(Base):
    """One request: the poster of a branch for one person."""

    __tablename__ = "poster"
    __table_args__ = (partial_index("ix_poster_due", "next_at", where="done_at IS NULL"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[datetime]
    next_at: Mapped[datetime]
    """When it is drawn, or tried again."""
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


_ANY_DUE = Whether(Poster.done_at.is_(None), Poster.next_at <= bindparam("now"))


class PosterStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, *, branch_id: int, member_id: int, now: datetime) -> None:
        self._session.add(Poster(branch_id=branch_id, member_id=member_id, asked_at=now, next_at=now, tries=0))

    async def get(self, poster_id: int) -> Poster | None:
        return await self._session.get(Poster, poster_id)

    async def waiting(self, branch_id: int, member_id: int) -> bool:
        """Whether the same is on its way to the same person."""
        query = select(Poster.id).where(
            Poster.branch_id == branch_id, Poster.member_id == member_id, Poster.done_at.is_(None)
        )
        return (await self._session.scalar(query.limit(1))) is not None

    async def any_due(self, now: datetime) -> bool:
        return await _ANY_DUE.ask(self._session, now=now)

    async def claim(self, now: datetime, limit: int, *, until: datetime) -> Sequence[Poster]:
        """What is due, taken by this process until then; whoever dies with it is followed by another."""
        query = select(Poster).where(Poster.done_at.is_(None), Poster.next_at <= now).order_by(Poster.id).limit(limit)
        due = (await self._session.scalars(query.with_for_update(skip_locked=True))).all()
        for poster in due:
            poster.next_at = until
            poster.tries += 1
        return due
