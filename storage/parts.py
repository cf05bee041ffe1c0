"""Files that appear whole or not at all: written under a name of their own, brought to disk, then renamed."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PART = ".part"
SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite may keep beside a database."""


@contextmanager
def new_file(folder: Path) -> Iterator[Path]:
    """An empty file of a name of its own, readable by its owner alone; gone at the end unless it was renamed."""
    part = folder / f".branchbot-{secrets.token_hex(6)}{PART}"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
    finally:
        for end in ("", *SIDE_FILES):
            part.with_name(part.name + end).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """What is in the file, or which names are in the folder, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path, older_than: float) -> None:
    """Removes what killed copies have left behind, untouched since this moment (seconds since 1970)."""
    for path in folder.glob(f".branchbot-*{PART}*"):
        if path.stat().st_mtime < older_than:
            path.unlink(missing_ok=True)


def as_one_file(path: Path) -> None:
    """Without side files: what stands in them is in the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
