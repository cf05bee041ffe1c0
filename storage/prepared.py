"""Statements that run for every batch of updates.

SQLAlchemy takes a few hundred microseconds to run a statement, whatever it does; SQLite takes one or two to answer
it. In a brief transaction on SQLite such a statement goes to the driver as it was compiled when the program began.
Everywhere else it is an ordinary statement.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, TextClause, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import UTCDateTime
from storage.sqlite import Connection, Direct

_DIALECT = sqlite.dialect()
_BRIEF, _DRIVER = "brief", "driver"
_UNFINISHED = "__[POSTCOMPILE_"
"""Where SQLAlchemy would write a parameter for each value of a list, each time anew."""


def begin_brief(session: AsyncSession, connection: Direct) -> None:
    """From now on prepared statements of this session go straight to the driver."""
    session.info[_BRIEF] = connection


@contextmanager
def beside_the_loop(session: AsyncSession) -> Iterator[None]:
    """Inside, a brief transaction is like any other: its statements run in the connection's thread."""
    connection: Connection | None = session.info.pop(_BRIEF, None)
    if connection is None:
        yield
        return
    connection.brief = False
    try:
        yield
    finally:
        connection.brief = True
        session.info[_BRIEF] = connection


async def _driver(session: AsyncSession) -> Connection | None:
    """On SQLite the driver's connection, its transaction begun: to ask it costs a quarter of what a session takes."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    known: Connection | None = session.info.get(_DRIVER)
    if known is None:
        raw = await (await session.connection()).get_raw_connection()
        known = session.info[_DRIVER] = cast("Connection", raw.driver_connection)
    return known


async def flush_changes(session: AsyncSession) -> None:
    """Before a prepared statement that has to see what was changed in the session's rows."""
    if session.new or session.dirty or session.deleted:
        await session.flush()


class Shape:
    """How named values become the parameters of a compiled statement, in its order."""

    def __init__(self, binds: Sequence[BindParameter[Any]]) -> None:
        written = [bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for bind in binds]
        given = [at for at, bind in enumerate(binds) if bind.required]
        self.names = frozenset(binds[at].key for at in given)
        self._row = [None if bind.required else _as(bind.value, how) for bind, how in zip(binds, written, strict=True)]
        self._given = given if len(given) < len(binds) else None
        """Where the values go; None: everywhere."""
        self._values = _values(tuple(binds[at].key for at in given))
        processed = [(at, how) for at in given if (how := written[at]) is not None]
        self._instants = [(at, how) for at, how in processed if isinstance(binds[at].type, UTCDateTime)]
        self._written = [(at, how) for at, how in processed if not isinstance(binds[at].type, UTCDateTime)]

    def rows(self, given: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Column by column: rows share their few instants, and each is said once."""
        rows = [list(self._values(values)) for values in given]
        if self._given is not None:
            rows = [self._filled(row, self._given) for row in rows]
        for at, how in self._instants:
            said = _Said(how)
            for row in rows:
                row[at] = said[row[at]]
        for at, how in self._written:
            for row in rows:
                if row[at] is not None:
                    row[at] = how(row[at])
        return rows

    def row(self, values: Mapping[str, Any]) -> list[Any]:
        """Of one."""
        return self.rows([values])[0]

    def _filled(self, values: Sequence[Any], places: Sequence[int]) -> list[Any]:
        row = self._row.copy()
        for at, value in zip(places, values, strict=True):
            row[at] = value
        return row


class _Said(dict[Any, Any]):
    """Value → as the driver takes it."""

    def __init__(self, how: Callable[[Any], Any]) -> None:
        super().__init__({None: None})
        self._how = how

    def __missing__(self, value: Any) -> Any:
        self[value] = said = self._how(value)
        return said


def _as(value: Any, how: Callable[[Any], Any] | None) -> Any:
    """As the driver takes it, which is quickest about plain strings."""
    if value is not None and how is not None:
        value = how(value)
    return str(value) if isinstance(value, str) else value


def _values(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


class Prepared:
    """A Core statement with named parameters; by dialect, where the engines say it differently.

    A statement sees what was added to the session only after a flush.
    """

    def __init__(self, statement: Any) -> None:
        self.by_dialect: Mapping[str, Any] = (
            statement if isinstance(statement, dict) else dict.fromkeys(("sqlite", "postgresql"), statement)
        )
        chosen = self.by_dialect["sqlite"]
        compiled = chosen.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        if _UNFINISHED in self._sql:
            raise TypeError("a list of values is given as one, see `among`")
        self._shape = Shape([compiled.binds[name] for name in compiled.positiontup])
        columns = chosen.exported_columns
        self._returns = len(columns) > 0
        self._found = [
            (at, how)
            for at, column in enumerate(columns)
            if (how := column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)) is not None
        ]

    async def run(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[Any]:
        """Runs it once; its rows, if it has any. Raises TypeError for values that it does not ask for, or misses."""
        self._compare(values)
        connection: Direct | None = session.info.get(_BRIEF)
        if connection is not None:
            return self._read(connection.fetch(self._sql, self._shape.row(values)))
        if (driver := await _driver(session)) is not None:
            _, rows = await driver.run(self._sql, self._shape.row(values), many=False)
            return self._read(rows)
        done = await (await session.connection()).execute(self.by_dialect["postgresql"], values)
        return done.all() if done.returns_rows else []

    async def run_each(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Runs it for each of the rows, which have the same names; what all of them return, in no particular order.

        Raises TypeError as `run` does, and on SQLite for a statement that returns something: its driver loses that.
        """
        for row in rows[:1]:
            self._compare(row)
        if self._returns and session.get_bind().dialect.name == "sqlite":
            raise TypeError("SQLite's driver tells nothing of many runs")
        connection: Direct | None = session.info.get(_BRIEF)
        if connection is not None:
            connection.run_each(self._sql, self._shape.rows(rows))
            return []
        if (driver := await _driver(session)) is not None:
            await driver.run(self._sql, self._shape.rows(rows), many=True)
            return []
        done = await (await session.connection()).execute(self.by_dialect["postgresql"], list(rows))
        return done.all() if done.returns_rows else []

    def _compare(self, values: Mapping[str, Any]) -> None:
        """A value that nothing asks for would be lost without a word."""
        if values.keys() != self._shape.names:
            raise TypeError(f"not the statement's values: {sorted(values.keys() ^ self._shape.names)}")

    def _read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        if not self._found:
            return rows
        read = [list(row) for row in rows]
        for row in read:
            for at, how in self._found:
                if row[at] is not None:
                    row[at] = how(row[at])
        return read


class Whether(Prepared):
    """A question for yes or no: whether there is a row for which all of this holds. An index should know."""

    def __init__(self, *conditions: ColumnElement[bool] | TextClause) -> None:
        super().__init__(select(literal(1)).where(*conditions).limit(1))

    async def ask(self, session: AsyncSession, **values: Any) -> bool:
        """The values are those of the named parameters."""
        await flush_changes(session)
        return bool(await self.run(session, values))
