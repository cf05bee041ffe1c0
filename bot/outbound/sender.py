"""The sender: takes what is due, freezes it, lets it leave, records how it ended."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.killing import here
from bot.log import bound, get_logger
from bot.metrics import CALLS
from bot.outbound.freezing import Frozen, freeze
from bot.outbound.lanes import Road
from bot.outbound.lost import find_lost
from bot.outbound.recording import Recorder
from bot.outbound.settling import Ended, settle
from bot.outbound.sharing import Share
from bot.platforms.base import Outcome, Platform, Request, Verdict
from bot.services.settings import Settings
from bot.services.standing import still_wanted
from storage.database import Database
from storage.enums import Priority
from storage.transaction import Transaction

log = get_logger("outbound.sender")

POLL = timedelta(milliseconds=500)
"""How often it looks without being woken."""
REPEATS = 4
LEASE, LOOK_FOR_LOST = timedelta(minutes=1), timedelta(seconds=5)
"""Longer than any request may take: whoever carried a call that is under way since then is gone. How often to look."""
HELD_PAUSE = timedelta(seconds=30)
SHARED_PAUSE = timedelta(milliseconds=50)
"""How long it waits at least where other instances have used up what all may do."""
FORGET_AFTER = timedelta(hours=4)
"""For calls of a platform that is not configured any more: nobody can repeat them."""


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
        carrier: str = "",
        here: Callable[[str], bool] = lambda _: True,
        leaving: Callable[[int], None] = lambda _: None,
        told: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        """`here` says of a platform whether this instance may send by it at the moment, or leaves it to another.

        `carrier` is this instance's name. `leaving` is told the highest of some calls before a byte of them leaves.
        `told` is the time as platforms tell it: when what is in doubt may leave again is reckoned by that, for our own
        clock may be set while it waits.
        """
        self._database = database
        self._platforms = platforms
        self._settings = settings
        self._clock = clock
        self._wake = wake
        self._leaving = leaving
        self._told = told or clock.now
        self._here = here
        self._carrier = carrier
        self._limits = {name: platform.limits for name, platform in platforms.items()}
        self._recorder = Recorder(database, settings, clock, (rng or random.Random()).random)
        self._roads = {name: Road(platform.limits, monotonic) for name, platform in platforms.items()}
        self._tasks: dict[asyncio.Task[None], int] = {}
        self._looked_at = clock.elapsed()
        self._token_in: timedelta | None = None
        """After a step: when the pace lets the next call start that is due; None when nothing waits for it."""
        self._stepped = self._moved = clock.elapsed()
        self._running = False
        self.stopping = False

    async def recover(self) -> None:
        """After a start: nobody knows how the requests ended that were under way. They are doubtful.

        Where other processes may share the database, only what nobody can be carrying any more.
        """
        now = self._told()
        await self._find_lost(None if self._database.is_sqlite else now - LEASE, now)

    async def run(self) -> None:
        """Until cancelled; what is under way is awaited by `finish`."""
        self._stepped = self._moved = self._clock.elapsed()
        self._running = True
        while not self.stopping:
            self._wake.clear()
            try:
                started = await self.step()
            except Exception:
                log.exception("sender.failed")
                started = 0
            if not started:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout((POLL if self._token_in is None else self._token_in).total_seconds()):
                        await self._wake.wait()

    async def step(self) -> int:
        """Starts what may start now; how many requests that were."""
        now, told = self._clock.now(), self._told()
        if self._clock.elapsed() - self._looked_at >= LOOK_FOR_LOST:
            await self._find_lost(told - LEASE, told)
        self._token_in = None
        quiet_now = self._settings.reminding.quiet.is_quiet(now)
        open_roads = [name for name, road in self._roads.items() if self._here(name) and road.is_open(told)]
        async with self._database.looking() as tx:
            doubtful = await tx.calls.any_doubtful(told)
            due = await tx.messages.due(now, platforms=open_roads, quiet_now=quiet_now)
            held = (doubtful or due) and await tx.instances.is_held()
        started = 0
        if doubtful and not held:
            started += await self._repeat_doubtful(told)
        if due and not held:
            started += await self._send_due(now, due)
        self._stepped = self._clock.elapsed()
        if started:
            self._moved = self._stepped
        return started

    async def drain(self) -> None:
        """Sends until nothing is due and nothing is under way."""
        while True:
            self._wake.clear()
            started = await self.step()
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            elif started or self._wake.is_set():
                continue  # calls that ended meanwhile may have made room
            elif self._token_in is not None:
                await asyncio.sleep(self._token_in.total_seconds())
            else:
                return

    async def finish(self, within: timedelta) -> None:
        """Lets the requests that are under way end; those that do not are found again at the next start."""
        self.stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within.total_seconds())
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._recorder.end()

    @property
    def under_way(self) -> int:
        """Requests that have no answer yet."""
        return len(self._tasks)

    def held(self) -> dict[str, str]:
        """Platform → why nothing leaves through it, of those that are held."""
        now = self._told()
        return {name: road.why for name, road in self._roads.items() if not road.is_open(now)}

    def probing(self) -> set[str]:
        """Platforms that were held, and of which nothing has shown yet that they work again."""
        return {name for name, road in self._roads.items() if road.is_probing}

    def looked(self) -> timedelta:
        """How long ago it last looked for something to send; zero as long as it does not run."""
        return self._clock.elapsed() - self._stepped if self._running else timedelta()

    def moved(self) -> timedelta:
        """How long ago a request last left or came back; zero as long as it does not run."""
        return self._clock.elapsed() - self._moved if self._running else timedelta()

    def _room(self, platform: str, reply: bool) -> int:
        road = self._roads[platform]
        if not self._here(platform) or not road.is_open(self._told()):
            return 0
        if reply:
            return road.reply_room()
        room = road.room()
        if room == 0 and (wait := road.token_in()) is not None:
            self._token_in = wait if self._token_in is None else min(wait, self._token_in)
        return room

    async def _find_lost(self, started_before: datetime | None, now: datetime) -> None:
        self._looked_at = self._clock.elapsed()
        await find_lost(self._database, self._carrier, set(self._tasks.values()), started_before, now)

    async def _shared(self, tx: Transaction) -> Share | None:
        """What all instances together may do; None where this is the only one."""
        return None if self._database.is_sqlite else await Share.of(tx, self._limits, self._carrier)

    def _room_in(self, share: Share | None) -> Callable[[str, bool], int]:
        def room(platform: str, reply: bool) -> int:
            own = self._room(platform, reply)
            if share is None or own == 0:
                return own
            shared = share.room(platform, reply, own)
            if shared == 0 and not reply:
                wait = max(share.token_in(platform), SHARED_PAUSE)
                self._token_in = wait if self._token_in is None else min(wait, self._token_in)
            return shared

        return room

    async def _send_due(self, now: datetime, due: set[Priority]) -> int:
        replies, others = Priority.REPLY in due, bool(due - {Priority.REPLY})
        if not any(
            (replies and self._room(name, True)) or (others and self._room(name, False)) for name in self._roads
        ):
            return 0
        async with self._database.transaction(direct=True) as tx:
            share = await self._shared(tx)
            room = self._room_in(share)
            frozen = await freeze(
                tx, self._settings, self._platforms, room, now, due=due, told=self._told(), carrier=self._carrier
            )
            if share is not None:
                await share.spend(tx, [(c.platform, c.call_id, c.attempt) for c in frozen if not c.reply])
        if frozen:
            self._leaving(frozen[-1].call_id)
        for call in frozen:
            self._start(call)
        return len(frozen)

    async def _repeat_doubtful(self, told: datetime) -> int:
        again: list[Frozen] = []
        async with self._database.transaction() as tx:
            share = await self._shared(tx)
            room_in = self._room_in(share)
            room = {name: room_in(name, False) for name in self._roads}
            elsewhere = [name for name in self._roads if not self._here(name)]
            for call in await tx.calls.doubtful(told, REPEATS, elsewhere=elsewhere):
                window = self._window(call.platform)
                if told - call.first_at >= window or not await still_wanted(tx, call.id):
                    gone = Ended(call.id, call.tries, Outcome(Verdict.DOUBTFUL, "unknown"), timedelta(), told)
                    await settle(tx, self._settings, [gone], now=self._clock.now(), jitter=0)
                elif not (road := self._roads.get(call.platform)) or not road.is_open(told):
                    await tx.calls.doubt(call.id, next_at=told + HELD_PAUSE, http_status=None, code=call.code)
                elif room[call.platform] > 0:
                    room[call.platform] -= 1
                    await tx.calls.again(call, told, self._carrier)
                    request = Request(call.api, call.body)
                    again.append(Frozen(call.id, call.platform, request, reply=False, attempt=call.tries))
            if share is not None:
                await share.spend(tx, [(c.platform, c.call_id, c.attempt) for c in again])
        for frozen in again:
            self._start(frozen)
        return len(again)

    def _window(self, platform: str) -> timedelta:
        """How long the bytes of a call may leave again."""
        known = self._platforms.get(platform)
        return known.limits.repeat_window if known is not None else FORGET_AFTER

    def _start(self, frozen: Frozen) -> None:
        self._roads[frozen.platform].start(reply=frozen.reply)
        task = asyncio.create_task(self._carry(frozen), name=f"call-{frozen.call_id}")
        self._tasks[task] = frozen.call_id
        task.add_done_callback(self._tasks.pop)

    async def _carry(self, frozen: Frozen) -> None:
        """One request, outside of any transaction, and then its outcome."""
        outcome = Outcome(Verdict.DOUBTFUL, "no_answer")
        try:
            with bound(call_id=frozen.call_id, platform=frozen.platform):
                here("K7")
                try:
                    outcome = await self._platforms[frozen.platform].deliver(frozen.request)
                except Exception:
                    log.exception("call.failed")
                here("K10")
                CALLS.labels(frozen.platform, frozen.request.api, outcome.verdict).inc()
                log.info("call.ended", api=frozen.request.api, verdict=outcome.verdict, code=outcome.code)
                window = self._window(frozen.platform)
                await self._recorder.record(Ended(frozen.call_id, frozen.attempt, outcome, window, self._told()))
        finally:
            self._moved = self._clock.elapsed()
            self._roads[frozen.platform].finish(outcome, reply=frozen.reply, now=self._told())
            self._wake.set()
