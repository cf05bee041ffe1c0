"""SQLite for asyncio, with as few changes of thread as can be.

`aiosqlite` changes to its thread and back for each of cursor, execute, fetch and close: four times a statement. Here
a statement changes once, and while a connection is `brief` not at all: its statements then run where they are called,
and only what may wait, for a lock or for the disk, goes to the thread.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import aiosqlite

BEGIN, LOOK = "BEGIN IMMEDIATE", "BEGIN"
"""How a transaction that may write begins: with the lock, which only one can have. And how one that only looks."""


class Direct(Protocol):
    """What runs a statement where it is called."""

    def fetch(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]: ...

    def run_each(self, sql: str, rows: Iterable[list[Any]]) -> None: ...


class Connection(aiosqlite.Connection):
    """A connection as SQLAlchemy's dialect uses it."""

    def __init__(self, path: Path, *, only_looks: bool = False) -> None:
        # One statement at a time, in whichever thread: SQLite itself is built for that.
        super().__init__(lambda: sqlite3.connect(path, isolation_level=None, check_same_thread=False), 64)
        self._thread.daemon = True
        self._only_looks = only_looks
        self._busy = False
        """A statement runs in the thread, though whoever asked may be gone."""
        self.brief = False
        """Statements run where they are called."""
        self.begun = False
        """A transaction is under way that no session began."""

    @property
    def changes(self) -> int:
        """Rows changed since it was opened."""
        return self._conn.total_changes

    def cursor(self) -> "Cursor":  # type: ignore[override]
        """A cursor, without opening anything yet."""
        return Cursor(self)

    async def run(self, sql: str, parameters: Any, *, many: bool) -> tuple[sqlite3.Cursor, list[Any]]:
        """The used cursor and all its rows."""
        if sql == BEGIN:
            # A session that joins a transaction which began without it: see `Database.transaction`.
            begun = self._conn.cursor() if self.begun else self._begin()
            if begun is not None:
                return begun, []
        elif self.brief or (sql == LOOK and not self._busy):
            return self._run(sql, parameters, many)
        hop: Any = self._execute
        self._busy = True
        ran: tuple[sqlite3.Cursor, list[Any]] = await hop(self._run, sql, parameters, many)
        return ran

    async def rollback(self) -> None:
        """What only looked has nothing to take back: to end it takes no time."""
        if self._only_looks and not self._busy:
            self._conn.rollback()
        else:
            await super().rollback()

    def _begin(self) -> sqlite3.Cursor | None:
        """The write lock, if nobody has it: that takes no time. None when it has to be waited for, in the thread."""
        waits = self._conn.execute("PRAGMA busy_timeout").fetchone()[0]
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            return self._conn.execute(BEGIN)
        except sqlite3.OperationalError:
            return None
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={waits}")

    def fetch(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        """All rows of a statement that runs where it is called."""
        return self._conn.execute(sql, parameters).fetchall()

    def run_each(self, sql: str, rows: Iterable[list[Any]]) -> None:
        """A statement that returns nothing, for each of the rows."""
        self._conn.executemany(sql, rows)

    def _run(self, sql: str, parameters: Any, many: bool) -> tuple[sqlite3.Cursor, list[Any]]:
        try:
            if many:
                return self._conn.executemany(sql, parameters), []
            cursor = self._conn.execute(sql, parameters)
            return cursor, cursor.fetchall() if cursor.description else []
        finally:
            self._busy = False


class Window:
    """Only looks, at what is stored at that moment: each statement by itself and where it is called.

    A reader of a write-ahead log waits for nobody. Opened at the first look.
    """

    def __init__(self, path: Path, pragmas: Iterable[str]) -> None:
        self._path, self._pragmas = path, pragmas
        self._opened: sqlite3.Connection | None = None

    def fetch(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        return self._open().execute(sql, parameters).fetchall()

    def run_each(self, sql: str, rows: Iterable[list[Any]]) -> None:
        """SQLite refuses what would write."""
        self._open().executemany(sql, rows)

    def _open(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            for pragma in (*self._pragmas, "query_only=ON"):
                self._opened.execute(f"PRAGMA {pragma}")
        return self._opened

    def close(self) -> None:
        """The next look opens it again."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


class Cursor:
    """What SQLAlchemy asks of a cursor; its rows are there as soon as it was executed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> "Cursor":
        return await self._keep(sql, parameters, many=False)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "Cursor":
        return await self._keep(sql, parameters, many=True)

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        """Nothing is open any more."""

    async def _keep(self, sql: str, parameters: Any, *, many: bool) -> "Cursor":
        cursor, self._rows = await self._connection.run(sql, parameters, many=many)
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        return self
