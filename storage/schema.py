"""The schema's version: what it is, what this program expects, and how to get there."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from sqlalchemy import Connection, inspect, text

import storage
from storage.base import Base
from storage.database import TURN, Database
from storage.migrations import versions

__all__ = ["Base", "bring_up", "expected_version", "found_version", "knows", "upgrade"]

for _module in iter_modules(storage.__path__):
    if not _module.ispkg:
        import_module(f"storage.{_module.name}")  # a table is known once its module is loaded


def _config() -> Any:
    """For Alembic, which is loaded only where a schema is changed: a start just looks which one it is."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _versions() -> list[str]:
    """Those that this program knows, the oldest first: each script's name begins with its own."""
    return sorted(module.name.partition("_")[0] for module in iter_modules(versions.__path__))


def expected_version() -> str:
    """The version that this program works with."""
    if not _versions():
        raise RuntimeError("the program comes without its migrations")
    return _versions()[-1]


def knows(version: str) -> bool:
    """Whether a version is one of this program's; another one was made by a newer program."""
    return version in _versions()


async def found_version(database: Database) -> str | None:
    """The version that the database is at; None when it is empty."""
    async with database.reader.connect() as connection:
        return await connection.run_sync(_found_version)


def _found_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


async def upgrade(database: Database, after_each: Callable[[], None] = lambda: None) -> None:
    """Brings the database to the expected version, in one transaction: all of it or nothing. Instances take turns.

    `after_each` is called after each script.
    """

    async with database.without_references(), database.writing() as connection:
        if not database.is_sqlite:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
        await connection.run_sync(bring_up, after_each)


def bring_up(connection: Connection, after_each: Callable[[], None] = lambda: None) -> None:
    """`upgrade` in a transaction that somebody else has begun."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    config.attributes["after_each"] = after_each
    command.upgrade(config, "head")
