"""Copying what SQLite's log holds into the database beside the writer, so that no commit has to do it on its way.

It writes to the same disk as the commits, which wait for it: so it is done when they rest, unless they never do.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

REST_SECONDS = 1.0
"""Without a commit for so long, the burst is over."""
WORTH = 1000
"""Pages, about, below which the log is left as it is."""
MOST = 16_000
"""Pages, about 64 MB at most: then it is done in the middle of a burst. Later SQLite would do it inside a commit."""
OF_A_COMMIT = 4
"""Pages that a commit takes, whatever it changes; about one more for each row."""


class Checkpoints:
    """Of one database file. What is left undone here SQLite does by itself."""

    def __init__(self, path: Path, turn: asyncio.Lock) -> None:
        """`turn` is held by whoever writes."""
        self._path = path
        self._turn = turn
        self._changes = 0
        self._grown = 0
        """Pages, about, since the last copy began."""
        self._last = 0.0
        """When the last commit was, by the loop's clock."""
        self._timer: asyncio.TimerHandle | None = None
        self._copying: asyncio.Task[None] | None = None

    def committed(self, changes: int) -> None:
        """After a commit: how many rows the writing connection has changed since it was opened."""
        loop = asyncio.get_running_loop()
        self._grown += changes - self._changes + OF_A_COMMIT
        self._changes, self._last = changes, loop.time()
        if self._copying is not None:
            return
        if self._grown >= MOST:
            self._begin()
        elif self._timer is None and self._grown >= WORTH:
            self._timer = loop.call_later(REST_SECONDS, self._look)

    async def end(self) -> None:
        """Returns when nothing is copied any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._copying is not None:
            await self._copying

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        if loop.time() - self._last < REST_SECONDS:
            self._timer = loop.call_at(self._last + REST_SECONDS, self._look)
        elif self._copying is None:
            self._begin()

    def _begin(self) -> None:
        self._grown = 0
        self._copying = asyncio.create_task(self._copy())

    async def _copy(self) -> None:
        """Beside the commits; then what was committed meanwhile, while nobody commits.

        Where the log is copied whole the next commit uses the same place again, which costs the disk a third of what
        making it longer does.
        """
        try:
            await asyncio.to_thread(self._run)
            async with self._turn:
                await asyncio.to_thread(self._run)
        finally:
            self._copying = None

    def _run(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
