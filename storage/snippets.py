"""Prepared answers of a branch."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId


class Snippet(Base):
    __tablename__ = "snippet"
    __table_args__ = (UniqueConstraint("branch_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    name: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    """Who wrote it last."""
    created_at: Mapped[datetime]


class SnippetStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_branches(self, branch_ids: Collection[int], limit: int) -> Sequence[Snippet]:
        """By name."""
        query = select(Snippet).where(Snippet.branch_id.in_(branch_ids)).order_by(Snippet.name, Snippet.id)
        return (await self._session.scalars(query.limit(limit))).all()

    async def named(self, name: str, branch_ids: Collection[int]) -> Sequence[Snippet]:
        """Those of that name; each branch has at most one."""
        query = select(Snippet).where(Snippet.name == name, Snippet.branch_id.in_(branch_ids)).order_by(Snippet.id)
        return (await self._session.scalars(query)).all()

    def add(self, snippet: Snippet) -> None:
        self._session.add(snippet)

    async def remove(self, snippet: Snippet) -> None:
        await self._session.delete(snippet)
