"""Which question a responder has before their eyes, so that words without a number can be asked about."""

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Attention(Base):
    """The latest one alone."""

    __tablename__ = "attention"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    at: Mapped[datetime]


class AttentionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def turn(self, member_id: int, question_id: int, now: datetime) -> None:
        """They are looking at this question now."""
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(Attention) if dialect == "postgresql" else sqlite_insert(Attention)
        values = {"question_id": question_id, "at": now}
        await self._session.execute(
            make.values(member_id=member_id, **values).on_conflict_do_update(
                index_elements=[Attention.member_id], set_=values
            )
        )

    async def of(self, member_id: int, since: datetime) -> int | None:
        """The question that they have looked at since then."""
        query = select(Attention.question_id).where(Attention.member_id == member_id, Attention.at >= since)
        return await self._session.scalar(query)

    async def end(self, member_id: int) -> None:
        """They are done with it."""
        await self._session.execute(delete(Attention).where(Attention.member_id == member_id))
