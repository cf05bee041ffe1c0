"""How fast a visitor may ask: a bucket for each, which fills again by itself."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

REMEMBERED = 10_000
"""Visitors that are counted at a time; beyond, the one that asked the longest ago is forgotten."""


class Rate:
    """At most `burst` at once and `per_minute` for ever. `elapsed` is a clock that nobody sets."""

    def __init__(self, elapsed: Callable[[], timedelta], *, burst: int, per_minute: float) -> None:
        self._elapsed = elapsed
        self._burst, self._per_second = float(burst), per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether anybody is counted."""
        return bool(self._buckets)

    def takes(self, visitor: str) -> bool:
        """Counts one request; False for one too many, which fills nothing and costs nothing."""
        left, now = self._left(visitor)
        allowed = left >= 1
        self._buckets[visitor] = (left - 1 if allowed else left, now)
        self._buckets.move_to_end(visitor)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return allowed

    def is_empty(self, visitor: str) -> bool:
        """Whether the next one would be one too many."""
        return visitor in self._buckets and self._left(visitor)[0] < 1

    def _left(self, visitor: str) -> tuple[float, float]:
        now = self._elapsed().total_seconds()
        left, at = self._buckets.get(visitor, (self._burst, now))
        return min(self._burst, left + (now - at) * self._per_second), now
