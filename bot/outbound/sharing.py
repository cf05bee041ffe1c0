"""What several instances must share out: each platform's calls at once, and its calls in any second."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.outbound.lanes import window_of
from bot.platforms.base import Limits
from storage.roads import Trip
from storage.transaction import Transaction


class Share:
    """What the roads have left for this instance, in a transaction during which no other instance sends."""

    def __init__(
        self,
        limits: Mapping[str, Limits],
        trips: Mapping[str, Sequence[Trip]],
        others: Mapping[tuple[str, bool], int],
        now: datetime,
    ) -> None:
        """`trips` are each platform's calls lately; `now` is the instant by the database's clock."""
        self._limits, self._others, self._now = limits, others, now
        self._count: dict[str, list[Trip]] = {}
        """The calls that each platform still counts."""
        self._free_at: dict[str, datetime | None] = {}
        """When it counts one less; None while nobody knows."""
        for name, each in limits.items():
            until = _counted_until(trips.get(name, ()), window_of(each)[1])
            self._count[name] = [trip for trip, at in until if at is None or at > now]
            self._free_at[name] = min((at for _, at in until if at is not None and at > now), default=None)

    @classmethod
    async def of(cls, tx: Transaction, limits: Mapping[str, Limits], carrier: str) -> "Share":
        """Calls of a dead instance count until its lease is over."""
        trips, now = await tx.roads.trips(limits)
        share = cls(limits, trips, await tx.calls.carried_by_others(carrier), now)
        for name, kept in share._count.items():
            if any(trip.ended_at == now for trip in kept):  # from now on it is known that it is over
                await tx.roads.keep(name, kept, share._left(name))
        return share

    def room(self, platform: str, reply: bool, own: int) -> int:
        """How many of its `own` calls this instance may start."""
        others = self._limits[platform].concurrent_calls - self._others.get((platform, reply), 0)
        return max(0, min(own, others) if reply else min(own, others, self._left(platform)))

    def token_in(self, platform: str) -> timedelta:
        """How long until the pace lets one more call start; zero where nobody knows."""
        free_at = self._free_at[platform]
        return timedelta() if self._left(platform) > 0 or free_at is None else free_at - self._now

    async def spend(self, tx: Transaction, calls: Iterable[tuple[str, int, int]]) -> None:
        """These calls of the bot's own start: (platform, call, the how manieth time its bytes leave)."""
        begun: dict[str, list[Trip]] = {}
        for platform, call_id, attempt in calls:
            begun.setdefault(platform, []).append(Trip(call_id, attempt, self._now))
        for platform, trips in sorted(begun.items()):
            self._count[platform] += trips
            await tx.roads.keep(platform, self._count[platform], self._left(platform))

    def _left(self, platform: str) -> int:
        return max(0, window_of(self._limits[platform])[0] - len(self._count[platform]))


def _counted_until(trips: Sequence[Trip], window: timedelta) -> list[tuple[Trip, datetime | None]]:
    """Until when the platform counts each; see `Road`. None as long as a call is under way."""
    quickest = min((trip.ended_at - trip.began_at for trip in trips if trip.ended_at is not None), default=timedelta())
    return [(trip, None if trip.ended_at is None else trip.ended_at - quickest + window) for trip in trips]
