"""The database: there, sound, of the right schema, in the right mode, and nobody else's to read."""

import stat
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.commands.checks.finding import Finding, bad, good, warning
from bot.commands.session import Session
from bot.commands.store import Damaged, process_lock, usable
from bot.config.secret_key import key_path
from bot.errors import WrongSchema
from storage.database import FAILURES
from storage.instances import Instance
from storage.schema import expected_version, knows

LARGEST_WAL = 64 * 1024 * 1024
OLDEST_BACKUP = timedelta(days=7)


async def check(session: Session) -> AsyncIterator[Finding]:
    config = session.config
    path = config.database.sqlite_path
    if path is not None:
        for finding in _files(path, key_path(config)):
            yield finding
    try:
        async with usable(config) as database:
            yield good("database", version=expected_version())
            async with database.reading() as tx:
                instance = await tx.instances.get()
            for finding in _instance(session, instance):
                yield finding
            if path is not None:
                mode = await database.journal_mode()
                yield good("wal") if mode == "wal" else bad("no_wal", mode=mode)
    except WrongSchema as error:
        yield _wrong(error)
    except Damaged as error:
        yield bad("damaged", what=error.what)
    except (*FAILURES, OSError, TimeoutError) as error:
        yield bad("unreachable", what=type(getattr(error, "orig", None) or error).__name__)
    for finding in _running(session):
        yield finding


def _wrong(error: WrongSchema) -> Finding:
    if error.found is None:
        return bad("schema_empty", expected=error.expected)
    key = "schema_old" if knows(error.found) else "schema_new"
    return bad(key, found=error.found, expected=error.expected)


def _instance(session: Session, instance: Instance | None) -> Iterator[Finding]:
    """Whether it may send, and how old the last backup is; nothing of a database that was never in use."""
    if instance is None:
        return
    if instance.held_at is not None:
        yield bad("held", why=session.terminal.texts.say(f"doctor.held.{instance.held_why}"))
    now, last = SystemClock().now(), instance.backed_up_at
    if last is not None:
        yield good("backup", at=last) if now - last <= OLDEST_BACKUP else warning("old_backup", at=last)
    elif now - instance.created_at > OLDEST_BACKUP:
        yield warning("no_backup")


def _files(path: Path, key: Path | None) -> Iterator[Finding]:
    """Which of the files others on this machine may read or write."""
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", ".lock")]
    present = [each for each in (*beside, *([key] if key is not None else [])) if each.exists()]
    opened = [each for each in present if stat.S_IMODE(each.stat().st_mode) & 0o077]
    if opened:
        yield bad("open_files", files=" ".join(map(str, opened)))
    elif present:
        yield good("files")
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size > LARGEST_WAL:
        yield warning("large_wal", megabytes=wal.stat().st_size // (1024 * 1024))


def _running(session: Session) -> Iterator[Finding]:
    """The lock is written when the service starts: a configuration that is younger is not in force yet."""
    lock, path = process_lock(session.config), session.config.database.sqlite_path
    if lock is None or path is None or (pid := lock.holder()) is None:
        return
    yield good("running", pid=pid)
    started = path.with_name(f"{path.name}.lock").stat().st_mtime
    if session.path.exists() and session.path.stat().st_mtime > started:
        yield warning("older_config")
