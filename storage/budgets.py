"""How many person-times an app has used of its day: kept with every request, never summed up."""

from datetime import date, datetime

from sqlalchemy import String, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word


class DayBudget(Base):
    """One platform's day in the branch's zone."""

    __tablename__ = "day_budget"

    platform: Mapped[str] = mapped_column(Word, primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """`2026-11-23`."""
    used: Mapped[int] = mapped_column(default=0)
    touched_at: Mapped[datetime]


class BudgetStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def use(self, platform: str, day: date, people: int, now: datetime) -> int:
        """Counts a request to so many people; what the day comes to with it."""
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(DayBudget) if dialect == "postgresql" else sqlite_insert(DayBudget)
        statement = (
            make.values(platform=platform, day=day.isoformat(), used=people, touched_at=now)
            .on_conflict_do_update(
                index_elements=[DayBudget.platform, DayBudget.day],
                set_={"used": DayBudget.used + people, "touched_at": now},
            )
            .returning(DayBudget.used)
        )
        return int((await self._session.execute(statement)).scalar_one())

    async def used(self, platform: str, day: date) -> int:
        """What the day has come to."""
        query = select(DayBudget.used).where(DayBudget.platform == platform, DayBudget.day == day.isoformat())
        return await self._session.scalar(query) or 0

    async def forget(self, before: datetime) -> None:
        await self._session.execute(delete(DayBudget).where(DayBudget.touched_at < before))
