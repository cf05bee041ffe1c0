"""How much of a platform's road is open: held or not, how many calls at once, how fast."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.platforms.base import Limits, Outcome, Verdict

FAILURES_TO_HOLD = 5
"""So many calls in a row without a readable answer hold the road; then one call a minute tries it."""
BUSY_TO_HOLD = 10
"""So many times in a row "busy" do the same."""
FAILING_HOLD = timedelta(minutes=1)
GOOD_TO_WIDEN = 100
"""After so many good calls one more may run at once, if the platform found them too many before."""
SPARE = timedelta(milliseconds=20)
"""Calls that may begin in one second are spread over a little more: two clocks are never quite the same."""


def window_of(limits: Limits) -> tuple[int, timedelta]:
    """So many calls may count for the platform within such a time."""
    most = max(1, int(limits.calls_per_second))
    return most, timedelta(seconds=most / limits.calls_per_second) + SPARE


class Road:
    """One platform's road out. Answers to people have a place of their own, which a push never takes."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._most = self._width = limits.concurrent_calls
        self._probing = False
        self._good = self._failures = self._busy = 0
        self._most_at_once, window = window_of(limits)
        self._window = window.total_seconds()
        self._began: deque[float] = deque()
        self._ended: deque[tuple[float, float]] = deque()
        """(began, ended) of the calls of the bot's own that may still count for the platform."""
        self.held_until: datetime | None = None
        self.why = ""
        """The reason why it is, or was last, held."""
        self.running = 0
        self.replying = 0

    def is_open(self, now: datetime) -> bool:
        """Whether anything may be sent."""
        return self.held_until is None or self.held_until <= now

    @property
    def is_probing(self) -> bool:
        """Whether it was held and nothing has shown yet that it works again."""
        return self._probing

    def room(self) -> int:
        """How many calls of the bot's own may start now."""
        return max(0, min(self._free(), self._left()))

    def reply_room(self) -> int:
        """How many answers may start now; of a road that was held, one call at a time tries whether it is open."""
        return max(0, min(1, self._free()) if self._probing else self._limits.concurrent_calls - self.replying)

    def token_in(self) -> timedelta | None:
        """How long until the pace lets another call start; None when something else than the pace is in the way."""
        if self._free() <= 0:
            return None
        if self._left() > 0:
            return timedelta()
        if not self._ended:
            return None
        return timedelta(seconds=max(0.0, self._counts_until() - self._monotonic()))

    def start(self, *, reply: bool) -> None:
        if reply:
            self.replying += 1
        else:
            self.running += 1
            self._began.append(self._monotonic())

    def finish(self, outcome: Outcome, *, reply: bool, now: datetime) -> None:
        """Learns from how a call ended."""
        if reply:
            self.replying -= 1
        else:
            self.running -= 1
            self._ended.append((self._began.popleft(), self._monotonic()))
        match outcome.verdict:
            case Verdict.ACCEPTED | Verdict.REFUSED:
                self._went_well(now)
            case Verdict.LATER if outcome.hold and outcome.after is not None:
                self._hold(now + outcome.after, outcome.reason)
            case Verdict.LATER if outcome.reason == "parallel":
                self._most = self._width = max(1, self._width // 2)
                self._good = 0
            case Verdict.LATER if outcome.reason == "busy":
                self._busy += 1
                if self._busy >= BUSY_TO_HOLD:
                    self._hold(now + FAILING_HOLD, outcome.reason)
            case _ if outcome.code is None:
                self._failures += 1
                if self._failures >= FAILURES_TO_HOLD:
                    self._hold(now + FAILING_HOLD, outcome.reason)

    def _went_well(self, now: datetime) -> None:
        if not self.is_open(now):
            return  # it had left before the road was held, and says nothing about it
        self.held_until, self._probing, self._failures, self._busy = None, False, 0, 0
        self._good += 1
        if self._good >= GOOD_TO_WIDEN:
            self._most, self._good = min(self._limits.concurrent_calls, self._most + 1), 0
        self._width = min(self._most, self._width * 2)

    def _hold(self, until: datetime, why: str) -> None:
        self.held_until, self.why, self._width, self._probing = until, why, 1, True

    def _free(self) -> int:
        return self._width - self.running - (self.replying if self._probing else 0)

    def _left(self) -> int:
        """How many more calls the platform takes at the moment.

        When it counted a call nobody here knows: later than the call began, and earlier than its answer came, by about
        what the quickest answer took. A call without an answer may be counted only now.
        """
        now = self._monotonic()
        while self._ended and self._counts_until() <= now:
            self._ended.popleft()
        return self._most_at_once - len(self._ended) - len(self._began)

    def _counts_until(self) -> float:
        """Until when the platform counts the call whose answer came first."""
        quickest = min(ended - began for began, ended in self._ended)
        return self._ended[0][1] - quickest + self._window
