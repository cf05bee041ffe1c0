"""How many person-times an app has used of its day: kept with every request, never summed up."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Integer, String, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, UTCDateTime, Word
from storage.prepared import Prepared


class DayBudget(Base):
    """One platform's day in the branch's zone."""

    __tablename__ = "day_budget"

    platform: Mapped[str] = mapped_column(Word, primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """`2026-11-23`."""
    used: Mapped[int] = mapped_column(default=0)
    touched_at: Mapped[datetime]


_table = Base.metadata.tables["day_budget"]
_KEY: dict[str, ColumnElement[str]] = {"platform": bindparam("by"), "day": bindparam("on")}
_PEOPLE, _NOW = bindparam("people", type_=Integer()), bindparam("now", type_=UTCDateTime())
_USE = Prepared(
    {
        dialect: insert(_table)
        .values(**_KEY, used=_PEOPLE, touched_at=_NOW)
        .on_conflict_do_update(
            index_elements=[_table.c.platform, _table.c.day],
            set_={"used": _table.c.used + _PEOPLE, "touched_at": _NOW},
        )
        .returning(_table.c.used)
        for dialect, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
    }
)
_USED = Prepared(select(_table.c.used).where(_table.c.platform == _KEY["platform"], _table.c.day == _KEY["day"]))


class BudgetStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def use(self, platform: str, day: date, people: int, now: datetime) -> int:
        """Counts a request to so many people; what the day comes to with it."""
        values = {"by": platform, "on": day.isoformat(), "people": people, "now": now}
        ((used,),) = await _USE.run(self._session, values)
        return int(used)

    async def used(self, platform: str, day: date) -> int:
        """What the day has come to."""
        rows = await _USED.run(self._session, {"by": platform, "on": day.isoformat()})
        return next((int(used) for (used,) in rows), 0)

    async def forget(self, before: datetime) -> None:
        await self._session.execute(delete(DayBudget).where(DayBudget.touched_at < before))
