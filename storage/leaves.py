"""Members who are away until a day, and what they were excused from because of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import one_of
from storage.base import Base, BigId, partial_index
from storage.prepared import Whether


class Leave(Base):
    __tablename__ = "leave"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The first instant at which they are back."""
    reason: Mapped[str] = mapped_column(String(200))
    over_at: Mapped[datetime | None]
    """When it ended, by itself or because somebody said so."""

    __table_args__ = (partial_index("ix_leave_open", "ends_at", where="over_at IS NULL"),)


class LeaveExcuse(Base):
    """An item that a leave excuses from: it is asked for again when the leave is over."""

    __tablename__ = "leave_excuse"

    leave_id: Mapped[int] = mapped_column(ForeignKey("leave.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)


_ANY_ENDED = Whether(Leave.over_at.is_(None), Leave.ends_at <= bindparam("now"))


class LeaveStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, leave: Leave) -> Leave:
        self._session.add(leave)
        await self._session.flush()
        return leave

    async def open_of(self, member_id: int) -> Leave | None:
        """The leave that the member is on."""
        query = select(Leave).where(Leave.member_id == member_id, Leave.over_at.is_(None))
        return (await self._session.scalars(query.order_by(Leave.id.desc()))).first()

    async def at(self, now: datetime, until: datetime | None) -> Sequence[Leave]:
        """Who is away now, and until `until` at least (None: now is enough)."""
        query = select(Leave).where(Leave.over_at.is_(None), Leave.ends_at > (until or now))
        return (await self._session.scalars(query.order_by(Leave.id))).all()

    async def away(self, member_ids: Collection[int], now: datetime) -> dict[int, datetime]:
        """Those of these members who are on leave now → when they are back."""
        query = select(Leave.member_id, Leave.ends_at).where(
            Leave.over_at.is_(None), Leave.ends_at > now, one_of(Leave.member_id, member_ids)
        )
        return dict((await self._session.execute(query.order_by(Leave.ends_at))).all())

    async def ended(self, now: datetime, limit: int) -> Sequence[Leave]:
        """Whose time is up."""
        query = select(Leave).where(Leave.over_at.is_(None), Leave.ends_at <= now).order_by(Leave.id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def any_ended(self, now: datetime) -> bool:
        return await _ANY_ENDED.ask(self._session, now=now)

    async def finish(self, leave_id: int, now: datetime) -> None:
        await self._session.execute(
            update(Leave).where(Leave.id == leave_id).values(over_at=now).execution_options(synchronize_session=False)
        )

    async def excuse(self, pairs: Iterable[tuple[int, int]]) -> None:
        """(leave, item) of what a leave excuses from."""
        rows = [{"leave_id": leave_id, "item_id": item_id} for leave_id, item_id in pairs]
        if rows:
            await self._session.execute(insert(LeaveExcuse), rows)

    async def excused_by(self, leave_id: int) -> Sequence[int]:
        """The items that a leave excuses from."""
        query = select(LeaveExcuse.item_id).where(LeaveExcuse.leave_id == leave_id)
        return (await self._session.scalars(query.order_by(LeaveExcuse.item_id))).all()
