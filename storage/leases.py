"""Leases: what only one of all instances may do at a time, until a moment of the database's clock.

Each new holder gets a higher fence. Whoever was paused and wakes with an old one is refused when it writes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word
from storage.moments import from_now
from storage.moments import now as database_now
from storage.prepared import Prepared, flush_changes

INSTANCE = "instance:"
"""How the names of the leases begin that say which instances live."""


class Lease(Base):
    """The row stays when the lease is given up, so that its fence never falls back."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(Word)
    fence: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime]


_ALIVE = Prepared(
    select(Lease.holder).where(
        func.substr(Lease.name, 1, func.length(bindparam("prefix", type_=String()))) == bindparam("prefix"),
        Lease.until > database_now(),
    )
)


class LeaseStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(self, name: str, holder: str, life: timedelta) -> int | None:
        """The fence of the new holder; None while somebody holds it, the same holder included."""
        make = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        statement = (
            make(Lease)
            .values(name=name, holder=holder, fence=1, until=from_now(life))
            .on_conflict_do_update(
                index_elements=[Lease.name],
                set_={"holder": holder, "fence": Lease.fence + 1, "until": from_now(life)},
                where=Lease.until <= database_now(),
            )
            .returning(Lease.fence)
        )
        return (await self._session.execute(statement)).scalar_one_or_none()

    async def renew(self, name: str, fence: int, life: timedelta) -> bool:
        """Whether the holder with this fence still has it; then it does for so long again."""
        renewed = await self._session.execute(
            update(Lease)
            .where(Lease.name == name, Lease.fence == fence)
            .values(until=from_now(life))
            .returning(Lease.fence)
            .execution_options(synchronize_session=False)
        )
        return renewed.first() is not None

    async def give_up(self, name: str, fence: int) -> None:
        """Anybody may take it now; nothing happens when somebody has."""
        await self.renew(name, fence, timedelta())

    async def is_current(self, name: str, fence: int) -> bool:
        """Whether nobody has taken it since; nobody can before this transaction ends."""
        query = select(Lease.name).where(Lease.name == name, Lease.fence == fence).with_for_update(read=True)
        return await self._session.scalar(query) is not None

    async def holder(self, name: str) -> str | None:
        """Who holds it now."""
        return await self._session.scalar(select(Lease.holder).where(Lease.name == name, Lease.until > database_now()))

    async def alive(self, prefix: str) -> Collection[str]:
        """The holders of all leases whose names begin so."""
        await flush_changes(self._session)
        return {holder for (holder,) in await _ALIVE.run(self._session, {"prefix": prefix})}

    async def end_all(self) -> None:
        """Nobody holds anything: said by the one process that a SQLite file admits, when it starts."""
        await self._session.execute(
            update(Lease).values(until=database_now()).execution_options(synchronize_session=False)
        )

    async def forget(self, prefix: str, ended_for: timedelta) -> None:
        """Those whose names begin so and that nobody will ask for again."""
        over = Lease.until < from_now(-ended_for)
        await self._session.execute(delete(Lease).where(Lease.name.startswith(prefix, autoescape=True), over))
