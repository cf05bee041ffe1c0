"""Work that runs beside the read loop and is never forgotten."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from bot.log import get_logger

log = get_logger("platforms.wecom_bot")


class Tasks:
    """Holds its tasks until they end; what they raise is logged once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Runs `work` in the background."""
        task = asyncio.create_task(self._guard(work, name), name=f"wecom_bot:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, grace: timedelta) -> None:
        """Lets everything end within `grace`, cancels the rest."""
        tasks = set(self._tasks)
        if not tasks:
            return
        try:
            await asyncio.wait(tasks, timeout=grace.total_seconds())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _guard(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except Exception:
            log.exception("task.failed", task=name)
