"""Who looked at what about whom. Kept apart from the audit, for it is kept for another time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word
from storage.deliveries import Delivery
from storage.members import Member


class Access(Base):
    """One look. `about` is a member it was about, where it was about one alone."""

    __tablename__ = "access"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    """None: another system, or the operator."""
    source: Mapped[str] = mapped_column(Word)
    what: Mapped[str] = mapped_column(Word)
    """`thread`, `open`, `guests`, `voters`, `export` or `person`."""
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    client: Mapped[str | None] = mapped_column(String(100))
    """The other system, by the name of its token."""

    __table_args__ = (Index("ix_access_item", "item_id", "at"), Index("ix_access_question", "question_id", "at"))


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a list with somebody's name in it; `name` None: no member's."""

    at: datetime
    what: str
    item_id: int | None
    name: str | None


class AccessStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, access: Access) -> None:
        self._session.add(access)

    async def of_question(self, question_id: int) -> Sequence[Access]:
        query = select(Access).where(Access.question_id == question_id).order_by(Access.id)
        return (await self._session.scalars(query)).all()

    async def at_member(self, member_id: int, limit: int) -> tuple[Sequence[Look], int]:
        """The latest looks by others at what may have named a member, and how many there are."""
        items = select(Delivery.item_id).where(Delivery.member_id == member_id)
        theirs = and_(
            or_(Access.item_id.in_(items), Access.about_id == member_id),
            or_(Access.actor_id.is_(None), Access.actor_id != member_id),
        )
        query = (
            select(Access.at, Access.what, Access.item_id, Member.name)
            .outerjoin(Member, Member.id == Access.actor_id)
            .where(theirs)
            .order_by(Access.id.desc())
        )
        looks = [Look(*row) for row in await self._session.execute(query.limit(limit))]
        return looks, await self._session.scalar(select(func.count()).select_from(Access).where(theirs)) or 0

    async def forget(self, before: datetime, limit: int) -> int:
        """Looks that have been kept long enough, some of them; how many."""
        old = select(Access.id).where(Access.at < before).order_by(Access.at).limit(limit)
        gone = await self._session.execute(delete(Access).where(Access.id.in_(old)).returning(Access.id))
        return len(gone.all())
