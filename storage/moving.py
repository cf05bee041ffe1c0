"""A whole database from its SQLite file to an empty PostgreSQL: all of it, compared, or nothing.

It is gathered in a schema of its own, a table at a time, and becomes the database in one transaction at the end. What
a try that was broken off has brought there is compared with the source as it is by then, and kept where it is the same.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from storage import copies, schema
from storage.base import Base
from storage.database import TURN, Database
from storage.parts import new_file
from storage.restoring import Settle
from storage.transaction import Transaction
from storage.transfer import checksum, copy_table

GATHERED = "branchbot_copying"
"""The schema in which a copy lies until it is whole."""


class NotEmpty(Exception):
    """The target has tables already."""


class Differs(Exception):
    """What was read back from the target is not what was copied; nothing was kept there. `table` is the first."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class BrokenOff(Exception):
    """The line to the target went dead; the next try goes on where this one stopped. `done` of `tables` are there."""

    def __init__(self, done: int, tables: int) -> None:
        super().__init__(f"{done} of {tables}")
        self.done, self.tables = done, tables


@dataclass(frozen=True, slots=True)
class Moved:
    """`rows` by table; `kept` are those of the tables that an earlier try had brought."""

    rows: dict[str, int]
    kept: int


async def move(
    source: Database,
    target: Database,
    *,
    folder: Path,
    settle: Settle | None = None,
    step: Callable[[], None] = lambda: None,
    after_table: Callable[[str], None] = lambda name: None,
) -> Moved:
    """One moment of the source is copied, whatever is written to it meanwhile; both have one schema.

    A file of the source's size lies in `folder` for that time. `settle` is done to the target before anybody
    sees it. `step` is called when the moment is kept, when all is copied, and when all is compared; `after_table` with
    the name of each. Raises NotEmpty, Differs, BrokenOff; whatever fails, the target is an empty database to everybody.
    """
    with new_file(folder) as part:
        await copies.back_up(source, part, over=True)
        step()
        copy = Database(f"sqlite+aiosqlite:///{part}")
        try:
            async with copy.reader.connect() as before, _alone(target):
                await _make_room(target)
                rows, kept = await _gather(before, target, after_table)
                step()
                await _compare(before, target)
                await _change_over(target, settle)
                step()
        finally:
            await copy.close()
    await target.take_stock()
    return Moved(rows, kept)


@asynccontextmanager
async def _alone(target: Database) -> AsyncIterator[None]:
    """Two copies into one database take turns; the second finds that it is not empty."""
    async with target.writer.connect() as turn:
        await turn.execution_options(isolation_level="AUTOCOMMIT")
        await turn.execute(text(f"SELECT pg_advisory_lock({TURN + 1})"))
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a line that went dead holds nothing any more
                await turn.execute(text(f"SELECT pg_advisory_unlock({TURN + 1})"))


@asynccontextmanager
async def _gathering(target: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction in which our tables are those that are gathered."""
    async with target.writer.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text(f"SET LOCAL search_path TO {GATHERED}"))
        yield connection


async def _make_room(target: Database) -> None:
    """The schema, of this program's version: as a try before left it, or new. Raises NotEmpty."""
    async with target.writer.begin() as connection:
        await _refuse_tables(connection)
        found = None
        if await connection.scalar(text(f"SELECT to_regclass('{GATHERED}.alembic_version') IS NOT NULL")):
            found = await connection.scalar(text(f"SELECT version_num FROM {GATHERED}.alembic_version"))
        if found == schema.expected_version():
            return
        await connection.execute(text(f"DROP SCHEMA IF EXISTS {GATHERED} CASCADE"))
        await connection.execute(text(f"CREATE SCHEMA {GATHERED}"))
        await connection.execute(text(f"SET LOCAL search_path TO {GATHERED}"))
        await connection.run_sync(schema.bring_up)


async def _refuse_tables(connection: AsyncConnection) -> None:
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
    if await connection.scalar(text(tables)):
        raise NotEmpty


async def _gather(
    before: AsyncConnection, target: Database, after_table: Callable[[str], None]
) -> tuple[dict[str, int], int]:
    rows: dict[str, int] = {}
    kept = 0
    tables = Base.metadata.sorted_tables
    for table in tables:
        try:
            async with _gathering(target) as after:
                there = await _there_already(before, after, table)
                kept += there is not None
                rows[table.name] = there if there is not None else await copy_table(before, after, table)
        except (OSError, DBAPIError) as error:
            raise BrokenOff(len(rows), len(tables)) from error
        after_table(table.name)
    return rows, kept


async def _there_already(before: AsyncConnection, after: AsyncConnection, table: Table) -> int | None:
    """How many rows of it came with an earlier try, if they are the same; None where it has to be copied."""
    if (await after.execute(table.select().limit(1))).first() is None:
        return None
    wanted = await checksum(before, table)
    if await checksum(after, table) == wanted:
        return wanted[0]
    # What refers to these rows is behind this table, and goes with it: it is copied in its turn.
    await after.execute(text(f'TRUNCATE "{table.name}" CASCADE'))
    return None


async def _compare(before: AsyncConnection, target: Database) -> None:
    for table in Base.metadata.sorted_tables:
        async with _gathering(target) as after:
            if await checksum(before, table) == await checksum(after, table):
                continue
        async with target.writer.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA {GATHERED} CASCADE"))
        raise Differs(table.name)


async def _change_over(target: Database, settle: Settle | None) -> None:
    """What was gathered becomes the database."""
    async with target.writer.begin() as connection:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
        await _refuse_tables(connection)
        home = await connection.scalar(text("SELECT current_schema()"))
        named = "SELECT tablename FROM pg_tables WHERE schemaname = :gathered ORDER BY tablename"
        for name in (await connection.scalars(text(named), {"gathered": GATHERED})).all():
            await connection.execute(text(f'ALTER TABLE {GATHERED}."{name}" SET SCHEMA "{home}"'))
        await connection.execute(text(f"DROP SCHEMA {GATHERED} CASCADE"))
        if settle is not None:
            async with AsyncSession(connection, join_transaction_mode="create_savepoint") as session:
                await settle(Transaction(session))
                await session.commit()
