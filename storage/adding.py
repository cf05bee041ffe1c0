"""Rows that are stored many at a time, and the session knows them as if it had stored them.

The unit of work takes half a millisecond for what it stores, however little that is.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from storage.among import among
from storage.base import Base
from storage.insertion import Insertion
from storage.prepared import Prepared

Row = TypeVar("Row", bound=Base)


class Adding(Generic[Row]):
    """Of one table whose key is `id`.

    By the unique column `known_by` each row finds its number. Nothing is filled in: what a row does not say is NULL.
    """

    def __init__(self, model: type[Row], *, known_by: str) -> None:
        table = Base.metadata.tables[str(inspect(model).local_table)]
        known = table.c[known_by]
        self._known_by = known_by
        self._names = [column.name for column in table.columns if not column.primary_key]
        self._insert = Insertion(table, self._names, strict=True)
        self._numbers = Prepared(select(known, table.c.id).where(among(known, "known")))

    async def add(self, session: AsyncSession, rows: Sequence[Row]) -> None:
        """Stores new rows, which have their ids from now on; what is changed in them later is stored with the rest.

        Raises IntegrityError, or SQLite's own, where a row breaks a key.
        """
        if not rows:
            return
        values = [{name: getattr(row, name) for name in self._names} for row in rows]
        await self._insert.add(session, values)
        known = [given[self._known_by] for given in values]
        numbers = dict(await self._numbers.run(session, {"known": known}))
        for row, given in zip(rows, values, strict=True):
            vars(row).update(given, id=numbers[given[self._known_by]])
            make_transient_to_detached(row)
        session.add_all(rows)
