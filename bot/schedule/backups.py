"""A backup a day, kept for so long, where the configuration names a folder."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from bot.clock import Clock
from bot.killing import here
from bot.log import get_logger
from bot.schedule.leases import Hold, Leases
from bot.services.alarms import raise_alarm
from bot.services.settings import Settings
from storage import copies, file_copies, parts
from storage.database import Database
from storage.encryption import SUFFIX

log = get_logger("schedule.backups")

LEFT_BEHIND = timedelta(days=1)
"""What a killed backup has begun is removed after this."""


@dataclass(frozen=True, slots=True)
class Backups:
    """`folder` None: none are made. `at` is a time of the branch's day."""

    database: Database
    settings: Settings
    clock: Clock
    leases: Leases
    folder: Path | None = None
    at: time = time(3, 30)
    keep_for: timedelta = timedelta(days=35)
    key: bytes | None = None
    """What they are encrypted with."""

    async def make(self) -> int:
        """Today's, once its time has come; what is older than `keep_for` goes. A failure is tried again, and told."""
        if self.folder is None or (today := self._today(self.clock.now())) is None:
            return 0
        target = self.folder / f"branchbot-{today.isoformat()}.db{SUFFIX if self.key else ''}"
        if await asyncio.to_thread(target.exists):
            return 0
        try:
            made = await self.leases.once("backup", partial(self._make, target, today))
        except Exception as error:
            log.exception("backup.failed")
            await self._alarm(type(error).__name__)
            return 0
        return int(made)

    async def _make(self, target: Path, today: date, hold: Hold) -> None:
        folder = target.parent
        await asyncio.to_thread(folder.mkdir, 0o700, parents=True, exist_ok=True)
        await copies.back_up(self.database, target, key=self.key, halfway=lambda: here("K15"))
        await asyncio.to_thread(self._with_files, folder)
        now = self.clock.now()
        async with self.database.transaction() as tx:
            await hold.check(tx)
            await tx.instances.backed_up(now)
        await asyncio.to_thread(self._expire, folder, today, now)
        log.info("backup.made", file=target.name)

    def _today(self, now: datetime) -> date | None:
        """The day whose backup is due; None before its time."""
        local = now.astimezone(self.settings.texts.zone)
        return local.date() if local.time() >= self.at else None

    def _with_files(self, folder: Path) -> None:
        file_copies.copy_new(self.settings.files.folder.root, folder / "files", self.key)

    def _expire(self, folder: Path, today: date, now: datetime) -> None:
        oldest = (today - self.keep_for).isoformat()
        for path in (*folder.glob("branchbot-????-??-??.db"), *folder.glob(f"branchbot-????-??-??.db{SUFFIX}")):
            if path.name.removeprefix("branchbot-")[:10] < oldest:
                path.unlink(missing_ok=True)
        file_copies.expire(folder / "files", (now - self.keep_for).timestamp())
        for each in {folder, copies.workplace(self.database, folder, self.key)}:
            parts.sweep(each, (now - LEFT_BEHIND).timestamp())

    async def _alarm(self, what: str) -> None:
        async with self.database.transaction() as tx:
            await raise_alarm(tx, self.settings, "backup", now=self.clock.now(), what=what)
