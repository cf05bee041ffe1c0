"""Residents' pictures, from their platform into our folder: outside of any transaction, recorded afterwards."""

import asyncio
from datetime import timedelta

from bot.clock import Clock
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.log import bound, get_logger
from bot.platforms.base import PicturePlatform
from bot.rules.retrying import busy_delay, gives_up
from bot.services import pictures
from bot.services.settings import Settings
from storage.database import Database
from storage.pictures import DuePicture

log = get_logger("inbound.picturing")

AT_ONCE = 2
LEASE = timedelta(minutes=5)
"""Longer than any picture may take: whoever has fetched one since then is gone."""
REASONS = {"media_size": pictures.TOO_LARGE, "media_gone": pictures.GONE}


class PictureFetcher:
    """Fetches what was noted with a resident's words; without a platform nothing ever is."""

    def __init__(self, database: Database, platform: PicturePlatform | None, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._platform = platform
        self._settings = settings
        self._clock = clock

    async def step(self) -> int:
        """Fetches what is due now, a few at once; how many that were."""
        if self._platform is None:
            return 0
        now, platform = self._clock.now(), self._platform
        async with self._database.looking() as tx:
            if not await tx.pictures.any_due(now):
                return 0
        async with self._database.transaction() as tx:
            due = await tx.pictures.claim(now, AT_ONCE, until=now + LEASE)
        await asyncio.gather(*(self._carry(platform, each) for each in due))
        return len(due)

    async def _carry(self, platform: PicturePlatform, due: DuePicture) -> None:
        with bound(entry_id=due.entry_id):
            try:
                fetched = await platform.picture(due.address, pictures.MOST_BYTES)
            except (SendLater, SendDoubtful) as error:
                await self._later(due, error.reason)
            except SendRefused as error:
                await self._refuse(due, REASONS.get(error.reason, pictures.FAILED))
            else:
                await self._take(due, fetched.content)

    async def _take(self, due: DuePicture, content: bytes) -> None:
        looked = await asyncio.to_thread(pictures.look, content)
        if looked is None:
            await self._refuse(due, pictures.NO_PICTURE)
            return
        ending, kept = looked
        new = await self._settings.files.folder.take(kept)
        async with self._database.transaction() as tx:
            await pictures.keep(tx, self._settings, due.entry_id, ending, new, now=self._clock.now())
        new.path.unlink(missing_ok=True)
        log.info("picture.fetched", type=ending, size=new.size)

    async def _later(self, due: DuePicture, reason: str) -> None:
        now, tries = self._clock.now(), due.tries + 1
        if gives_up(tries, due.created_at, now):
            await self._refuse(due, pictures.FAILED)
            return
        log.warning("picture.later", reason=reason, tries=tries)
        async with self._database.transaction() as tx:
            picture = await tx.pictures.get(due.entry_id)
            if picture is not None and picture.next_at is not None:
                picture.next_at, picture.tries = now + busy_delay(tries), tries

    async def _refuse(self, due: DuePicture, reason: str) -> None:
        log.info("picture.refused", reason=reason)
        async with self._database.transaction() as tx:
            await pictures.refuse(tx, due.entry_id, reason)
