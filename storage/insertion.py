"""Many new rows at once."""

from collections.abc import Mapping, Sequence
from json import JSONEncoder
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.prepared import Prepared, Shape

_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Insertion(Prepared):
    """Adds rows with the columns `given`, and in `fixed` ones the same for all.

    What breaks a unique key is left out, or if `strict` an IntegrityError. What `returning` names is told of those that
    were added; then no text may hold a NUL, at which SQLite ends what it reads from JSON.
    """

    def __init__(
        self,
        table: Table,
        given: Sequence[str],
        *,
        fixed: Mapping[str, str | int] | None = None,
        returning: Sequence[str] = (),
        strict: bool = False,
    ) -> None:
        if strict and returning:
            raise TypeError("whoever is told of what was added leaves the rest out")
        same = {name: _literal(value) for name, value in (fixed or {}).items()}
        values: dict[str, Any] = {**{name: bindparam(name) for name in given}, **same}
        shown = [table.c[name] for name in returning]
        each: dict[str, Any] = {
            dialect: insert(table).values(values) if strict else insert(table).values(values).on_conflict_do_nothing()
            for dialect, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
        }
        super().__init__({dialect: one.returning(*shown) if shown else one for dialect, one in each.items()})
        self._listed = _Listed(table, given, same, returning) if returning else None

    async def add(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Adds them; what is returned, in no particular order. Raises TypeError for other columns than are given."""
        if not rows:
            return []
        if self._listed is not None and session.get_bind().dialect.name == "sqlite":
            for row in rows[:1]:
                self._compare(row)
            return await self._listed.add(session, rows)
        return await self.run_each(session, rows)


class _Listed(Prepared):
    """All rows as one JSON text. SQLite's driver runs what returns something row by row, which takes twice as long."""

    def __init__(self, table: Table, given: Sequence[str], same: Mapping[str, Any], returning: Sequence[str]) -> None:
        values: list[ColumnElement[Any]] = [
            func.json_extract(column("value"), literal_column(f"'$[{at}]'")) for at in range(len(given))
        ]
        values += same.values()
        rows = select(*values).select_from(func.json_each(bindparam("rows")).table_valued("value")).where(true())
        insert = sqlite_insert(table).from_select([*given, *same], rows, include_defaults=False)
        super().__init__(insert.on_conflict_do_nothing().returning(*(table.c[name] for name in returning)))
        self._shape_of_rows = Shape([bindparam(name, type_=table.c[name].type) for name in given])

    async def add(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        return await self.run(session, {"rows": _encode(self._shape_of_rows.rows(rows))})


def _literal(value: str | int) -> ColumnElement[Any]:
    """A word or a number of ours, as part of the statement: what is the same for all is given for none."""
    return literal_column(f"'{value}'" if isinstance(value, str) else str(value))
