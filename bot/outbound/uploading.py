"""Files to their platforms, before the messages that show them: outside of any transaction, recorded afterwards."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.log import bound, get_logger
from bot.message import File, load
from bot.platforms.base import FilePlatform
from bot.rules.retrying import busy_delay, gives_up
from bot.services.outcomes import refused
from bot.services.settings import Settings
from storage.database import Database
from storage.uploads import DueUpload

log = get_logger("outbound.uploading")

AT_ONCE = 2
LEASE = timedelta(minutes=5)
"""Longer than any upload may take: whoever has carried one since then is gone."""
GOOD_FOR = timedelta(hours=60)
"""Platforms keep a file for 72 hours; frozen bytes may leave again for some hours, and must still name one then."""
MISSING = "media"
"""The reason for which a message is refused whose file is not in the folder any more."""


class Uploader:
    """Uploads what waiting messages need. `wake` is set when some of them may leave."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, FilePlatform],
        settings: Settings,
        clock: Clock,
        wake: asyncio.Event,
        *,
        here: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """`here` says of a platform whether this instance may send by it at the moment."""
        self._here = here
        self._database = database
        self._platforms = platforms
        self._settings = settings
        self._clock = clock
        self._wake = wake

    async def step(self) -> int:
        """Uploads what is due now, a few at once; how many that were."""
        now, names = self._clock.now(), list(filter(self._here, self._platforms))
        async with self._database.looking() as tx:
            if not await tx.uploads.any_due(now, names):
                return 0
        async with self._database.transaction() as tx:
            due = await tx.uploads.claim(now, names, AT_ONCE, until=now + LEASE)
        await asyncio.gather(*map(self._carry, due))
        return len(due)

    async def _carry(self, due: DueUpload) -> None:
        with bound(content_id=due.content_id, platform=due.platform):
            try:
                media_id = await self._upload(due)
            except (SendLater, SendDoubtful) as error:
                await self._later(due, error)
            except SendRefused as error:
                await self._refuse(due, error.reason)
            except FileNotFoundError:
                log.exception("upload.no_file")
                await self._refuse(due, MISSING)
            else:
                await self._done(due, media_id)

    async def _upload(self, due: DueUpload) -> str:
        async with self._database.reading() as tx:
            file = load(await tx.contents.body(due.content_id))
        if not isinstance(file, File):
            raise SendRefused(MISSING)
        content = await self._settings.files.folder.read(file.digest)
        return await self._platforms[due.platform].upload(file.kind, file.name, content)

    async def _done(self, due: DueUpload, media_id: str) -> None:
        async with self._database.transaction() as tx:
            now = self._clock.now()
            await tx.uploads.done(due, media_id, now + GOOD_FOR)
            await tx.messages.release(due.platform, due.content_id, now)
        log.info("upload.done")
        self._wake.set()

    async def _later(self, due: DueUpload, error: SendLater | SendDoubtful) -> None:
        """Nobody has seen anything, so what is in doubt is simply done once more."""
        now = self._clock.now()
        counted = error.counted if isinstance(error, SendLater) else True
        if counted and gives_up(due.tries + 1, due.first_at, now):
            await self._refuse(due, "gave_up")
            return
        after = error.after if isinstance(error, SendLater) else busy_delay(due.tries + 1)
        log.warning("upload.later", reason=error.reason, tries=due.tries)
        async with self._database.transaction() as tx:
            await tx.uploads.later(due, now + after, counted=counted)

    async def _refuse(self, due: DueUpload, reason: str) -> None:
        log.warning("upload.refused", reason=reason)
        async with self._database.transaction() as tx:
            await tx.uploads.give_up(due)
            waiting = await tx.messages.waiting_for(due.platform, due.content_id)
            await refused(tx, self._settings, waiting, reason, about_person=False, now=self._clock.now())
