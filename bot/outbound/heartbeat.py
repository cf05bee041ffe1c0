"""A sign of life to somebody outside: a bot that is dead cannot say so, but its silence is heard."""

import aiohttp

from bot.log import get_logger
from bot.metrics import HEARTBEATS

log = get_logger("outbound.heartbeat")

TIMEOUT = aiohttp.ClientTimeout(total=10)


class Heartbeat:
    """Asks for one address, which belongs to whatever waits for it. The address is a secret: it is never logged."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def beat(self) -> bool:
        """Whether it was heard. Redirects are not followed."""
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT, headers={"User-Agent": "branchbot"}) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                heard = response.ok
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("heartbeat.failed", error=type(error).__name__)
            heard = False
        HEARTBEATS.labels("heard" if heard else "lost").inc()
        return heard
