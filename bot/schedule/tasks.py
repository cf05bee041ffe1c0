"""Work that never ends: held, restarted with a growing pause when it fails, seen when it is dead."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.log import get_logger

log = get_logger("schedule.tasks")

LONGEST_PAUSE = timedelta(minutes=1)


async def steadily(step: Callable[[], Awaitable[int]], pause: timedelta) -> None:
    """A step after the other until cancelled; a pause when one found nothing to do."""
    while True:
        if not await step():
            await asyncio.sleep(pause.total_seconds())


class Tasks:
    """The endless tasks of one process."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failing: set[str] = set()

    def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` until `stop`, again and again should it raise."""
        self._tasks[name] = asyncio.create_task(self._hold(name, work), name=name)

    def dead(self) -> list[str]:
        """The tasks that are not running, or failed at their last start."""
        return sorted({name for name, task in self._tasks.items() if task.done()} | self._failing)

    async def stop(self, *names: str) -> None:
        """Ends these tasks, or all."""
        ending = [self._tasks.pop(name) for name in (names or tuple(self._tasks)) if name in self._tasks]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = timedelta(seconds=1)
        while True:
            try:
                await work()
            except Exception:
                log.exception("task.failed", task=name)
                self._failing.add(name)
            await asyncio.sleep(pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)
            self._failing.discard(name)
