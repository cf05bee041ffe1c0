"""Work that only one of all instances may do at a time, done while its lease is held and never longer."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import LeaseLost
from bot.log import get_logger
from storage.database import Database
from storage.leases import INSTANCE
from storage.transaction import Transaction

log = get_logger("schedule.leases")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a lease lives. Another instance goes on at most `life` and `ask` after a holder died."""

    life: timedelta = timedelta(seconds=10)
    renew: timedelta = timedelta(seconds=3)
    ask: timedelta = timedelta(seconds=2)
    """How often those ask who wait for it."""
    margin: timedelta = timedelta(seconds=1)
    """So long before its end a holder stops that could not renew it: it is over before anybody else begins."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A lease while it is ours. Pass it on to what writes."""

    name: str
    fence: int

    async def check(self, tx: Transaction) -> None:
        """Call it in each transaction that the holder alone may commit. Raises LeaseLost for an old fence."""
        if not await tx.leases.is_current(self.name, self.fence):
            raise LeaseLost(self.name)


Work = Callable[[Hold], Awaitable[None]]


class Leases:
    """The leases of one instance."""

    def __init__(
        self, database: Database, pace: Pace | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._pace = pace or Pace()
        self._monotonic = monotonic
        self.instance = secrets.token_hex(8)
        """Who we are to the others: another one after each start."""
        self._held: set[str] = set()
        self._shown = asyncio.Event()

    @property
    def alive(self) -> bool:
        """Whether the others see that we live. While they do not they repeat what we send, so we send nothing."""
        return self._database.is_sqlite or self.holds(INSTANCE + self.instance)

    async def live(self) -> None:
        """Shows the others that we live, until cancelled. On SQLite there are no others."""

        async def stay(_: Hold) -> None:
            self._shown.set()
            await asyncio.Event().wait()

        await (asyncio.Event().wait() if self._database.is_sqlite else self.always(INSTANCE + self.instance, stay))

    async def shown(self) -> None:
        """Until the others have been shown for the first time that we live."""
        if not self._database.is_sqlite:
            await self._shown.wait()

    def holds(self, name: str) -> bool:
        """Whether we do its work right now."""
        return name in self._held

    async def once(self, name: str, work: Work) -> bool:
        """Does the work once; False when another instance does it at the moment.

        Raises LeaseLost when the lease was lost on the way: the work has been cancelled.
        """
        async with self._database.apart() as tx:
            asked_at = self._monotonic()
            fence = await tx.leases.take(name, self.instance, self._pace.life)
        if fence is None:
            return False
        hold = Hold(name, fence)
        log.info("lease.taken", lease=name, fence=fence)
        self._held.add(name)
        try:
            await self._under(hold, work, asked_at)
        finally:
            self._held.discard(name)
            with suppress(Exception):  # it ends by itself
                async with self._database.apart() as tx:
                    await tx.leases.give_up(name, fence)
        return True

    async def always(self, name: str, work: Work) -> None:
        """Does work that never ends, here whenever no other instance does it; until cancelled."""
        while True:
            try:
                await self.once(name, work)
            except LeaseLost:
                log.warning("lease.lost", lease=name)
            await asyncio.sleep(self._pace.ask.total_seconds())

    async def _under(self, hold: Hold, work: Work, renewed_at: float) -> None:
        """The work, cancelled when the lease is somebody else's, or may soon be."""
        doing = asyncio.ensure_future(work(hold))
        try:
            while not (await asyncio.wait({doing}, timeout=self._pace.renew.total_seconds()))[0]:
                asked_at = self._monotonic()
                if await self._renew(hold, renewed_at):
                    renewed_at = asked_at
                elif self._is_over(renewed_at):
                    raise LeaseLost(hold.name)
            await doing
        finally:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)

    async def _renew(self, hold: Hold, renewed_at: float) -> bool:
        """False when the database could not be asked. Raises LeaseLost when somebody else has it."""
        left = None if self._database.is_sqlite else self._end_of(renewed_at) - self._monotonic()
        try:
            async with asyncio.timeout(left), self._database.apart() as tx:
                renewed = await tx.leases.renew(hold.name, hold.fence, self._pace.life)
        except Exception:
            log.warning("lease.not_renewed", lease=hold.name)
            return False
        if not renewed:
            raise LeaseLost(hold.name)
        return True

    def _is_over(self, renewed_at: float) -> bool:
        """On SQLite nobody else is there to take it."""
        return not self._database.is_sqlite and self._monotonic() >= self._end_of(renewed_at)

    def _end_of(self, renewed_at: float) -> float:
        return renewed_at + (self._pace.life - self._pace.margin).total_seconds()
