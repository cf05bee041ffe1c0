"""Files that people sent, from their platform into our folder: outside of any transaction, recorded afterwards."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.log import bound, get_logger
from bot.platforms.base import Fetched, FilePlatform
from bot.rules.file_types import Wrong
from bot.rules.retrying import busy_delay, gives_up
from bot.services.fetched import keep, look, refuse
from bot.services.settings import Settings
from bot.update import Medium
from storage.attachments import DueAttachment
from storage.database import Database

log = get_logger("inbound.fetching")

AT_ONCE = 2
LEASE = timedelta(minutes=5)
"""Longer than any file may take: whoever has fetched one since then is gone."""
REASONS = {"media_size": "too_large", "media_gone": "gone"}


class Fetcher:
    """Fetches what was noted. `wake` is set when somebody has to hear why something cannot be attached."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, FilePlatform],
        settings: Settings,
        clock: Clock,
        wake: asyncio.Event,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._settings = settings
        self._clock = clock
        self._wake = wake

    async def step(self) -> int:
        """Fetches what is due now, a few at once; how many that were."""
        now, names = self._clock.now(), list(self._platforms)
        async with self._database.looking() as tx:
            if not await tx.attachments.any_due(now, names):
                return 0
        async with self._database.transaction() as tx:
            due = await tx.attachments.claim(now, names, AT_ONCE, until=now + LEASE)
        await asyncio.gather(*map(self._carry, due))
        return len(due)

    async def _carry(self, due: DueAttachment) -> None:
        with bound(attachment_id=due.id, platform=due.platform):
            medium = Medium.load(due.source)
            try:
                fetched = await self._platforms[due.platform].download(medium, self._settings.files.max_bytes)
            except (SendLater, SendDoubtful) as error:
                await self._later(due, error)
            except SendRefused as error:
                await self._refuse(due, REASONS.get(error.reason, "failed"), medium.name)
            else:
                await self._take(due, medium.kind, fetched)

    async def _take(self, due: DueAttachment, kind: str, fetched: Fetched) -> None:
        looked = await asyncio.to_thread(look, kind, fetched.name, fetched.content)
        if isinstance(looked, Wrong):
            await self._refuse(due, looked.value, fetched.name if kind == "file" else "")
            return
        new = await self._settings.files.folder.take(looked.content)
        async with self._database.transaction() as tx:
            await keep(tx, self._settings, due.id, looked, new, now=self._clock.now())
        new.path.unlink(missing_ok=True)
        log.info("attachment.fetched", type=looked.type.ending, size=new.size)
        self._wake.set()

    async def _later(self, due: DueAttachment, error: SendLater | SendDoubtful) -> None:
        now = self._clock.now()
        counted = error.counted if isinstance(error, SendLater) else True
        tries = due.tries + (1 if counted else 0)
        if gives_up(tries, due.created_at, now):
            await self._refuse(due, "failed", "")
            return
        after = error.after if isinstance(error, SendLater) else busy_delay(tries)
        log.warning("attachment.later", reason=error.reason, tries=tries)
        async with self._database.transaction() as tx:
            attachment = await tx.attachments.get(due.id)
            if attachment is not None and attachment.next_at is not None:
                attachment.next_at, attachment.tries = now + after, tries

    async def _refuse(self, due: DueAttachment, reason: str, name: str) -> None:
        log.info("attachment.refused", reason=reason)
        async with self._database.transaction() as tx:
            await refuse(tx, self._settings, due.id, reason, name=name, now=self._clock.now())
        self._wake.set()
