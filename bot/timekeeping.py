"""What time it is at the platforms: asked once before the first callback comes, for callbacks are judged by it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.log import get_logger
from bot.platforms.base import Platform
from bot.platforms.official_account.platform import OfficialAccount
from bot.platforms.wecom.platform import WeCom

log = get_logger("timekeeping")

TOLD_WITHIN = timedelta(seconds=2)
"""So long a start waits for it. The machine's own clock may be right, and callbacks should not wait."""


class Timekeeping:
    """The platforms that tell the time with every answer. Until they have, our own clock is believed."""

    def __init__(self, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self._clock = clock
        self._keepers = {
            name: platform for name, platform in platforms.items() if isinstance(platform, WeCom | OfficialAccount)
        }

    async def ask(self) -> None:
        """Asks those that have not told it yet, all at once, and waits no longer than `TOLD_WITHIN`."""
        silent = self.silent()
        if not silent:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(TOLD_WITHIN.total_seconds()):
                await asyncio.gather(*(self._keepers[name].clock_offset() for name in silent))
        if still := self.silent():
            log.warning("clock.not_told", platforms=still)

    def silent(self) -> list[str]:
        """Those that have not told it since we began."""
        return [name for name, platform in self._keepers.items() if platform.skew() is None]

    def skews(self) -> dict[str, timedelta]:
        """Each platform's time less ours, of those that have told it."""
        told = {name: platform.skew() for name, platform in self._keepers.items()}
        return {name: skew for name, skew in told.items() if skew is not None}

    def now(self) -> datetime:
        """The time as platforms tell it, whatever our own clock is set to; ours as long as none has told it."""
        return self._clock.now() + next(iter(self.skews().values()), timedelta())

    async def confirmed(self, name: str) -> timedelta | None:
        """One platform's time less ours, asked anew; None when it does not answer, or there is no such platform."""
        keeper = self._keepers.get(name)
        return await keeper.clock_offset() if keeper is not None else None

    async def check(self) -> str | None:
        """Why callbacks may be taken for stale ones, in a few words; None when all is well."""
        silent = self.silent()
        return f"{', '.join(silent)}: nobody has told the time since the start" if silent else None
