"""A version that grows with every change, and waiting for it to grow."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta


class Changes:
    """Wakes whoever waits when something happened: the page's event stream, and tests."""

    def __init__(self) -> None:
        self.version = 0
        self._ended = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def closed(self) -> bool:
        """Whether nothing will change any more."""
        return self._ended.is_set()

    def bump(self) -> None:
        """Something changed."""
        self.version += 1
        self._wake()

    def close(self) -> None:
        """Nothing will change any more: every waiter returns."""
        self._ended.set()
        self._wake()

    async def beyond(self, version: int) -> int:
        """Waits until the version is greater than this one or all is closed; returns the present version."""
        while self.version <= version and not self.closed:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
        return self.version

    async def until(self, happened: Callable[[], bool], within: timedelta) -> None:
        """Waits until `happened()` is true, looking after each change. Raises TimeoutError after real time."""
        async with asyncio.timeout(within.total_seconds()):
            while not happened():
                if self.closed:
                    raise TimeoutError("the simulator is closed")
                await self.beyond(self.version)

    async def pause(self, time: timedelta) -> None:
        """Sleeps so long in real time, or until all is closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(time.total_seconds()):
                await self._ended.wait()

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
