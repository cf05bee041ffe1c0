"""Copying what SQLite's log holds into the database beside the writer, so that no commit has to do it on its way."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

ROWS = 6000
"""So many changed rows come a little before the log is long enough for SQLite to do it inside a commit."""


class Checkpoints:
    """Of one database file. What is left undone here SQLite does by itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copied_at = 0
        self._copying: asyncio.Task[None] | None = None

    def committed(self, changes: int) -> None:
        """After a commit: how many rows the writing connection has changed since it was opened."""
        if self._copying is None and changes - self._copied_at >= ROWS:
            self._copied_at = changes
            self._copying = asyncio.create_task(self._copy())

    async def end(self) -> None:
        """Returns when nothing is copied any more."""
        if self._copying is not None:
            await self._copying

    async def _copy(self) -> None:
        try:
            await asyncio.to_thread(self._run)
        finally:
            self._copying = None

    def _run(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
