"""Who looked at what about whom. Kept apart from the audit, for it is kept for another time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, and_, bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word
from storage.deliveries import Delivery
from storage.members import Member
from storage.prepared import Prepared, flush_changes


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


_MEMBER = bindparam("member", type_=Integer())
_AT_ONE = and_(
    or_(Access.item_id.in_(select(Delivery.item_id).where(Delivery.member_id == _MEMBER)), Access.about_id == _MEMBER),
    or_(Access.actor_id.is_(None), Access.actor_id != _MEMBER),
)
_AT_MEMBER = Prepared(
    select(Access.at, Access.what, Access.item_id, Member.name)
    .outerjoin(Member, Member.id == Access.actor_id)
    .where(_AT_ONE)
    .order_by(Access.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
_COUNT_AT_MEMBER = Prepared(select(func.count()).select_from(Access).where(_AT_ONE))


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
        await flush_changes(self._session)
        looks = await _AT_MEMBER.run(self._session, {"member": member_id, "limit": limit})
        if len(looks) < limit:
            return [Look(*row) for row in looks], len(looks)
        ((count,),) = await _COUNT_AT_MEMBER.run(self._session, {"member": member_id})
        return [Look(*row) for row in looks], count

    async def forget(self, before: datetime, limit: int) -> int:
        """Looks that have been kept long enough, some of them; how many."""
        old = select(Access.id).where(Access.at < before).order_by(Access.at).limit(limit)
        gone = await self._session.execute(delete(Access).where(Access.id.in_(old)).returning(Access.id))
        return len(gone.all())
