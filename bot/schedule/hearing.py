"""What is heard of each platform, hour by hour: a connection that lives and brings nothing is not noticed otherwise."""

from collections import Counter
from datetime import UTC, datetime, timedelta

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
        self._hours: dict[int, Counter[str]] = {}
        """Hour → platform → how much."""
        self._this: Counter[str] = Counter()
        self._begins = self._ends = datetime.min.replace(tzinfo=UTC)
        """Of the hour that `_this` counts."""
        self._last: dict[str, datetime] = {}

    def note(self, platform: str, count: int = 1) -> None:
        """So much came in."""
        now = self._clock.now()
        if not self._begins <= now < self._ends:
            self._turn_to(now)
        self._this[platform] += count
        self._last[platform] = now

    def _turn_to(self, now: datetime) -> None:
        hour = _hour(now)
        self._hours = {each: counts for each, counts in self._hours.items() if each >= hour - KEPT}
        self._this = self._hours.setdefault(hour, Counter())
        self._begins = datetime.fromtimestamp(hour * HOUR.total_seconds(), UTC)
        self._ends = self._begins + HOUR

    def since(self) -> dict[str, timedelta]:
        """Platform → how long ago something came in, of those that brought anything since the start."""
        now = self._clock.now()
        return {platform: max(now - at, timedelta()) for platform, at in self._last.items()}

    def is_deaf(self, platform: str, *, beside: str) -> bool:
        """Nothing came for a whole hour that is usually busy, while the platform `beside` brought a lot."""
        last = _hour(self._clock.now()) - 1
        if self._heard(platform, last) or self._heard(platform, last + 1) or self._heard(beside, last) < BUSY:
            return False
        busy = [self._heard(platform, last - 24 * day) >= BUSY for day in range(1, DAYS + 1)]
        return sum(busy) >= OF_THEM

    def _heard(self, platform: str, hour: int) -> int:
        return self._hours.get(hour, Counter())[platform]


def _hour(at: datetime) -> int:
    return int(at.timestamp() // HOUR.total_seconds())
