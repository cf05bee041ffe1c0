"""How much a branch asks its people to read: the line that it drew for itself, and what a week has asked already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.audiences import Audience
from storage.base import Base
from storage.deliveries import Delivery
from storage.enums import DeliveryState, ItemStatus
from storage.items import Item
from storage.members import Member

MOST_ITEMS = 200
"""Of a week; the newest count."""
SAMPLE = 1000
"""Of a larger audience so many members, spread over all of it, speak for the others."""
_ASKED = (DeliveryState.QUEUED, DeliveryState.SENT)


class BurdenLine(Base):
    """Minutes of reading a week above which an item needs a reason; for the branch and everything below it."""

    __tablename__ = "burden_line"

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    minutes: Mapped[int]
    set_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    set_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Share:
    """So many members were asked to read so many items, so many minutes together."""

    items: int
    minutes: int
    members: int


class BurdenStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lines(self, branch_ids: Sequence[int]) -> dict[int, int]:
        """Branch → minutes a week, of those that drew a line."""
        query = select(BurdenLine.branch_id, BurdenLine.minutes).where(BurdenLine.branch_id.in_(branch_ids))
        return dict((await self._session.execute(query)).all())

    async def draw(self, branch_id: int, minutes: int, *, by: int, now: datetime) -> None:
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(BurdenLine) if dialect == "postgresql" else sqlite_insert(BurdenLine)
        values = {"minutes": minutes, "set_by": by, "set_at": now}
        await self._session.execute(
            make.values(branch_id=branch_id, **values).on_conflict_do_update(
                index_elements=[BurdenLine.branch_id], set_=values
            )
        )

    async def lift(self, branch_id: int) -> None:
        await self._session.execute(delete(BurdenLine).where(BurdenLine.branch_id == branch_id))

    async def published_since(self, since: datetime) -> Mapping[int, tuple[str, str]]:
        """Item → (title, body) of what has been published and not withdrawn."""
        query = (
            select(Item.id, Item.title, Item.body)
            .where(Item.published_at >= since, Item.status != ItemStatus.WITHDRAWN)
            .order_by(Item.published_at.desc())
            .limit(MOST_ITEMS)
        )
        return {item_id: (title, body) for item_id, title, body in await self._session.execute(query)}

    async def shares(self, audience: Audience, minutes: Mapping[int, int]) -> Sequence[Share]:
        """What these items (item → minutes) asked of an audience, nobody named; who got none is not in it."""
        if not minutes:
            return ()
        sample = (
            select(Member.id)
            .where(audience.where())
            .order_by((Member.id * 7919) % 10007, Member.id)
            .limit(SAMPLE)
            .subquery()
        )
        each = case(*((Delivery.item_id == item_id, length) for item_id, length in minutes.items()), else_=0)
        grouped = (
            select(func.count().label("items"), func.sum(each).label("minutes"))
            .join(sample, sample.c.id == Delivery.member_id)
            .where(Delivery.item_id.in_(list(minutes)), Delivery.transport.in_(_ASKED), Delivery.excused_at.is_(None))
            .group_by(Delivery.member_id)
            .subquery()
        )
        columns = (grouped.c["items"], grouped.c["minutes"])
        query = select(*columns, func.count()).group_by(*columns)
        return [Share(n, int(m), members) for n, m, members in await self._session.execute(query)]
