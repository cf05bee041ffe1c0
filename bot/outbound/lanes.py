"""How much of a platform's road is open: held or not, how many calls at once, how fast."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.platforms.base import Limits, Outcome, Verdict

FAILURES_TO_HOLD = 5
"""So many network failures in a row hold the road; then one call a minute tries it."""
NETWORK_HOLD = timedelta(minutes=1)
BURST = 5


class Road:
    """One platform's road out. Answers to people have a place of their own, which a push never takes."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._width = limits.concurrent_calls
        self._failures = 0
        self._tokens = float(BURST)
        self._filled_at = monotonic()
        self.held_until: datetime | None = None
        self.running = 0
        self.replying = 0

    def is_open(self, now: datetime) -> bool:
        """Whether anything may be sent."""
        return self.held_until is None or self.held_until <= now

    def room(self) -> int:
        """How many calls of the bot's own may start now."""
        elapsed = self._monotonic() - self._filled_at
        self._filled_at += elapsed
        self._tokens = min(BURST, self._tokens + elapsed * self._limits.calls_per_second)
        return max(0, min(self._width - self.running, int(self._tokens)))

    def reply_room(self) -> int:
        """How many answers may start now."""
        return max(0, self._limits.concurrent_calls - self.replying)

    def start(self, *, reply: bool) -> None:
        if reply:
            self.replying += 1
        else:
            self.running += 1
            self._tokens -= 1

    def finish(self, outcome: Outcome, *, reply: bool, now: datetime) -> None:
        """Learns from how a call ended."""
        if reply:
            self.replying -= 1
        else:
            self.running -= 1
        if outcome.hold and outcome.after is not None:
            self.held_until, self._width = now + outcome.after, 1
        elif outcome.verdict is Verdict.LATER and outcome.reason == "parallel":
            self._width = max(1, self._width // 2)
        elif outcome.http_status is None and outcome.verdict in (Verdict.LATER, Verdict.DOUBTFUL):
            self._failures += 1
            if self._failures >= FAILURES_TO_HOLD:
                self.held_until, self._width = now + NETWORK_HOLD, 1
        elif outcome.verdict in (Verdict.ACCEPTED, Verdict.REFUSED):
            self._failures, self.held_until = 0, None
            self._width = min(self._limits.concurrent_calls, self._width * 2)
