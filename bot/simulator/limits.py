"""How much is too much: the vendor's quotas, each of which a test may change."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.simulator.refusal import Refusal

VENDOR_ZONE = ZoneInfo("Asia/Shanghai")
"""Where the vendor's day begins."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class CallLimit:
    """At most `calls` of one API within `per`; what goes over it blocks the API for `block`."""

    calls: int
    per: timedelta
    block: timedelta
    accepted: deque[datetime] = field(default_factory=deque)
    blocked_until: datetime | None = None


class Limits:
    """Quotas of the app.

    `per_minute` and `per_hour` hold for one member: above them messages vanish without an error. `account_cap` is
    the corporation's size: 200 times that many recipients may be written to in a day. `concurrent` is how many
    calls of one API may run at once, None for any.
    """

    def __init__(self) -> None:
        self.per_minute = 30
        self.per_hour = 1000
        self.account_cap = 10_000
        self.concurrent: int | None = None
        self._calls: dict[str, CallLimit] = {}
        self._day: date | None = None
        self._spent = 0

    def limit(self, api: str, calls: int, per: timedelta = MINUTE, block: timedelta | None = None) -> None:
        """Switches on a limit for one API; the block lasts as long as the window unless said otherwise."""
        self._calls[api] = CallLimit(calls, per, per if block is None else block)

    def unlimit(self, api: str) -> None:
        """Takes the limit of an API away."""
        self._calls.pop(api, None)

    def admit(self, api: str, now: datetime) -> None:
        """Counts a call. Raises Refusal 45009 over the limit and while its block lasts."""
        limit = self._calls.get(api)
        if limit is None:
            return
        if limit.blocked_until is not None and now < limit.blocked_until:
            raise Refusal(45009)
        while limit.accepted and limit.accepted[0] <= now - limit.per:
            limit.accepted.popleft()
        if len(limit.accepted) >= limit.calls:
            limit.blocked_until = now + limit.block
            raise Refusal(45009)
        limit.accepted.append(now)

    def spend(self, recipients: int, now: datetime) -> None:
        """Counts recipients against the day's budget. Raises Refusal 45009 when it would be passed."""
        today = now.astimezone(VENDOR_ZONE).date()
        if today != self._day:
            self._day, self._spent = today, 0
        if self._spent + recipients > 200 * self.account_cap:
            raise Refusal(45009, "day quota of the agent")
        self._spent += recipients

    def swallows(self, arrivals: list[float], at: float) -> bool:
        """Whether one more message to a member at this POSIX time is dropped in silence; counts it if not."""
        if _too_many(arrivals, at, self.per_minute, MINUTE) or _too_many(arrivals, at, self.per_hour, HOUR):
            return True
        arrivals.append(at)
        if len(arrivals) > 4 * self.per_hour:
            del arrivals[: -self.per_hour]
        return False


def _too_many(arrivals: list[float], at: float, most: int, window: timedelta) -> bool:
    if most <= 0:
        return True
    return len(arrivals) >= most and arrivals[-most] > at - window.total_seconds()
