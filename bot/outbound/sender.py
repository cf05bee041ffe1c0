"""The sender: takes what is due, freezes it, lets it leave, records how it ended."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.log import bound, get_logger
from bot.metrics import CALLS
from bot.outbound.freezing import Frozen, freeze
from bot.outbound.lanes import Road
from bot.outbound.settling import settle
from bot.platforms.base import Outcome, Platform, Request, Verdict
from bot.services.settings import Settings
from storage.database import Database

log = get_logger("outbound.sender")

POLL = timedelta(milliseconds=500)
"""How often it looks without being woken."""
REPEATS = 4


class Sender:
    """Sends for all platforms of one process. `wake` is set by whoever has queued something."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        settings: Settings,
        clock: Clock,
        wake: asyncio.Event,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._settings = settings
        self._clock = clock
        self._wake = wake
        self._rng = rng or random.Random()
        self._roads = {name: Road(platform.limits, monotonic) for name, platform in platforms.items()}
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopping = False

    async def recover(self) -> None:
        """After a start: nobody knows how the requests ended that were under way. They are doubtful."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            for call in await tx.calls.in_flight():
                await tx.messages.doubt(call.id)
                await tx.calls.doubt(call.id, next_at=now, http_status=None, code=None)

    async def run(self) -> None:
        """Until cancelled; what is under way is awaited by `finish`."""
        while not self.stopping:
            self._wake.clear()
            try:
                started = await self.step()
            except Exception:
                log.exception("sender.failed")
                started = 0
            if not started:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL.total_seconds()):
                        await self._wake.wait()

    async def step(self) -> int:
        """Starts what may start now; how many requests that were."""
        return await self._repeat_doubtful() + await self._send_due()

    async def drain(self) -> None:
        """Sends until nothing is due and nothing is under way."""
        while await self.step() or self._tasks:
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self, within: timedelta) -> None:
        """Lets the requests that are under way end; those that do not are found again at the next start."""
        self.stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within.total_seconds())
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def under_way(self) -> int:
        """Requests that have no answer yet."""
        return len(self._tasks)

    def held(self) -> dict[str, str]:
        """Platform → since when it is held, of those that are."""
        now = self._clock.now()
        return {name: str(road.held_until) for name, road in self._roads.items() if not road.is_open(now)}

    def _room(self, platform: str, reply: bool) -> int:
        road = self._roads[platform]
        if not road.is_open(self._clock.now()):
            return 0
        return road.reply_room() if reply else road.room()

    async def _send_due(self) -> int:
        now = self._clock.now()
        async with self._database.reading() as tx:
            if not await tx.messages.anything_due(now):
                return 0
        async with self._database.transaction() as tx:
            frozen = await freeze(tx, self._settings, self._platforms, self._room, now)
        for call in frozen:
            self._start(call)
        return len(frozen)

    async def _repeat_doubtful(self) -> int:
        now = self._clock.now()
        async with self._database.reading() as tx:
            if not await tx.calls.doubtful(now, 1):
                return 0
        again: list[Frozen] = []
        async with self._database.transaction() as tx:
            for call in await tx.calls.doubtful(now, REPEATS):
                road = self._roads.get(call.platform)
                if road is None or not road.is_open(now):
                    await tx.calls.doubt(call.id, next_at=now + timedelta(seconds=30), http_status=None, code=None)
                elif now - call.first_at >= self._platforms[call.platform].limits.repeat_window:
                    gone = Outcome(Verdict.DOUBTFUL, "unknown")
                    limits = self._platforms[call.platform].limits
                    await settle(tx, self._settings, limits, call.id, gone, now=now, jitter=0)
                else:
                    await tx.calls.again(call, now)
                    again.append(Frozen(call.id, call.platform, Request(call.api, call.body), reply=False))
        for frozen in again:
            self._start(frozen)
        return len(again)

    def _start(self, frozen: Frozen) -> None:
        self._roads[frozen.platform].start(reply=frozen.reply)
        task = asyncio.create_task(self._carry(frozen), name=f"call-{frozen.call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, frozen: Frozen) -> None:
        """One request, outside of any transaction, and then its outcome."""
        outcome = Outcome(Verdict.DOUBTFUL, "no_answer")
        try:
            with bound(call_id=frozen.call_id, platform=frozen.platform):
                try:
                    outcome = await self._platforms[frozen.platform].deliver(frozen.request)
                except Exception:
                    log.exception("call.failed")
                CALLS.labels(frozen.platform, frozen.request.api, outcome.verdict).inc()
                log.info("call.ended", api=frozen.request.api, verdict=outcome.verdict, code=outcome.code)
                await asyncio.shield(self._record(frozen, outcome))
        finally:
            self._roads[frozen.platform].finish(outcome, reply=frozen.reply, now=self._clock.now())
            self._wake.set()

    async def _record(self, frozen: Frozen, outcome: Outcome) -> None:
        limits = self._platforms[frozen.platform].limits
        async with self._database.transaction() as tx:
            await settle(
                tx,
                self._settings,
                limits,
                frozen.call_id,
                outcome,
                now=self._clock.now(),
                jitter=self._rng.random(),
            )
