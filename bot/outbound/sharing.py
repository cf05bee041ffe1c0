"""What several instances must share out: each platform's calls at once, and its calls in a second."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.platforms.base import Limits
from storage.transaction import Transaction

BURST = 5
"""So many calls may follow each other at once after a pause."""


class Share:
    """What the roads have left for this instance, in a transaction during which no other instance sends."""

    def __init__(
        self, limits: Mapping[str, Limits], tokens: dict[str, float], others: Mapping[tuple[str, bool], int]
    ) -> None:
        self._limits, self._tokens, self._others = limits, tokens, others
        self._spent: set[str] = set()

    @classmethod
    async def of(cls, tx: Transaction, limits: Mapping[str, Limits], carrier: str) -> "Share":
        """Tokens come back with time; calls of a dead instance count until its lease is over."""
        left = await tx.roads.left(list(limits))
        tokens = {
            name: _filled(each.calls_per_second, *left[name]) if name in left else float(BURST)
            for name, each in limits.items()
        }
        return cls(limits, tokens, await tx.calls.carried_by_others(carrier))

    def room(self, platform: str, reply: bool, own: int) -> int:
        """How many of its `own` calls this instance may start."""
        others = self._limits[platform].concurrent_calls - self._others.get((platform, reply), 0)
        return max(0, min(own, others) if reply else min(own, others, int(self._tokens[platform])))

    def token_in(self, platform: str) -> timedelta:
        """How long until the pace lets one more call start."""
        missing = max(0.0, 1 - self._tokens[platform])
        return timedelta(seconds=missing) / self._limits[platform].calls_per_second

    async def spend(self, tx: Transaction, platforms: Iterable[str]) -> None:
        """A call of the bot's own starts on each of these; what is left is kept for the others."""
        for platform in platforms:
            self._tokens[platform] -= 1
            self._spent.add(platform)
        await tx.roads.leave({platform: self._tokens[platform] for platform in sorted(self._spent)})


def _filled(rate: float, tokens: float, since: timedelta) -> float:
    """A clock that was set back gives nothing back; from the next call on it is right again."""
    return min(float(BURST), tokens + max(0.0, since.total_seconds()) * rate)
