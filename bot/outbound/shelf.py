"""Where all instances keep a platform's token: whoever needs another one fetches it for all, one at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.errors import LeaseLost
from bot.log import get_logger
from bot.platforms.sealing import Sealing
from bot.platforms.tokens import Kept
from bot.schedule.leases import Hold, Leases
from storage.database import Database
from storage.tokens import Stored

log = get_logger("outbound.shelf")

LOOK_EVERY, PATIENCE = timedelta(milliseconds=100), timedelta(seconds=20)
"""How often, and how long, one looks who waits for another's fetch: longer than the lease of one who died with it."""


class TokenShelf:
    """See `bot.platforms.tokens.Shelf`: the token lies sealed in the database, and one lease is for its fetching."""

    def __init__(self, database: Database, leases: Leases, clock: Clock, secret: bytes, app: str) -> None:
        self._database, self._leases, self._clock, self._app = database, leases, clock, app
        self._sealing = Sealing(secret, f"token of {app}")

    async def fetch(self, fetch: Callable[[], Awaitable[Kept]], *, unlike: str) -> Kept:
        """See Shelf. Raises TimeoutError when another instance is at it for too long."""
        found: list[Kept] = []

        async def work(hold: Hold) -> None:
            kept = await self._look(unlike) or await self._fetched(fetch, hold)
            found.append(kept)

        async with asyncio.timeout(PATIENCE.total_seconds()):
            while True:
                if kept := await self._look(unlike):
                    return kept
                try:
                    if await self._leases.once(f"token:{self._app}", work):
                        return found[0]
                except LeaseLost:
                    log.warning("token.not_kept", app=self._app)
                await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _look(self, unlike: str) -> Kept | None:
        """The token that lies there, if it is another one and good."""
        async with self._database.reading() as tx:
            stored = await tx.tokens.get(self._app)
        if stored is None or stored.good_until <= self._clock.now():
            return None
        try:
            value = self._sealing.open(stored.sealed)
        except ValueError:
            return None  # the key was changed
        return Kept(value, stored.fetched_at, stored.good_until) if value != unlike else None

    async def _fetched(self, fetch: Callable[[], Awaitable[Kept]], hold: Hold) -> Kept:
        kept = await fetch()
        async with self._database.apart() as tx:
            await hold.check(tx)
            await tx.tokens.put(self._app, Stored(self._sealing.close(kept.value), kept.fetched_at, kept.good_until))
        return kept
