"""The database: engines, transactions, and what each engine must be told.

SQLite: one writing connection with `BEGIN IMMEDIATE`, WAL, `synchronous=FULL`; readers have their own connections
and cannot write. PostgreSQL: one pool; what reads has a snapshot and cannot write either.

Writers take turns on both: whoever reads and then decides sees nothing change in between. SQLite has one write lock; on
PostgreSQL all instances share a lock that ends with the transaction. Receipts alone, which only ever add, share it.

Nothing here needs a session of its own on the server: a pooler may hand out a connection for each transaction.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker, create_async_engine

from storage.checkpoints import Checkpoints
from storage.prepared import begin_brief, flush_changes
from storage.sqlite import BEGIN, LOOK, Connection, Window
from storage.transaction import Transaction

FAILURES = (SQLAlchemyError, sqlite3.Error)
"""What a database raises that cannot do what it is asked."""
READERS = 4
BUSY_TIMEOUT_MS = 5000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten, also where SQLite was built without that
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "wal_autocheckpoint=30000",  # pages: see Checkpoints, which comes before
    "journal_size_limit=67108864",  # bytes that the log keeps of the disk once it is copied
    "cache_spill=8192",  # pages: a transaction that changes fewer of them writes each once, when it is committed
)
WRITER_PAGES, READER_PAGES = "cache_size=-16384", "cache_size=-2048"
"""KiB of the file that a connection keeps at hand, at most: each has its own. Writing fills it, whatever is asked; what
reads loses it with the next commit of somebody else. The machine itself keeps the rest of the file."""
TURN = 0x6272616E63686274
"""The number of PostgreSQL's lock: `branchbt`. Who waits for it is served in order."""
_TAKE_TURN, _SHARE_TURN = (
    text(
        "SELECT set_config('lock_timeout', '10s', true), set_config('statement_timeout', '30s', true),"
        f" set_config('idle_in_transaction_session_timeout', '10s', true), {lock}({TURN})"
    )
    for lock in ("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared")
)
"""The first statement of what writes. An instance that is paused in the middle holds up the others for ten seconds."""


class Database:
    """Gives out transactions. `url` is `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.announced: frozenset[str] = frozenset()
        """The events that other systems listen to; of others nothing is written."""
        self._turn = asyncio.Lock()
        self._window: Window | None = None
        self._looker: Transaction | None = None
        self._connection: Connection | None = None
        if self.is_sqlite:
            path = Path(url.split(":///", 1)[1])
            _create_private(path)
            self._checkpoints = Checkpoints(path, self._turn)
            self._window = Window(path, (*PRAGMAS, READER_PAGES))
            self.writer = _sqlite_engine(url, pool_size=1, read_only=False)
            self._watch_connection()
            self.reader = _sqlite_engine(url, pool_size=READERS, read_only=True)
        else:
            self.writer = _postgresql_engine(url)
            self.reader = self.writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._write_sessions = async_sessionmaker(self.writer, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self.reader, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, *, brief: bool = False, direct: bool = False) -> AsyncIterator[Transaction]:
        """Everything inside commits together when the block ends, or not at all.

        `direct`: every statement is a matter of microseconds, but for those inside `Transaction.at_length`; on SQLite
        they run without changing threads. `brief`: and all that they write are receipts; on PostgreSQL that goes
        beside those of other instances.
        """
        if (brief or direct) and self.is_sqlite:
            async with self._direct() as tx:
                yield tx
            return
        async with self._turn, self._write_sessions.begin() as session:
            if not self.is_sqlite:
                await session.execute(_SHARE_TURN if brief else _TAKE_TURN)
            yield Transaction(session, self.announced)

    @asynccontextmanager
    async def _direct(self) -> AsyncIterator[Transaction]:
        """Begun and ended by ourselves: a session costs more than all of it, and joins when it is asked something."""
        async with self._turn:
            connection = await self._its_connection()
            await connection.run(BEGIN, (), many=False)
            connection.begun = connection.brief = True
            session = self._write_sessions()
            begin_brief(session, connection)
            try:
                yield Transaction(session, self.announced)
                await flush_changes(session)
                connection.brief = False
                if session.in_transaction():
                    await session.commit()
                if connection.in_transaction:
                    await connection.commit()
            except BaseException:
                connection.brief = False
                await session.close()
                if connection is self._connection and connection.in_transaction:
                    await connection.rollback()
                raise
            finally:
                connection.begun = False
        self._checkpoints.committed(connection.changes)

    async def _its_connection(self) -> Connection:
        """The one that writes. Whoever has the turn has it."""
        if self._connection is None:
            async with self.writer.connect():
                pass
        assert self._connection is not None
        return self._connection

    def _watch_connection(self) -> None:
        """SQLAlchemy opens another one when somebody was cancelled in the middle of a statement."""

        @event.listens_for(self.writer.sync_engine, "connect")
        def opened(connection: Any, _: Any) -> None:
            self._connection = connection.driver_connection

        @event.listens_for(self.writer.sync_engine, "invalidate")
        @event.listens_for(self.writer.sync_engine, "close")
        def gone(*_: Any) -> None:
            self._connection = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for statements that no store has: in its turn, as every other."""
        async with self._turn, self.writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Transaction]:
        """A transaction that waits for no other's turn: for the rows of leases, which nothing else writes."""
        async with self.transaction() if self.is_sqlite else self._alone() as tx:
            yield tx

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Transaction]:
        async with self._write_sessions.begin() as session:
            yield Transaction(session, self.announced)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A consistent view; nothing that is written inside is kept."""
        async with self._read_sessions() as session:
            yield Transaction(session, self.announced)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Transaction]:
        """For questions to an index, many in a second: each is answered as things stand when it is asked.

        On SQLite prepared statements alone look, and all that look share what they look with: nothing of it is opened.
        """
        if self._window is None:
            async with self.reading() as tx:
                yield tx
            return
        if self._looker is None:
            session = self._read_sessions()
            begin_brief(session, self._window)
            self._looker = Transaction(session, self.announced)
        yield self._looker

    async def check(self) -> None:
        """Raises what the database raises when it cannot be used."""
        async with self._read_sessions() as session:
            await session.execute(text("SELECT 1"))

    async def take_stock(self) -> None:
        """Tells PostgreSQL how much there is, after much has come at once: until then it may look in the slow way."""
        if not self.is_sqlite:
            async with self.writer.begin() as connection:
                await connection.execute(text("ANALYZE"))

    async def journal_mode(self) -> str:
        """SQLite's journal mode as it really is; "" on PostgreSQL."""
        if not self.is_sqlite:
            return ""
        async with self._read_sessions() as session:
            return str(await session.scalar(text("PRAGMA journal_mode")))

    async def put_away(self) -> None:
        """What was deleted stands in no side file of SQLite's either, unless somebody reads it right now."""
        if self.is_sqlite:
            await self._set("wal_checkpoint(TRUNCATE)")

    @asynccontextmanager
    async def without_references(self) -> AsyncIterator[None]:
        """SQLite does not watch references meanwhile: a script that makes a table anew drops the one it replaces."""
        if self.is_sqlite:
            await self._set("foreign_keys=OFF")
        try:
            yield
        finally:
            if self.is_sqlite:
                await self._set("foreign_keys=ON")

    async def _set(self, pragma: str) -> None:
        """Of the writing connection, outside of any transaction."""
        async with self._turn:
            await (await self._its_connection()).run(f"PRAGMA {pragma}", (), many=False)

    async def close(self) -> None:
        if self._window is not None:
            self._window.close()
        if self.is_sqlite:
            await self._checkpoints.end()
        await self.writer.dispose()
        await self.reader.dispose()


def _create_private(path: Path) -> None:
    """A new database file belongs to its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _sqlite_engine(url: str, *, pool_size: int, read_only: bool) -> AsyncEngine:
    path = Path(url.split(":///", 1)[1])

    async def connect() -> Connection:
        connection = Connection(path, only_looks=read_only)
        await connection
        return connection

    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_reset_on_return=None,  # a session has ended its transaction before it gives the connection back
        async_creator=connect,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, READER_PAGES if read_only else WRITER_PAGES):
            cursor.execute(f"PRAGMA {pragma}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(LOOK if read_only else BEGIN)

    return engine


def _postgresql_engine(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_size=READERS + 2,
        max_overflow=4,
        pool_pre_ping=True,
        # A statement that one connection of a pooler knows by name is unknown to the next.
        connect_args={"statement_cache_size": 0, "prepared_statement_cache_size": 0},
    )
