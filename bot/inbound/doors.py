"""Connections that somebody opened and says nothing on are closed: nobody holds them by the thousand."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from aiohttp import web

from bot.log import get_logger
from bot.metrics import LIMITED

log = get_logger("inbound.doors")

SPEAKS_WITHIN = timedelta(seconds=15)
"""The first request of a connection has arrived, headers and all, and is being answered by then."""
KEPT_ALIVE = timedelta(seconds=75)
"""How long a connection may rest between two requests: longer than a proxy's own."""
LOOK = timedelta(seconds=5)


class Doors:
    """Looks after the connections of one server. A web application tells it, by a signal, who has spoken."""

    def __init__(self, runner: web.AppRunner, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._runner = runner
        self._monotonic = monotonic
        self._opened: dict[int, float] = {}
        """Connection → when it was first seen, of those that have said nothing whole yet."""
        self._spoken: set[int] = set()

    async def spoke(self, request: web.Request, _: web.StreamResponse) -> None:
        """For `on_response_prepare`: a whole request has come."""
        self._spoken.add(id(request.protocol))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK.total_seconds())

    def look(self) -> int:
        """Closes what has been silent for too long; how many those were."""
        server = self._runner.server
        connections = {id(each): each for each in server.connections} if isinstance(server, web.Server) else {}
        self._spoken &= connections.keys()
        now, closed = self._monotonic(), 0
        silent = {key: self._opened.get(key, now) for key in connections if key not in self._spoken}
        for key, since in list(silent.items()):
            if now - since > SPEAKS_WITHIN.total_seconds():
                connections[key].force_close()
                del silent[key]
                closed += 1
        self._opened = silent
        if closed:
            LIMITED.labels("silent").inc(closed)
            log.info("connection.silent", count=closed)
        return closed
