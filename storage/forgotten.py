"""Who asked to be forgotten, as keyed hashes: enough to know them again in an older backup, and for nothing else.

The same lines stand in a file outside of the database (`storage/ledger.py`), which a restore does not replace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.prepared import Prepared, flush_changes


class Forgotten(Base):
    __tablename__ = "forgotten"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One deletion. Rows of the person that are younger than `at` are of somebody who came back."""

    digest: str
    at: datetime


_COUNT = Prepared(select(func.count()).select_from(Forgotten))


class ForgottenStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, lines: Iterable[Line]) -> None:
        rows = [{"digest": line.digest, "at": line.at} for line in lines]
        if rows:
            dialect = self._session.get_bind().dialect.name
            insert = postgresql_insert(Forgotten) if dialect == "postgresql" else sqlite_insert(Forgotten)
            await self._session.execute(insert.on_conflict_do_nothing(), rows)

    async def count(self) -> int:
        await flush_changes(self._session)
        ((found,),) = await _COUNT.run(self._session, {})
        return int(found)

    async def all(self) -> Sequence[Line]:
        query = select(Forgotten.digest, Forgotten.at).order_by(Forgotten.at)
        return [Line(*row) for row in (await self._session.execute(query))]
