"""Writing how calls ended: whatever came back together in one commit."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.clock import Clock
from bot.killing import here
from bot.log import get_logger
from bot.outbound.settling import Ended, settle
from bot.services.settings import Settings
from storage.database import Database

log = get_logger("outbound.recording")

AGAIN_AFTER = (timedelta(milliseconds=200), timedelta(seconds=1), timedelta(seconds=3))
"""When an outcome that could not be written is written again. Later the call counts as lost, which is safe, too."""


class Recorder:
    """Of one process. `jitter` gives a number between 0 and 1 for each write."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, jitter: Callable[[], float]) -> None:
        self._database, self._settings, self._clock, self._jitter = database, settings, clock, jitter
        self._waiting: list[tuple[Ended, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._again: set[asyncio.Task[None]] = set()

    async def record(self, ended: Ended) -> None:
        """Returns when it is written, or nobody tries any more; it goes on though whoever waits is cancelled."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ended, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        await asyncio.shield(written)

    async def end(self) -> None:
        """Returns when everything is written, or nobody tries any more."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        await asyncio.gather(*self._again, return_exceptions=True)

    async def _write_waiting(self) -> None:
        while self._waiting:
            taken: list[tuple[Ended, asyncio.Future[None]]] = []
            try:
                async with self._database.transaction(direct=True) as tx:
                    taken, self._waiting = self._waiting, []  # with all that came while others had their turn
                    await settle(tx, self._settings, _of(taken), now=self._clock.now(), jitter=self._jitter())
            except Exception:
                log.exception("call.not_recorded")
                if not taken:
                    taken, self._waiting = self._waiting, []
                for each in taken:
                    again = asyncio.create_task(self._try_again(*each))
                    self._again.add(again)
                    again.add_done_callback(self._again.discard)
            else:
                here("K11")
                for _, written in taken:
                    written.set_result(None)

    async def _try_again(self, ended: Ended, written: asyncio.Future[None]) -> None:
        """Each by itself, so that one that cannot be written takes no other with it."""
        for pause in AGAIN_AFTER:
            await asyncio.sleep(pause.total_seconds())
            try:
                async with self._database.transaction() as tx:
                    await settle(tx, self._settings, [ended], now=self._clock.now(), jitter=self._jitter())
                here("K11")
                break
            except Exception:
                log.exception("call.not_recorded")
        written.set_result(None)


def _of(taken: Sequence[tuple[Ended, asyncio.Future[None]]]) -> list[Ended]:
    return [ended for ended, _ in taken]
