"""The one writer of updates: everything that waits shares a transaction, so one flush to disk serves them all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.inbound.claims import claim_in
from bot.inbound.dispatcher import Dispatcher, Waiting
from bot.killing import here
from bot.log import get_logger
from bot.update import Update
from storage.database import Database

log = get_logger("inbound.writer")

BATCH = 200
ANSWER_WITHIN, STORED_WITHIN = timedelta(seconds=4), timedelta(milliseconds=600)
"""Platforms wait five seconds. After the first an answer is not said inline any more; a little later none is given."""
WAIT, PATIENCE = timedelta(milliseconds=1), 2
"""How long, and how often, a batch that is smaller than the last one waits for more."""


@dataclass(slots=True)
class _Submitted:
    waiting: Waiting
    answer: "asyncio.Future[str | None]"


def _too_late(waiting: Waiting) -> None:
    waiting.inline_bytes = 0


def _give_up(answer: "asyncio.Future[str | None]") -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


class Writer:
    """Stores updates and applies what they ask. `wake` is set after each commit: there may be something to send."""

    def __init__(self, database: Database, dispatcher: Dispatcher, clock: Clock, wake: asyncio.Event) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._clock = clock
        self._queue: asyncio.Queue[_Submitted] = asyncio.Queue()
        self._wake = wake
        self.patience, self.grace = ANSWER_WITHIN, STORED_WITHIN
        self._usual = 1
        """How many came together the last time."""

    async def submit(self, update: Update, *, inline_bytes: int = 0) -> str | None:
        """Returns once the update is stored for good: the words to answer with, if there are any to say inline.

        Raises what the database raised when it could not be stored.
        """
        submitted = _Submitted(Waiting(update, inline_bytes), asyncio.get_running_loop().create_future())
        await self._queue.put(submitted)
        return await submitted.answer

    async def submit_in_time(self, update: Update, *, inline_bytes: int, speaks_later: bool) -> str | None:
        """As `submit`, for a platform that waits only so long.

        Words that are not found when the patience is over leave as messages, if the platform `speaks_later`.
        Raises TimeoutError when the update is not even stored a little later; it will be, and the platform's next try
        finds the same answer.
        """
        loop = asyncio.get_running_loop()
        submitted = _Submitted(Waiting(update, inline_bytes), loop.create_future())
        late, end = self.patience.total_seconds(), (self.patience + self.grace).total_seconds()
        alarms = [loop.call_later(end, _give_up, submitted.answer)]
        if speaks_later:
            alarms.append(loop.call_later(late, _too_late, submitted.waiting))
        try:
            await self._queue.put(submitted)
            return await submitted.answer
        finally:
            for alarm in alarms:
                alarm.cancel()

    async def run(self) -> None:
        """Until cancelled; what was taken up is finished first."""
        while True:
            batch = [await self._queue.get()]
            await self._gather(batch)
            writing = asyncio.create_task(self._write(batch))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise

    async def _gather(self, batch: list[_Submitted]) -> None:
        """Takes what arrives with the first one too: as long as each turn of the loop brings more.

        When fewer came than the last time, those that were answered just now may be about to speak again.
        """
        seen, patience = 0, PATIENCE
        while len(batch) < BATCH:
            if len(batch) > seen:
                await asyncio.sleep(0)
            elif patience and len(batch) < self._usual:
                patience -= 1
                await asyncio.sleep(WAIT.total_seconds())
            else:
                break
            seen = len(batch)
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
        self._usual = len(batch)

    @property
    def waiting(self) -> int:
        """Updates that wait for the next commit."""
        return self._queue.qsize()

    async def _write(self, batch: Sequence[_Submitted], *, careful: bool = False) -> None:
        """All at once; should that fail, each by itself and with care."""
        try:
            replies = await self._commit([submitted.waiting for submitted in batch], careful)
        except Exception as error:
            if not careful:
                log.warning("batch.split", size=len(batch), error=type(error).__name__)
                for submitted in batch:
                    await self._write([submitted], careful=True)
                return
            log.exception("update.not_stored")
            if not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return
        here("K2")
        self._wake.set()
        for submitted, reply in zip(batch, replies, strict=True):
            if not submitted.answer.done():
                submitted.answer.set_result(reply)

    async def _commit(self, waiting: Sequence[Waiting], careful: bool) -> list[str | None]:
        # Receipts are a matter of microseconds each; what else people ask for may take longer than the loop may stand.
        brief = all(claim_in(each.update, asked=False) is not None for each in waiting)
        async with self._database.transaction(brief=brief) as tx:
            return await self._dispatcher.handle(tx, waiting, self._clock.now(), careful=careful)
