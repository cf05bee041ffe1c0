"""What has been kept long enough goes, in slices that hold nobody up, done by one instance at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from bot.killing import here
from bot.log import get_logger
from bot.schedule.leases import Hold, Leases
from bot.services.settings import Settings
from storage.database import Database
from storage.transaction import Transaction

log = get_logger("schedule.keeping")

SLICE = 200
LEASE = "retention"
COPIES_KEPT = timedelta(days=35)
"""How long a database stays aside that an upgrade or a restore has replaced."""

Work = Callable[[Transaction, datetime, int], Awaitable[int]]
Kind = tuple[str, Work, timedelta]
"""Its name, what sees to a slice of it, and how long it is kept."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """The nightly work of one process, in truth every hour: there is little to do each time."""

    database: Database
    settings: Settings
    clock: Clock
    leases: Leases

    async def forget(self) -> int:
        """One after the other, each until nothing of it is too old. Where nothing is, no lease is taken."""
        done, now = 0, self.clock.now()
        async with self.database.looking() as tx:
            due = [each for each in self._kinds() if await tx.keeping.any_older(each[0], now - each[2])]
            talks = await tx.keeping.any_talk_over(now)

        async def work(hold: Hold) -> None:
            nonlocal done
            done = await self._forget(hold, due, now)

        if due or talks:
            await self.leases.once(LEASE, work)
        path = Path(self.database.url.split(":///", 1)[1]) if self.database.is_sqlite else None
        if path is not None:
            await asyncio.to_thread(_expire_copies, path, (now - COPIES_KEPT).timestamp())
        return done

    def _kinds(self) -> tuple[Kind, ...]:
        keeping = self.settings.keeping
        return (
            ("messages", lambda tx, before, limit: tx.keeping.messages(before, limit), keeping.messages),
            ("calls", lambda tx, before, limit: tx.keeping.calls(before, limit), keeping.messages),
            ("updates", lambda tx, before, limit: tx.keeping.updates(before, limit), keeping.updates),
            ("drafts", lambda tx, before, limit: tx.keeping.drafts(before, limit), keeping.drafts),
            ("accesses", lambda tx, before, limit: tx.accesses.forget(before, limit), keeping.accesses),
        )

    async def _forget(self, hold: Hold, kinds: Iterable[Kind], now: datetime) -> int:
        done = 0
        for name, work, kept_for in kinds:
            count = 0
            while True:
                async with self.database.transaction() as tx:
                    await hold.check(tx)
                    slice_ = await work(tx, now - kept_for, SLICE)
                    here("K17")
                count += slice_
                if slice_ < SLICE:
                    break
            if count:
                log.info("kept.forgotten", kind=name, rows=count)
            done += count
        async with self.database.transaction() as tx:
            await tx.keeping.dialogues(now)
        return done


def _expire_copies(database: Path, older_than: float) -> None:
    """Databases that lie aside hold people's data, too."""
    for pattern in (f"{database.name}.before-*", f"{database.name}.replaced-*"):
        for path in database.parent.glob(pattern):
            if path.stat().st_mtime < min(older_than, time.time()):
                path.unlink(missing_ok=True)
