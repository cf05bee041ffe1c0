"""Who reads for whom: a member who does without a phone, and a helper whom both have agreed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, bindparam, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.base import Base, BigId, partial_index
from storage.deliveries import IS_OPEN, Delivery
from storage.enums import ItemStatus, MemberStatus
from storage.items import OLDEST_OUT, Item
from storage.members import Member
from storage.prepared import Prepared, flush_changes
from storage.steering import in_passing

_LASTS = "ended_at IS NULL"


class Helping(Base):
    """One member asked another to read for them. It lasts until one of them ends it, or leaves."""

    __tablename__ = "helping"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    """For whom is read."""
    helper_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_helping_member", "member_id", unique=True, sqlite_where=text(_LASTS), postgresql_where=text(_LASTS)),
        partial_index("ix_helping_helper", "helper_id", where=_LASTS),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two active members, the one for whom is read and the one who reads. `agreed_at` None: asked only."""

    id: int
    member_id: int
    member: str
    helper_id: int
    helper: str
    agreed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToTell:
    """An open delivery of whom somebody reads for."""

    pair_id: int
    delivery_id: int
    item_id: int
    title: str
    member_id: int
    member: str
    helper_id: int


def _pairs(condition: ColumnElement[bool]) -> Prepared:
    """The pairs whose `condition` holds; its parameter is `key`."""
    helper = aliased(Member)
    return Prepared(
        select(Helping.id, Helping.member_id, Member.name, Helping.helper_id, helper.name, Helping.agreed_at)
        .join(Member, and_(Member.id == Helping.member_id, Member.status == MemberStatus.ACTIVE))
        .join(helper, and_(helper.id == Helping.helper_id, helper.status == MemberStatus.ACTIVE))
        .where(condition, Helping.ended_at.is_(None))
        .order_by(Helping.id)
    )


def _telling(*conditions: ColumnElement[bool]) -> Prepared:
    """Open deliveries of members for whom somebody reads. Pairs are few, so it begins with them."""
    helper, member_id = aliased(Member), in_passing(Helping.member_id)
    return Prepared(
        select(Helping.id, Delivery.id, Item.id, Item.title, Helping.member_id, Member.name, Helping.helper_id)
        .select_from(Helping)
        .join(Delivery, Delivery.member_id == member_id)
        .join(Item, and_(Item.id == Delivery.item_id, in_passing(Item.status) == ItemStatus.PUBLISHED))
        .join(Member, and_(Member.id == member_id, Member.status == MemberStatus.ACTIVE))
        .join(helper, and_(helper.id == Helping.helper_id, helper.status == MemberStatus.ACTIVE))
        .where(
            *conditions,
            IS_OPEN,
            Delivery.item_id >= OLDEST_OUT,
            Helping.agreed_at.is_not(None),
            Helping.ended_at.is_(None),
        )
        .order_by(in_passing(Delivery.id))
    )


def _of_audience() -> Prepared:
    """As `HelpingStore.of_audience` tells: pairs are few, so it begins with them."""
    helper = aliased(Member)
    return Prepared(
        select(Delivery.id, helper.name)
        .select_from(Delivery)
        .join(Helping, and_(in_passing(Helping.member_id) == Delivery.member_id, Helping.ended_at.is_(None)))
        .join(helper, and_(helper.id == Helping.helper_id, helper.status == MemberStatus.ACTIVE))
        .where(Delivery.item_id == bindparam("item"), IS_OPEN, Helping.agreed_at.is_not(None))
    )


_OF_AUDIENCE = _of_audience()
_PAIR, _OF_MEMBER, _OF_HELPER = (
    _pairs(column == bindparam("key")) for column in (Helping.id, Helping.member_id, Helping.helper_id)
)
_OPEN_OF, _OPEN_FOR, _OF_ITEM = (
    _telling(column == bindparam("key")) for column in (Helping.id, Helping.helper_id, Delivery.item_id)
)
_OF_ITEM_TO = _telling(Delivery.item_id == bindparam("key"), Helping.member_id == bindparam("member"))


class HelpingStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ask(self, member_id: int, helper_id: int, now: datetime) -> int:
        helping = Helping(member_id=member_id, helper_id=helper_id, asked_at=now)
        self._session.add(helping)
        await self._session.flush()
        return helping.id

    async def agree(self, helping_id: int, now: datetime) -> bool:
        """False when it was agreed on before, or is over."""
        return await self._set(and_(Helping.id == helping_id, Helping.agreed_at.is_(None)), agreed_at=now)

    async def end(self, helping_id: int, now: datetime) -> bool:
        """False when it is over already."""
        return await self._set(Helping.id == helping_id, ended_at=now)

    async def end_of_left(self, now: datetime) -> None:
        """Whoever has left neither reads nor is read for, should they come back one day either."""
        gone = select(Member.id).where(Member.status != MemberStatus.ACTIVE)
        await self._set(or_(Helping.member_id.in_(gone), Helping.helper_id.in_(gone)), ended_at=now)

    async def _set(self, condition: ColumnElement[bool], **values: datetime) -> bool:
        done = await self._session.execute(
            update(Helping)
            .where(condition, Helping.ended_at.is_(None))
            .values(**values)
            .returning(Helping.id)
            .execution_options(synchronize_session=False)
        )
        return done.first() is not None

    async def get(self, helping_id: int) -> Pair | None:
        """None when it is over."""
        return next(iter(await self._pairs(_PAIR, helping_id)), None)

    async def of_member(self, member_id: int) -> Pair | None:
        """Who reads for this member, or was asked to."""
        return next(iter(await self._pairs(_OF_MEMBER, member_id)), None)

    async def of_helper(self, helper_id: int) -> Sequence[Pair]:
        """For whom this member reads, or was asked to."""
        return await self._pairs(_OF_HELPER, helper_id)

    async def of_audience(self, item_id: int) -> dict[int, str]:
        """Delivery → the name of who reads for its member, for the open deliveries of an item."""
        await flush_changes(self._session)
        return dict(await _OF_AUDIENCE.run(self._session, {"item": item_id}))

    async def count_of(self, helper_id: int) -> int:
        """For how many this member reads, or was asked to."""
        query = select(func.count()).where(Helping.helper_id == helper_id, Helping.ended_at.is_(None))
        return await self._session.scalar(query) or 0

    async def _pairs(self, question: Prepared, key: int) -> Sequence[Pair]:
        await flush_changes(self._session)
        return [Pair(*row) for row in await question.run(self._session, {"key": key})]

    async def of_item(self, item_id: int, member_id: int | None = None) -> Sequence[ToTell]:
        """The open deliveries of an item whose members somebody reads for, or of one member alone."""
        if member_id is None:
            return await self._to_tell(_OF_ITEM, key=item_id)
        return await self._to_tell(_OF_ITEM_TO, key=item_id, member=member_id)

    async def open_of(self, *, pair_id: int | None = None, helper_id: int | None = None) -> Sequence[ToTell]:
        """What is open of published items for the member of a pair, or for all for whom one helper reads."""
        if helper_id is None:
            return await self._to_tell(_OPEN_OF, key=pair_id)
        return await self._to_tell(_OPEN_FOR, key=helper_id)

    async def in_audience(self, item_id: int, helper_id: int) -> str | None:
        """The name of one for whom this member reads and who is in the audience of the item."""
        helper = aliased(Member)
        query = (
            select(Member.name)
            .join(Helping, and_(Helping.member_id == Member.id, Helping.ended_at.is_(None)))
            .join(helper, and_(helper.id == Helping.helper_id, helper.status == MemberStatus.ACTIVE))
            .join(Delivery, and_(Delivery.member_id == Member.id, Delivery.item_id == item_id))
            .where(
                Helping.helper_id == helper_id,
                Helping.agreed_at.is_not(None),
                Member.status == MemberStatus.ACTIVE,
            )
            .order_by(Delivery.id)
            .limit(1)
        )
        return await self._session.scalar(query)

    async def _to_tell(self, question: Prepared, **values: int | None) -> Sequence[ToTell]:
        await flush_changes(self._session)
        return [ToTell(*row) for row in await question.run(self._session, values)]
