"""A group bot that runs against the far side, and what it heard and said."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.clock import ManualClock
from bot.config import WeComBotConfig
from bot.platforms.wecom_bot.pace import Pace
from bot.platforms.wecom_bot.platform import WeComBot
from bot.update import Update
from tests.bot.platforms.wecom_bot.far_side import FarSide, Line

SECRET = "s3cr3t-of-the-group-bot-9f2c"
START = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
LONG = timedelta(hours=1)
QUICK = Pace(
    connect=timedelta(seconds=2),
    ack=timedelta(seconds=2),
    close=timedelta(milliseconds=50),
    ping=LONG,
    backoff_first=timedelta(milliseconds=10),
    backoff_most=timedelta(milliseconds=40),
    kicked=timedelta(milliseconds=20),
    refused=timedelta(milliseconds=20),
    finish=timedelta(milliseconds=200),
)


class Desk:
    """One bot and its surroundings."""

    def __init__(self, far: FarSide, clock: ManualClock, pace: Pace, **options: Any) -> None:
        self.far, self.clock = far, clock
        self.updates: asyncio.Queue[Update] = asyncio.Queue()
        self.alarms: asyncio.Queue[str] = asyncio.Queue()
        self.gaps: asyncio.Queue[timedelta] = asyncio.Queue()
        self.handle: Callable[[Update], Any] = self._keep
        config = options.pop("config", None)
        config = config or WeComBotConfig(bot_id="aib-branch-01", secret=SecretStr(SECRET), ws_url=far.url)
        alarm = options.pop("alarm", self._alarm)
        self.bot = WeComBot(config, clock, alarm, pace=pace, rng=random.Random(7), on_gap=self._gap, **options)

    async def _keep(self, update: Update) -> None:
        self.updates.put_nowait(update)

    async def _alarm(self, key: str, /, **params: object) -> None:
        assert SECRET not in repr(params)
        self.alarms.put_nowait(key)

    async def _gap(self, gap: timedelta) -> None:
        self.gaps.put_nowait(gap)

    async def line(self) -> Line:
        """The next connection, once the bot knows that it is ready."""
        line = await self.far.line()
        await until(lambda: self.bot.connected)
        return line

    async def heard(self) -> Update:
        async with asyncio.timeout(20):
            return await self.updates.get()

    async def alarmed(self) -> str:
        async with asyncio.timeout(20):
            return await self.alarms.get()


@asynccontextmanager
async def desk(
    far: FarSide, pace: Pace = QUICK, *, clock: ManualClock | None = None, **options: Any
) -> AsyncIterator[Desk]:
    """Runs the bot; at the end it is cancelled and must have left no task behind."""
    before = asyncio.all_tasks()
    surroundings = Desk(far, clock or ManualClock(START), pace, **options)
    running = asyncio.create_task(surroundings.bot.run(lambda update: surroundings.handle(update)))
    try:
        yield surroundings
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await surroundings.bot.close()
        left = {t.get_name() for t in asyncio.all_tasks() - before if t.get_name().startswith("wecom_bot")}
        assert not left
        assert not surroundings.bot.connected


def paced(**changes: Any) -> Pace:
    """The quick pace with some waits changed."""
    return replace(QUICK, **changes)


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something to become true."""
    for _ in range(2500):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise TimeoutError
