"""Done marks of periodic work: a task is done once for each of its periods, whoever ticks and however often."""

from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Tick(Base):
    __tablename__ = "tick"

    task: Mapped[str] = mapped_column(String(80), primary_key=True)
    period: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class TickStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, task: str, period: str, now: datetime) -> bool:
        """True for the first who asks."""
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(Tick) if dialect == "postgresql" else sqlite_insert(Tick)
        statement = make.values(task=task, period=period, at=now).on_conflict_do_nothing().returning(Tick.task)
        return (await self._session.execute(statement)).first() is not None

    async def note(self, task: str, period: str, now: datetime) -> None:
        """It was done now, however often before."""
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(Tick) if dialect == "postgresql" else sqlite_insert(Tick)
        statement = make.values(task=task, period=period, at=now)
        keys = [Tick.task, Tick.period]
        await self._session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"at": now}))

    async def last(self, task: str, period: str) -> datetime | None:
        query = select(Tick.at).where(Tick.task == task, Tick.period == period)
        return await self._session.scalar(query)

    async def forget(self, before: datetime) -> None:
        await self._session.execute(delete(Tick).where(Tick.at < before))
