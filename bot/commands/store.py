"""The database as commands open it: one that is there, sound and of this program's schema, never made by accident."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config import Config
from bot.errors import WrongSchema
from storage.database import Database
from storage.integrity import damage
from storage.lock import ProcessLock
from storage.schema import expected_version, found_version


class Damaged(Exception):
    """The file is no sound database; `what` is what SQLite says."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(what)
        self.path, self.what = path, what


@asynccontextmanager
async def connected(config: Config) -> AsyncIterator[Database]:
    """The database whatever its schema, but sound. On SQLite a new, empty file is made where there is none.

    Raises Damaged.
    """
    database = Database(config.database.url)
    try:
        found = await damage(database)
        path = config.database.sqlite_path
        if found is not None and path is not None:
            raise Damaged(path, found)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def usable(config: Config) -> AsyncIterator[Database]:
    """The database at the schema of this program. Raises WrongSchema and Damaged, and makes no file."""
    refuse_absent(config)
    async with connected(config) as database:
        found, expected = await found_version(database), expected_version()
        if found != expected:
            raise WrongSchema(found, expected)
        yield database


def refuse_absent(config: Config) -> None:
    """Raises WrongSchema when the SQLite file is not there, or has nothing in it."""
    path = config.database.sqlite_path
    if path is not None and (not path.exists() or path.stat().st_size == 0):
        raise WrongSchema(None, expected_version())


def process_lock(config: Config) -> ProcessLock | None:
    """The lock of a service on SQLite, `branchbot.db.lock`; None on PostgreSQL, which several may share."""
    path = config.database.sqlite_path
    return ProcessLock(path.with_name(f"{path.name}.lock")) if path is not None else None
