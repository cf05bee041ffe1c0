"""Notices when the event loop stands still: whoever waits for an answer waits as long."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from bot.log import get_logger
from bot.metrics import LOOP_STALL_SECONDS

log = get_logger("schedule.stalls")

EVERY = timedelta(milliseconds=20)
STALL = timedelta(milliseconds=50)
WORTH_A_LINE = timedelta(milliseconds=500)


class Stalls:
    """`worst` is the longest stall since the start."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.worst = timedelta()

    async def run(self) -> None:
        """Until cancelled: how much later than asked for does a nap end?"""
        while True:
            began = self._clock()
            await asyncio.sleep(EVERY.total_seconds())
            self.note(timedelta(seconds=self._clock() - began) - EVERY)

    def note(self, late: timedelta) -> None:
        """A nap ended so much too late."""
        if late <= STALL:
            return
        LOOP_STALL_SECONDS.observe(late.total_seconds())
        self.worst = max(self.worst, late)
        if late > WORTH_A_LINE:
            log.warning("loop.stalled", milliseconds=round(late / timedelta(milliseconds=1)))
