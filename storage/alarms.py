"""What administrators have been told is broken, cause by cause, and since when: an open one is not mended yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, and_, case, delete, false, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word
from storage.outbox import MAY_LEAVE, OutboxMessage


class Alarm(Base):
    """One cause. `told` says whether somebody has heard of it since it last began."""

    __tablename__ = "alarm"

    cause: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(Word)
    road: Mapped[str] = mapped_column(Word, default="")
    """The platform that nothing can be said through as long as it lasts; "" for none."""
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When it was last there."""
    said_at: Mapped[datetime]
    told: Mapped[bool]
    mended_at: Mapped[datetime | None]
    """Since when it is over; of what happened and does not last, when it happened."""


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """A cause that lasts."""

    cause: str
    key: str
    road: str
    began_at: datetime
    seen_at: datetime
    told: bool


_OPEN = (Alarm.cause, Alarm.key, Alarm.road, Alarm.began_at, Alarm.seen_at, Alarm.told)


class AlarmStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(
        self,
        cause: str,
        key: str,
        road: str,
        *,
        lasts: bool,
        now: datetime,
        day_began: datetime,
        again_before: datetime,
    ) -> bool:
        """The cause is there; whether it is to be said.

        It is for the first who asks on a day; what `lasts` once more on that day when it was over meanwhile and was
        last said before `again_before`.
        """
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert(Alarm) if dialect == "postgresql" else sqlite_insert(Alarm)
        mended_at = None if lasts else now
        returned = or_(Alarm.mended_at.is_not(None), Alarm.told.is_(False))
        again = and_(returned, Alarm.said_at <= again_before) if lasts else false()
        times = {"began_at": now, "seen_at": now, "said_at": now, "mended_at": mended_at}
        began_at = case((Alarm.mended_at.is_(None), Alarm.began_at), else_=now)
        statement = (
            insert.values(cause=cause, key=key, road=road, told=True, **times)
            .on_conflict_do_update(
                index_elements=[Alarm.cause],
                set_={**times, "road": road, "began_at": began_at, "told": True},
                where=or_(Alarm.said_at < day_began, again),
            )
            .returning(Alarm.cause)
        )
        if (await self._session.execute(statement)).first() is not None:
            return True
        if lasts:
            is_new = Alarm.mended_at.is_not(None)
            told = case((is_new, literal(False)), else_=Alarm.told)
            values = {"seen_at": now, "began_at": began_at, "told": told, "mended_at": None, "road": road}
            await self._session.execute(
                update(Alarm).where(Alarm.cause == cause).values(**values).execution_options(synchronize_session=False)
            )
        return False

    async def open(self) -> Sequence[OpenAlarm]:
        """The causes that last, the oldest first."""
        query = select(*_OPEN).where(Alarm.mended_at.is_(None)).order_by(Alarm.began_at, Alarm.cause)
        return [OpenAlarm(*row) for row in await self._session.execute(query)]

    async def broken_roads(self) -> set[str]:
        """The platforms that nothing can be said through."""
        query = select(Alarm.road).where(Alarm.mended_at.is_(None), Alarm.road != "")
        return set(await self._session.scalars(query))

    async def mend(self, cause: str, *, seen_before: datetime, now: datetime) -> OpenAlarm | None:
        """It is over, unless somebody saw it since: what it was, for the first who says so."""
        mended = (
            update(Alarm)
            .where(Alarm.cause == cause, Alarm.mended_at.is_(None), Alarm.seen_at <= seen_before)
            .values(mended_at=now)
            .returning(*_OPEN)
            .execution_options(synchronize_session=False)
        )
        row = (await self._session.execute(mended)).first()
        return None if row is None else OpenAlarm(*row)

    async def reroute(self, kind: str, road: str, to: str, *, prefixes: tuple[str, str], now: datetime) -> None:
        """What of a kind of message has not left through one road leaves through another, to the same people.

        `prefixes`: what stands before a user's id on either.
        """
        before, after = prefixes
        user_id = func.replace(OutboxMessage.recipient, before, "") if before else OutboxMessage.recipient
        user_key = func.replace(OutboxMessage.recipient_key, before, "") if before else OutboxMessage.recipient_key
        await self._session.execute(
            update(OutboxMessage)
            .where(MAY_LEAVE, OutboxMessage.kind == kind, OutboxMessage.platform == road)
            .values(
                platform=to, recipient=literal(after) + user_id, recipient_key=literal(after) + user_key, not_before=now
            )
            .execution_options(synchronize_session=False)
        )

    async def forget(self, before: datetime) -> None:
        """What was last said before then, and is over."""
        await self._session.execute(delete(Alarm).where(Alarm.said_at < before, Alarm.mended_at.is_not(None)))
