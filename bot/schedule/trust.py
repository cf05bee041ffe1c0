"""Whether the machine's clock may be believed: one that jumps ahead must not send a month of reminders at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.log import get_logger
from bot.services.alarms import raise_lasting
from bot.services.clock import confirmed_at
from bot.services.settings import Settings
from storage.database import Database

log = get_logger("schedule.trust")

JUMP = timedelta(minutes=10)
"""How much further the clock may go between two looks than time has passed."""
ASK_EVERY = timedelta(minutes=1)


class Trust:
    """Given, until the clock jumps ahead; again once the platform's time, or an administrator, says that it is right.

    `ask` is the platform's time less ours, or None when nobody answers. A clock that is set back is believed, too.
    """

    def __init__(
        self, database: Database, settings: Settings, clock: Clock, ask: Callable[[], Awaitable[timedelta | None]]
    ) -> None:
        self._database, self._settings, self._clock, self._ask = database, settings, clock, ask
        self._wall, self._elapsed = clock.now(), clock.elapsed()
        self._ahead = timedelta()
        """How far the clock has jumped since it was last believed."""
        self._jumped_at = self._wall
        self._asked_at: timedelta | None = None

    async def begin(self, offset: timedelta | None) -> None:
        """A start with a clock that is ahead is like a jump. `offset`: the platform's time less ours, if known."""
        await self._bring_back()
        if offset is not None and offset < -JUMP:
            self._ahead, self._jumped_at = -offset, self._clock.now()
            log.warning("clock.ahead", minutes=int(self._ahead.total_seconds() // 60))

    async def is_given(self) -> bool:
        """Looks at the clock once more. Alarms the administrators when it does not believe it."""
        wall, elapsed = self._clock.now(), self._clock.elapsed()
        jump = (wall - self._wall) - (elapsed - self._elapsed)
        self._wall, self._elapsed = wall, elapsed
        if abs(jump) > JUMP:
            if self._ahead <= JUMP:
                self._jumped_at, self._asked_at = wall, None
            self._ahead = max(self._ahead + jump, timedelta())
            log.warning("clock.jumped", minutes=int(jump.total_seconds() // 60))
            if jump < timedelta():
                await self._bring_back()
        if self._ahead <= JUMP:
            return True
        if await self._is_confirmed(elapsed):
            log.info("clock.believed")
            self._ahead = timedelta()
            return True
        return False

    async def _bring_back(self) -> None:
        """What was said by a clock that was ahead waits no longer: somebody stands before it, and more behind it."""
        async with self._database.transaction() as tx:
            if brought := await tx.messages.bring_back(self._clock.now(), JUMP):
                log.warning("clock.brought_back", messages=brought)

    async def _is_confirmed(self, elapsed: timedelta) -> bool:
        async with self._database.reading() as tx:
            confirmed = await confirmed_at(tx)
        if confirmed is not None and confirmed >= self._jumped_at:
            return True
        if self._asked_at is not None and elapsed - self._asked_at < ASK_EVERY:
            return False
        self._asked_at = elapsed
        offset = await self._ask()
        if offset is not None and abs(offset) <= JUMP:
            return True
        async with self._database.transaction() as tx:
            minutes, now = int(self._ahead.total_seconds() // 60), self._clock.now()
            await raise_lasting(tx, self._settings, "clock", "", "", now=now, minutes=minutes, at=now)
        return False
