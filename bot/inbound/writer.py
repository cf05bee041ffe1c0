"""The one writer of updates: everything that waits shares a transaction, so one flush to disk serves them all."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any

from bot.clock import Clock
from bot.errors import ForgedRequest
from bot.inbound.deadlines import Deadlines
from bot.inbound.dispatcher import Dispatcher
from bot.inbound.entrances import OPEN, Answer, Entrance, Given, Submitted, answers, open_together, portions
from bot.inbound.spool import Spool
from bot.killing import here
from bot.log import get_logger
from bot.update import Update
from storage.database import Database

log = get_logger("inbound.writer")

BATCH = 200
ANSWER_WITHIN, STORED_WITHIN = timedelta(seconds=4), timedelta(milliseconds=600)
"""Platforms wait five seconds. After the first an answer is not said inline any more; a little later none is given."""
TURN = timedelta(milliseconds=10)
"""How long it works without letting anybody else."""
WAIT, PATIENCE = timedelta(milliseconds=1), 2
"""How long, and how often, a batch that is smaller than the last one waits for more."""


_ANSWERED = attrgetter("answered")


def _give_up(submitted: Submitted) -> None:
    submitted.give(TimeoutError())


class Writer:
    """Stores updates and applies what they ask. `wake` is set after each commit: there may be something to send."""

    def __init__(
        self, database: Database, dispatcher: Dispatcher, clock: Clock, wake: asyncio.Event, spool: Spool
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._spool = spool
        self._clock = clock
        self._queue: list[Submitted] = []
        self._arrived = asyncio.Event()
        self._wake = wake
        self.patience, self.grace = ANSWER_WITHIN, STORED_WITHIN
        self._late, self._lost = Deadlines(_ANSWERED, Submitted.speak_later), Deadlines(_ANSWERED, _give_up)
        self._usual = 1
        """How many came together the last time."""

    async def submit(self, update: Update) -> None:
        """Returns once the update is stored for good; its answers leave as messages.

        Raises what the database raised when it could not be stored; then it lies in the spool.
        """
        submitted = self._enter(asyncio.get_running_loop(), OPEN, update, 0, 0)
        try:
            await submitted.answer
        except Exception:
            await self._keep(submitted)
            raise

    async def submit_in_time(
        self, entrance: Entrance[Given, Answer], given: Given, *, size: int, inline_bytes: int, speaks_later: bool
    ) -> Answer:
        """The answer, for a platform that waits only so long; it carries words of at most so many bytes.

        `size`: bytes that there are to open. Words that are not found when the patience is over leave as messages, if
        the platform `speaks_later`. Raises TimeoutError when the update is not even stored a little later; it will be,
        and the platform's next try finds the same answer. Raises what the entrance found and what the database raises.
        """
        loop = asyncio.get_running_loop()
        submitted = self._enter(loop, entrance, given, size, inline_bytes)
        late = loop.time() + self.patience.total_seconds()
        if speaks_later:
            self._late.add(submitted, late)
        self._lost.add(submitted, late + self.grace.total_seconds())
        try:
            answer: Answer = await submitted.answer
        except ForgedRequest:
            raise
        except Exception:
            await self._keep(submitted)
            raise
        return answer

    def _enter(
        self, loop: asyncio.AbstractEventLoop, entrance: Entrance[Any, Any], given: Any, size: int, inline_bytes: int
    ) -> Submitted:
        submitted = Submitted(entrance, given, size, inline_bytes, loop.create_future())
        self._queue.append(submitted)
        self._arrived.set()
        return submitted

    async def _keep(self, submitted: Submitted) -> None:
        """What could not be stored lies in the spool until it can be."""
        if submitted.waiting is None:
            open_together([submitted])
        waiting = submitted.waiting
        if waiting is not None and (update := self._dispatcher.keepable(waiting.update)) is not None:
            await asyncio.to_thread(self._spool.keep, update)

    async def works(self) -> bool:
        """Whether the inbox can be written just now."""
        try:
            async with self._database.transaction() as tx:
                await tx.inbox.probe(self._clock.now())
        except Exception:
            return False
        return True

    async def run(self) -> None:
        """Until cancelled; what was taken up is finished first."""
        while True:
            await self._arrived.wait()
            await self._gather()
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            if not self._queue:
                self._arrived.clear()
            writing = asyncio.create_task(self._take_up(batch))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise
            self._late.tidy()
            self._lost.tidy()

    async def _gather(self) -> None:
        """Lets arrive what comes with the first one too: as long as each turn of the loop brings more.

        When fewer came than the last time, those that were answered just now may be about to speak again.
        """
        seen, patience = 0, PATIENCE
        while len(self._queue) < BATCH:
            if len(self._queue) > seen:
                seen = len(self._queue)
                await asyncio.sleep(0)
            elif patience and seen < self._usual:
                patience -= 1
                await asyncio.sleep(WAIT.total_seconds())
            else:
                break
        self._usual = min(len(self._queue), BATCH)

    @property
    def waiting(self) -> int:
        """Updates that wait for the next commit."""
        return len(self._queue)

    async def _take_up(self, batch: Sequence[Submitted]) -> None:
        """Opens all of them, not for longer at a time than the loop may stand, and stores what is inside."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        for portion in portions([submitted for submitted in batch if submitted.waiting is None]):
            open_together(portion)
            if loop.time() - since > TURN.total_seconds():
                await asyncio.sleep(0)
                since = loop.time()
        await self._write([submitted for submitted in batch if submitted.waiting is not None])

    async def _write(self, batch: Sequence[Submitted], *, careful: bool = False) -> None:
        """All at once; should that fail, each by itself and with care."""
        if not batch:
            return
        try:
            given = await self._commit(batch, careful)
        except Exception as error:
            if not careful:
                log.warning("batch.split", size=len(batch), error=type(error).__name__)
                for submitted in batch:
                    await self._write([submitted], careful=True)
                return
            log.exception("update.not_stored")
            batch[0].give(error)
            return
        here("K2")
        self._wake.set()
        for submitted, answer in zip(batch, given, strict=True):
            submitted.give(answer)

    async def _commit(self, batch: Sequence[Submitted], careful: bool) -> list[Any]:
        """The answers, once all that they say is stored for good."""
        waiting = [submitted.waiting for submitted in batch if submitted.waiting is not None]
        # What else people ask for may take longer than the loop may stand.
        brief = all(self._dispatcher.is_brief(each) for each in waiting)
        async with self._database.transaction(brief=brief) as tx:
            words = await self._dispatcher.handle(tx, waiting, self._clock.now(), careful=careful)
            answering = asyncio.create_task(answers(batch, words))  # while the disk is busy with the commit
        return await answering
