"""Paper lists: the fixed number of each member of an item's audience, and what was entered from paper by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId
from storage.deliveries import Delivery
from storage.members import Member
from storage.prepared import Prepared, flush_changes


class PaperEntry(Base):
    """One list that somebody entered at once."""

    __tablename__ = "paper_entry"
    __table_args__ = (Index("ix_paper_entry_item", "item_id", "entered_by"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    entered_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]


class PaperLine(Base):
    """A delivery that an entry marked: one that had its receipt before is not among them."""

    __tablename__ = "paper_line"

    entry_id: Mapped[int] = mapped_column(ForeignKey("paper_entry.id"), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place on the paper list of an item. `number` counts the item's deliveries as they were made.

    Deliveries are made branch by branch when the audience is frozen, later ones follow, and none is ever deleted: so
    the number that somebody has seen once stays.
    """

    number: int
    delivery_id: int
    member_id: int
    name: str
    branch_id: int
    read_at: datetime | None
    acknowledged_at: datetime | None
    done_at: datetime | None
    excused_at: datetime | None
    sent_at: datetime | None


_NUMBERS = Prepared(
    select(Delivery.id).where(Delivery.item_id == bindparam("item", type_=Integer())).order_by(Delivery.id)
)


class PaperStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def places(self, item_id: int, *, branch_ids: Iterable[int] | None = None) -> Sequence[Place]:
        """The whole list in the order of its numbers, or the part of it that is of these branches."""
        number = func.row_number().over(order_by=Delivery.id).label("number")
        ranked = select(Delivery.id, number).where(Delivery.item_id == item_id).subquery()
        query = (
            select(
                ranked.c.number,
                Delivery.id,
                Delivery.member_id,
                Member.name,
                Delivery.branch_id,
                Delivery.read_at,
                Delivery.acknowledged_at,
                Delivery.done_at,
                Delivery.excused_at,
                Delivery.sent_at,
            )
            .select_from(ranked)
            .join(Delivery, Delivery.id == ranked.c.id)
            .join(Member, Member.id == Delivery.member_id)
            .order_by(ranked.c.number)
        )
        if branch_ids is not None:
            query = query.where(Delivery.branch_id.in_(set(branch_ids)))
        return [Place(*row) for row in (await self._session.execute(query))]

    async def numbers(self, item_id: int) -> dict[int, int]:
        """Delivery → number."""
        await flush_changes(self._session)
        return {row[0]: number for number, row in enumerate(await _NUMBERS.run(self._session, {"item": item_id}), 1)}

    async def enter(self, item_id: int, entered_by: int, delivery_ids: Sequence[int], at: datetime) -> None:
        """Keeps what was entered together, so that it can be taken back together."""
        entry = PaperEntry(item_id=item_id, entered_by=entered_by, at=at)
        self._session.add(entry)
        await self._session.flush()
        await self._session.execute(
            insert(PaperLine), [{"entry_id": entry.id, "delivery_id": delivery_id} for delivery_id in delivery_ids]
        )

    async def latest(self, item_id: int, entered_by: int) -> PaperEntry | None:
        """The last entry of this person that still stands."""
        query = select(PaperEntry).where(
            PaperEntry.item_id == item_id, PaperEntry.entered_by == entered_by, PaperEntry.taken_back_at.is_(None)
        )
        return (await self._session.scalars(query.order_by(PaperEntry.id.desc()).limit(1))).first()

    async def take_back(self, entry_id: int, at: datetime) -> Sequence[int]:
        """Marks the entry; its deliveries, none when somebody was faster."""
        done = await self._session.execute(
            update(PaperEntry)
            .where(PaperEntry.id == entry_id, PaperEntry.taken_back_at.is_(None))
            .values(taken_back_at=at)
            .returning(PaperEntry.id)
            .execution_options(synchronize_session=False)
        )
        if done.first() is None:
            return []
        query = select(PaperLine.delivery_id).where(PaperLine.entry_id == entry_id)
        return (await self._session.scalars(query.order_by(PaperLine.delivery_id))).all()
