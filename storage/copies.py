"""Copies of a whole database. Whatever it lies on, a copy is one SQLite file of the same schema.

From SQLite it is made by `VACUUM INTO`: one view of the data while others write, without what was deleted. From
PostgreSQL all tables are read in one snapshot (`storage/transfer.py`). A copy appears whole, on disk and checked, or
not at all.
"""

import asyncio
import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

from storage import schema
from storage.database import Database
from storage.encryption import Broken, WrongKey, decrypt, encrypt, is_encrypted
from storage.parts import as_one_file, new_file, sync
from storage.transfer import copy_all

LONGEST = timedelta(minutes=5)
"""A copy that is not made by then waits for something that will not end."""


class BadCopy(Exception):
    """The file is no copy that can be used; `why` is `absent`, `foreign`, `damaged`, `newer`, `slow`, `no_key` or
    `wrong_key`.
    """

    def __init__(self, path: Path, why: str, what: str = "") -> None:
        super().__init__(f"{path}: {why} {what}")
        self.path, self.why, self.what = path, why, what


async def back_up(
    database: Database,
    target: Path,
    *,
    over: bool = False,
    key: bytes | None = None,
    halfway: Callable[[], None] = lambda: None,
) -> None:
    """A copy of the database as it is now, readable by its owner alone; others may write meanwhile.

    With a `key` it is encrypted, and nothing is written in the clear where it will lie.

    Raises FileExistsError where there is a file already and `over` is not set, BadCopy, OSError.
    """
    if not over and await asyncio.to_thread(target.exists):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    with new_file(workplace(database, target.parent, key)) as part:
        if database.is_sqlite:
            await asyncio.to_thread(_vacuum, _path(database), part)
        else:
            await _dump(database, part)
        halfway()
        await asyncio.to_thread(check, part)
        if key is None:
            await asyncio.to_thread(_finish, part, target, over)
            return
        with new_file(target.parent) as sealed:
            await asyncio.to_thread(encrypt, part, sealed, key)
            await asyncio.to_thread(_finish, sealed, target, over)


def workplace(database: Database, folder: Path, key: bytes | None) -> Path:
    """Where a copy is made that will lie in `folder`: there, or what is in the clear beside the database."""
    if key is None:
        return folder
    return _path(database).parent if database.is_sqlite else Path(gettempdir())


def _path(database: Database) -> Path:
    return Path(database.url.split(":///", 1)[1])


@contextmanager
def in_the_clear(path: Path, folder: Path, key: bytes | None) -> Iterator[Path]:
    """The copy as a file that can be read: itself, or decrypted in `folder` for that time. Raises BadCopy."""
    if not is_encrypted(path):
        yield path
        return
    with new_file(folder) as part:
        try:
            if key is None:
                raise BadCopy(path, "no_key")
            decrypt(path, part, key)
        except WrongKey:
            raise BadCopy(path, "wrong_key") from None
        except Broken:
            raise BadCopy(path, "damaged", "AES-GCM") from None
        yield part


def check(path: Path) -> str:
    """The schema's version of a copy. Raises BadCopy when it is none, or not sound, or of a newer program."""
    if not path.is_file():
        raise BadCopy(path, "absent")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if found != "ok":
                raise BadCopy(path, "damaged", found)
            if (lost := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
                raise BadCopy(path, "damaged", f"{lost[0]} {lost[1]} → {lost[2]}")
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        foreign = any(words in str(error) for words in ("not a database", "no such table"))
        raise BadCopy(path, "foreign" if foreign else "damaged", str(error)) from None
    if version is None:
        raise BadCopy(path, "foreign")
    if not schema.knows(str(version[0])):
        raise BadCopy(path, "newer", str(version[0]))
    return str(version[0])


async def take_in(source: Path, part: Path) -> None:
    """Copies a checked copy to another file and brings it to this program's schema. Raises BadCopy."""
    await asyncio.to_thread(_vacuum, source, part)
    database = Database(f"sqlite+aiosqlite:///{part}")
    try:
        await schema.upgrade(database)
    finally:
        await database.close()


def _finish(part: Path, target: Path, over: bool) -> None:
    sync(part)
    if over:
        os.replace(part, target)
    else:
        os.link(part, target)
    sync(target.parent)


def _vacuum(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, isolation_level=None, timeout=30, check_same_thread=False)) as connection:
        limit = threading.Timer(LONGEST.total_seconds(), connection.interrupt)
        limit.daemon = True
        limit.start()
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise BadCopy(target, "slow") from None
            raise
        finally:
            limit.cancel()


async def _dump(database: Database, part: Path) -> None:
    copy = Database(f"sqlite+aiosqlite:///{part}")
    try:
        await schema.upgrade(copy)
        async with database.reader.connect() as source:
            await source.execution_options(isolation_level="REPEATABLE READ")
            async with copy.writing() as target:
                await target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                await copy_all(source, target)
    finally:
        await copy.close()
    await asyncio.to_thread(as_one_file, part)
