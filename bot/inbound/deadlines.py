"""What happens to those who wait too long: one timer for all of them, however many wait."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Waiting = TypeVar("Waiting")


class Deadlines(Generic[Waiting]):
    """Calls `act` for each that is still waiting when its time is over.

    They come in the order in which their time ends, as they do where all have equally long. `settled` says that
    somebody waits no longer.
    """

    def __init__(self, settled: Callable[[Waiting], bool], act: Callable[[Waiting], None]) -> None:
        self._settled, self._act = settled, act
        self._waiting: deque[tuple[float, Waiting]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, waiting: Waiting, at: float) -> None:
        """`at` is an instant of the running loop's clock."""
        self._waiting.append((at, waiting))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(at, self._look)

    def tidy(self) -> None:
        """Lets those go, from the first on, who wait no longer."""
        while self._waiting and self._settled(self._waiting[0][1]):
            self._waiting.popleft()
        if not self._waiting and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._waiting and self._waiting[0][0] <= loop.time():
            _, waiting = self._waiting.popleft()
            if not self._settled(waiting):
                self._act(waiting)
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0][0], self._look)
