"""Empty databases with all their tables. The migrations run once; every SQLite file after the first is a copy of it."""

from pathlib import Path

from storage import schema
from storage.database import Database

SQLITE = "sqlite+aiosqlite:///"
_made: list[bytes] = []
"""An empty SQLite database with all its tables, once it has been made."""


async def make_tables(url: str) -> None:
    """The schema in an empty database. PostgreSQL's come with it: they are copies of one by themselves."""
    if not url.startswith(SQLITE):
        return
    path = Path(url.removeprefix(SQLITE))
    is_new = not path.exists()
    if is_new and _made:
        path.write_bytes(_made[0])
        return
    database = Database(url)
    await schema.upgrade(database)
    await database.close()
    if is_new:
        _made.append(path.read_bytes())


async def open_database(url: str) -> Database:
    """A database with all its tables; whoever asked closes it."""
    await make_tables(url)
    return Database(url)
