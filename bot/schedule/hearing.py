"""What is heard of each platform, hour by hour: a connection that lives and brings nothing is not noticed otherwise."""

from collections import Counter
from datetime import datetime, timedelta

from bot.clock import Clock

BUSY = 5
"""So much heard makes an hour a busy one."""
DAYS, OF_THEM = 3, 2
"""Of so many last days, so many were busy at this hour."""
KEPT = 24 * (DAYS + 1)
"""Hours that are remembered. A start begins anew, and nothing is judged before there is something to compare with."""
HOUR = timedelta(hours=1)


class Hearing:
    """Notes what came in, by platform."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[tuple[str, int]] = Counter()
        self._last: dict[str, datetime] = {}

    def note(self, platform: str) -> None:
        """Something came in."""
        now = self._clock.now()
        key = (platform, _hour(now))
        if key not in self._counts:
            for old in [each for each in self._counts if each[1] < key[1] - KEPT]:
                del self._counts[old]
        self._counts[key] += 1
        self._last[platform] = now

    def since(self) -> dict[str, timedelta]:
        """Platform → how long ago something came in, of those that brought anything since the start."""
        now = self._clock.now()
        return {platform: max(now - at, timedelta()) for platform, at in self._last.items()}

    def is_deaf(self, platform: str, *, beside: str) -> bool:
        """Nothing came for a whole hour that is usually busy, while the platform `beside` brought a lot."""
        last = _hour(self._clock.now()) - 1
        if self._counts[platform, last] or self._counts[platform, last + 1] or self._counts[beside, last] < BUSY:
            return False
        busy = [self._counts[platform, last - 24 * day] >= BUSY for day in range(1, DAYS + 1)]
        return sum(busy) >= OF_THEM


def _hour(at: datetime) -> int:
    return int(at.timestamp() // HOUR.total_seconds())
