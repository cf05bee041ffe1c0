"""Whether the service runs on this machine, right now."""

import aiohttp

from bot.commands.session import Session
from bot.commands.store import process_lock

TIMEOUT = aiohttp.ClientTimeout(total=5)
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


async def is_running(session: Session) -> bool:
    """By its lock, or by its own address where there is none (PostgreSQL)."""
    lock = process_lock(session.config)
    if lock is not None:
        return lock.holder() is not None
    server = session.config.server
    return await answers(f"http://{_ANY_ADDRESS.get(server.host, server.host)}:{server.port}/healthz") == 200


async def answers(address: str) -> int | str:
    """The status of a GET, or the kind of failure. Redirects are not followed."""
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as client,
            client.get(address, allow_redirects=False) as response,
        ):
            return response.status
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return type(error).__name__
