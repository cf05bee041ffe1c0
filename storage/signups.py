"""Sign-ups: who has a place, and who waits for one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId
from storage.deliveries import Delivery
from storage.enums import ItemStatus
from storage.items import Item
from storage.members import Member


class Signup(Base):
    __tablename__ = "signup"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    places: Mapped[int | None]
    """None: for everybody who wants one."""


class Place(Base):
    """One member's. Their order is the order of the waiting list."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("signup.item_id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    waiting: Mapped[bool]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("item_id", "member_id"),)


class SignupStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, signup: Signup) -> None:
        self._session.add(signup)

    async def get(self, item_id: int, *, for_change: bool = False) -> Signup | None:
        """`for_change`: nobody else gives away a place of it until this transaction ends."""
        return await self._session.get(Signup, item_id, with_for_update=for_change or None)

    async def many(self, item_ids: Iterable[int]) -> dict[int, Signup]:
        found = await self._session.scalars(select(Signup).where(Signup.item_id.in_(set(item_ids))))
        return {signup.item_id: signup for signup in found}

    async def counts(self, item_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Sign-up → (places taken, members who wait)."""
        wanted = set(item_ids)
        query = select(Place.item_id, Place.waiting, func.count()).where(Place.item_id.in_(wanted))
        rows = await self._session.execute(query.group_by(Place.item_id, Place.waiting))
        found = {(item_id, waiting): n for item_id, waiting, n in rows}
        return {each: (found.get((each, False), 0), found.get((each, True), 0)) for each in wanted}

    async def place_of(self, item_id: int, member_id: int) -> Place | None:
        query = select(Place).where(Place.item_id == item_id, Place.member_id == member_id)
        return (await self._session.scalars(query)).first()

    async def take(self, item_id: int, member_id: int, *, waiting: bool, at: datetime) -> None:
        self._session.add(Place(item_id=item_id, member_id=member_id, waiting=waiting, at=at))
        await self._session.flush()

    async def leave(self, place_id: int) -> None:
        await self._session.execute(delete(Place).where(Place.id == place_id))

    async def running_for(self, member_id: int, now: datetime) -> Sequence[int]:
        """The sign-ups that are out, not due yet and meant for this member, the latest first."""
        query = (
            select(Signup.item_id)
            .join(Item, Item.id == Signup.item_id)
            .join(Delivery, Delivery.item_id == Signup.item_id)
            .where(Delivery.member_id == member_id, Item.status.in_([ItemStatus.PUBLISHED, ItemStatus.CLOSED]))
            .where(or_(Item.due_at > now, and_(Item.due_at.is_(None), Item.status == ItemStatus.PUBLISHED)))
        )
        return (await self._session.scalars(query.order_by(Signup.item_id.desc()).limit(10))).all()

    async def ahead_of(self, place: Place) -> int:
        """How many wait before this one."""
        query = select(func.count()).where(Place.item_id == place.item_id, Place.waiting, Place.id < place.id)
        return await self._session.scalar(query) or 0

    async def move_up(self, item_id: int) -> int | None:
        """Gives a place to the first who waits: the member; None when nobody does."""
        query = select(Place.id, Place.member_id).where(Place.item_id == item_id, Place.waiting)
        first = (await self._session.execute(query.order_by(Place.id).limit(1))).first()
        if first is None:
            return None
        moved = update(Place).where(Place.id == first[0]).values(waiting=False)
        await self._session.execute(moved.execution_options(synchronize_session="fetch"))
        return int(first[1])

    async def names(self, item_id: int, *, waiting: bool) -> Sequence[str]:
        """In the order in which they signed up."""
        query = select(Member.name).join(Place, Place.member_id == Member.id)
        query = query.where(Place.item_id == item_id, Place.waiting.is_(waiting))
        return (await self._session.scalars(query.order_by(Place.id))).all()
