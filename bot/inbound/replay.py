"""From the spool into the database, as soon as it works again."""

import asyncio

from bot.inbound.spool import Spool
from bot.inbound.writer import Writer
from bot.log import get_logger
from bot.platforms.base import Alarm

log = get_logger("inbound.replay")

AT_ONCE = 100
STRIKES = 5
"""How often an update may fail while others are stored before it is the update that is wrong."""


class Replay:
    """Reads in what waits, the oldest first. `alarm` tells an administrator that there was something."""

    def __init__(self, spool: Spool, writer: Writer, alarm: Alarm) -> None:
        self._spool, self._writer, self._alarm = spool, writer, alarm
        self._read_in = 0
        self._strikes: dict[str, int] = {}

    async def step(self) -> int:
        """How many were read in. The first that cannot be stored ends it: most likely none can."""
        done = 0
        for name in (await asyncio.to_thread(self._spool.waiting))[:AT_ONCE] if len(self._spool) else ():
            if not await self._one(name):
                break
            done += 1
        self._read_in += done
        if self._read_in and not len(self._spool):
            count, self._read_in = self._read_in, 0
            log.info("spool.read_in", count=count)
            await self._alarm("spooled", count=count)
        return done

    async def _one(self, name: str) -> bool:
        try:
            update = await asyncio.to_thread(self._spool.read, name)
            if update is not None:
                await self._writer.submit(update)
        except Exception:
            log.exception("spool.not_read_in")
            await self._strike(name)
            return False
        self._spool.remove(name)
        self._strikes.clear()
        return True

    async def _strike(self, name: str) -> None:
        """Tells what is wrong by itself from a database that takes nothing."""
        if not await self._writer.works():
            return
        self._strikes[name] = self._strikes.get(name, 0) + 1
        if self._strikes[name] >= STRIKES:
            self._spool.set_aside(name)
            await self._alarm("update_aside")
