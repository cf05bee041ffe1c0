"""Statements that run for every batch of updates.

SQLAlchemy takes a few hundred microseconds to run a statement, whatever it does; SQLite takes one or two to answer
it. In a brief transaction on SQLite such a statement goes to the driver as it was compiled when the program began.
Everywhere else it is an ordinary statement.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.sqlite import Direct

_DIALECT = sqlite.dialect()
_BRIEF = "brief"


def begin_brief(session: AsyncSession, connection: Direct) -> None:
    """From now on prepared statements of this session go straight to the driver."""
    session.info[_BRIEF] = connection


async def flush_changes(session: AsyncSession) -> None:
    """Before a prepared statement that has to see what was changed in the session's rows."""
    if session.new or session.dirty:
        await session.flush()


class Prepared:
    """A Core statement with named parameters; by dialect, where the engines say it differently.

    A statement sees what was added to the session only after a flush.
    """

    def __init__(self, statement: Any) -> None:
        self._by_dialect: Mapping[str, Any] = (
            statement if isinstance(statement, dict) else dict.fromkeys(("sqlite", "postgresql"), statement)
        )
        chosen = self._by_dialect["sqlite"]
        compiled = chosen.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        self._given = [
            (name, bind.required, bind.value, bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
            for name in compiled.positiontup
            for bind in (compiled.binds[name],)
        ]
        self._names = frozenset(name for name, required, *_ in self._given if required)
        self._found = [
            column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in chosen.exported_columns
        ]

    async def run(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[Any]:
        """Runs it once; its rows, if it has any. Raises TypeError for values that it does not ask for, or misses."""
        self._compare(values)
        connection: Direct | None = session.info.get(_BRIEF)
        if connection is not None:
            return self._read(connection.fetch(self._sql, self._row(values, {})))
        done = await (await session.connection()).execute(self._by_dialect[session.get_bind().dialect.name], values)
        return done.all() if done.returns_rows else []

    async def run_each(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Runs it for each of the rows, which have the same names; what all of them return, in no particular order.

        Raises TypeError as `run` does.
        """
        for row in rows[:1]:
            self._compare(row)
        connection: Direct | None = session.info.get(_BRIEF)
        if connection is not None:
            seen: dict[Any, Any] = {}
            given = [self._row(row, seen) for row in rows]
            if self._found:
                return self._read(connection.fetch_each(self._sql, given))
            connection.run_each(self._sql, given)
            return []
        done = await (await session.connection()).execute(self._by_dialect[session.get_bind().dialect.name], list(rows))
        return done.all() if done.returns_rows else []

    def _compare(self, values: Mapping[str, Any]) -> None:
        """A value that nothing asks for would be lost without a word."""
        if values.keys() != self._names:
            raise TypeError(f"not the statement's values: {sorted(values.keys() ^ self._names)}")

    def _row(self, values: Mapping[str, Any], seen: dict[Any, Any]) -> list[Any]:
        """The parameters in order. `seen` keeps what instants became: the rows of a batch share one or two."""
        row = []
        for name, required, fixed, process in self._given:
            value = values[name] if required else fixed
            if process is not None and value is not None:
                if type(value) is not datetime:
                    value = process(value)
                elif (known := seen.get(value)) is not None:
                    value = known
                else:
                    seen[value] = written = process(value)
                    value = written
            row.append(value)
        return row

    def _read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        if not any(self._found):
            return rows
        return [
            [
                value if read is None or value is None else read(value)
                for read, value in zip(self._found, row, strict=True)
            ]
            for row in rows
        ]


class Whether(Prepared):
    """A question for yes or no: whether there is a row for which all of this holds. An index should know."""

    def __init__(self, *conditions: ColumnElement[bool] | TextClause) -> None:
        super().__init__(select(literal(1)).where(*conditions).limit(1))

    async def ask(self, session: AsyncSession, **values: Any) -> bool:
        """The values are those of the named parameters."""
        await flush_changes(session)
        return bool(await self.run(session, values))
