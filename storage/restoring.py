"""Putting a copy in the place of the database: prepared beside it, whole, then changed over at once.

What was there is kept: as a file beside the new one, or on PostgreSQL as a schema of its own.
"""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage import copies, schema
from storage.database import Database
from storage.parts import SIDE_FILES, as_one_file, new_file, sync
from storage.transaction import Transaction
from storage.transfer import copy_all

Settle = Callable[[Transaction], Awaitable[None]]
"""What has to be true of the restored database before anybody sees it."""
_STAMP = "%Y%m%d-%H%M%S"


async def restore_file(path: Path, source: Path, settle: Settle, now: datetime) -> Path | None:
    """The checked copy `source` becomes the database `path`; where the one before it is kept, None when there was none.

    Nobody else may have the database open. Raises BadCopy, OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with new_file(path.parent) as part:
        await copies.take_in(source, part)
        prepared = Database(f"sqlite+aiosqlite:///{part}")
        try:
            async with prepared.transaction() as tx:
                await settle(tx)
        finally:
            await prepared.close()
        return await asyncio.to_thread(_change_over, part, path, _free(path, now))


async def restore_schema(database: Database, source: Path, settle: Settle, now: datetime) -> str | None:
    """The same on PostgreSQL, in one transaction; the schema that holds the tables from before, None when none did."""
    with new_file(source.parent) as part:
        await copies.take_in(source, part)
        copy = Database(f"sqlite+aiosqlite:///{part}")
        try:
            async with copy.reader.connect() as rows, database.writing() as connection:
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                name = await connection.scalar(text("SELECT current_schema()"))
                there = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
                aside = f"replaced_{now:%Y%m%d_%H%M%S}" if there else None
                if aside is not None:
                    await connection.execute(text(f'ALTER SCHEMA "{name}" RENAME TO "{aside}"'))
                    await connection.execute(text(f'CREATE SCHEMA "{name}"'))
                await connection.run_sync(schema.bring_up)
                await copy_all(rows, connection)
                async with AsyncSession(connection, join_transaction_mode="create_savepoint") as session:
                    await settle(Transaction(session))
                    await session.commit()
                await connection.execute(text("ANALYZE"))
                return aside
        finally:
            await copy.close()


def _free(path: Path, now: datetime) -> Path:
    """A name that nothing has yet."""
    names = (
        path.with_name(f"{path.name}.replaced-{now:{_STAMP}}{end}") for end in chain([""], (f"-{n}" for n in count(2)))
    )
    return next(each for each in names if not each.exists())


def _change_over(part: Path, path: Path, aside: Path) -> Path | None:
    as_one_file(part)
    sync(part)
    kept = None
    if path.exists() and path.stat().st_size:
        with suppress(sqlite3.DatabaseError):  # a damaged one is kept as it is, with what stands beside it
            as_one_file(path)
        for end in ("", *SIDE_FILES):
            side = path.with_name(path.name + end)
            if side.exists():
                os.link(side, aside.with_name(aside.name + end))
        kept = aside
    for end in SIDE_FILES:
        path.with_name(path.name + end).unlink(missing_ok=True)
    os.replace(part, path)
    sync(path.parent)
    return kept
