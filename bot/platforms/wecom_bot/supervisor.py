"""Keeps a connection: every end leads to the next try, at a pace that neither storms the platform nor fights.

Two processes that connect the same bot throw each other out for ever. So one that was thrown out waits long, and gives
up for an hour when it happens again and again.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.log import get_logger
from bot.platforms.wecom_bot.connection import Cause, Connection, Ending
from bot.platforms.wecom_bot.pace import Pace

log = get_logger("platforms.wecom_bot")

ALARM_KICKED = "wecom_bot_kicked"
ALARM_FIGHT = "wecom_bot_fight"
ALARM_CREDENTIALS = "wecom_bot_credentials"
ALARM_MODE = "wecom_bot_mode"
_REFUSALS = {Cause.CREDENTIALS: ALARM_CREDENTIALS, Cause.MODE: ALARM_MODE}


class Supervisor:
    """Owns the connection of the moment."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        clock: Clock,
        pace: Pace,
        *,
        warn: Callable[[str], None],
        on_gap: Callable[[timedelta], None],
        rng: random.Random,
    ) -> None:
        """`warn` gets the key of an alarm; `on_gap` how long nothing could be heard, once it was longer than the pace
        allows. Both must return at once.
        """
        self._connect, self._clock, self._pace, self._rng = connect, clock, pace, rng
        self._warn, self._on_gap = warn, on_gap
        self._current: Connection | None = None
        self._last: Ending | None = None
        self._deaf_since: datetime | None = None
        self._lost: timedelta | None = clock.elapsed()
        """When the last connection ended, by the clock that nobody sets; None as long as there is one."""
        self._tries = 0
        self._connected_for = timedelta()
        self._kicks: deque[timedelta] = deque(maxlen=pace.fight_kicks)

    @property
    def connection(self) -> Connection | None:
        """The connection, when it can hear and speak."""
        current = self._current
        return current if current is not None and current.ready else None

    @property
    def disconnected_for(self) -> timedelta | None:
        """How long it can neither hear nor speak; None as long as it can."""
        if self.connection is not None:
            return None
        now = self._clock.elapsed()
        return now - self._lost if self._lost is not None else timedelta()

    @property
    def refusal(self) -> Cause | None:
        """Why the platform turned us away at the last try, where only a person can change that."""
        if self.connection is not None or self._last is None or self._last.cause not in _REFUSALS:
            return None
        return self._last.cause

    async def run(self) -> None:
        """Connects again and again until cancelled."""
        while True:
            pause = self._pause_after(await self._serve_once())
            log.info("socket.waits", seconds=round(pause.total_seconds(), 1))
            await asyncio.sleep(pause.total_seconds())

    async def _serve_once(self) -> Ending:
        connection = self._current = self._connect()
        try:
            ending = await connection.serve(self._ready)
        except Exception:
            log.exception("socket.failed")
            ending = Ending(Cause.BROKEN)
        if connection.ready_at is not None:
            now = self._clock.now()
            lived = max(now - connection.ready_at, timedelta())
            self._connected_for += lived
            if lived >= self._pace.steady:
                self._tries = 0
            # What was written after the last frame that reached us may be lost, however late the end was noticed.
            self._deaf_since = connection.heard_at or now
        self._last = ending
        if self._lost is None:
            self._lost = self._clock.elapsed()
        log.info("socket.ended", cause=ending.cause.value, code=ending.code)
        return ending

    def _ready(self) -> None:
        log.info("socket.ready")
        self._lost = None
        if self._deaf_since is not None:
            gap = self._clock.now() - self._deaf_since
            if gap > self._pace.gap:
                self._on_gap(gap)

    def _pause_after(self, ending: Ending) -> timedelta:
        if ending.cause is Cause.KICKED:
            return self._pause_after_kick()
        if alarm := _REFUSALS.get(ending.cause):
            self._warn(alarm)
            return self._pace.refused
        ceiling = min(self._pace.backoff_first * (1 << min(self._tries, 16)), self._pace.backoff_most)
        self._tries += 1
        return ceiling * self._rng.uniform(0.5, 1)

    def _pause_after_kick(self) -> timedelta:
        """Kicks are counted by the time that we were connected: the long waits between them make no peace."""
        self._kicks.append(self._connected_for)
        if len(self._kicks) == self._pace.fight_kicks and self._kicks[-1] - self._kicks[0] <= self._pace.fight_window:
            self._kicks.clear()
            self._warn(ALARM_FIGHT)
            return self._pace.fight
        self._warn(ALARM_KICKED)
        return self._pace.kicked
