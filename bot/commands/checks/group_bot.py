"""The group bot: connects and subscribes once, unless the service does, whose connection that would end."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from bot.clock import SystemClock
from bot.commands.checks.finding import Finding, bad, good, skipped
from bot.commands.checks.running import is_running
from bot.commands.session import Session
from bot.config import WeComBotConfig
from bot.platforms.wecom_bot.connection import Cause, Connection
from bot.platforms.wecom_bot.pace import Pace


async def check(session: Session) -> AsyncIterator[Finding]:
    settings = session.config.wecom_bot
    if settings is None:
        yield skipped("bot_off")
    elif await is_running(session):
        yield skipped("bot_running")
    else:
        cause = await _try(settings)
        yield good("bot") if cause is None else bad(f"bot_{cause.value}")


async def _try(settings: WeComBotConfig) -> Cause | None:
    """Why it cannot subscribe; None when it can."""
    ready = asyncio.Event()
    async with aiohttp.ClientSession() as client:
        connection = Connection(client, settings, SystemClock(), Pace(), lambda _: None)
        serving = asyncio.create_task(connection.serve(ready.set))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
        subscribed, ended = ready.is_set(), serving.done()
        for task in (serving, waiting):
            task.cancel()
        await asyncio.gather(serving, waiting, return_exceptions=True)
        if subscribed or not ended:
            return None
        return serving.result().cause
