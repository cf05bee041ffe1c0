"""When to try again, and when to stop trying.

`tries` counts the tries that failed so far, from 1. `jitter` is a random number from 0 to 1 that the caller draws.
"""

from __future__ import annotations

from datetime import datetime, timedelta

MOST_COUNTED_TRIES = 8
LONGEST_TRYING = timedelta(hours=24)

_NETWORK_FIRST = timedelta(seconds=2)
_NETWORK_LONGEST = timedelta(minutes=5)
_BUSY = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5))
_DOUBT = (timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120), timedelta(minutes=10))
_PATIENT = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=2), timedelta(hours=5), timedelta(hours=10), timedelta(hours=14)),
)


def network_delay(tries: int, jitter: float) -> timedelta:
    """After a request that never left: 2 s, doubled each time, half more or less, at most 5 min."""
    doublings = min(max(tries, 1) - 1, 20)  # far beyond the longest delay
    spread = 0.5 + min(max(jitter, 0.0), 1.0)
    return min(_NETWORK_FIRST * (1 << doublings) * spread, _NETWORK_LONGEST)


def busy_delay(tries: int) -> timedelta:
    """After the platform said that it is busy: 1, 5, 30 s, then 5 min."""
    return _step(_BUSY, tries)


def doubt_delay(tries: int) -> timedelta:
    """After a request that may have arrived, the same bytes again: 5, 30, 120 s, then 10 min."""
    return _step(_DOUBT, tries)


def patient_delay(tries: int) -> timedelta:
    """After an address that is somebody's own failed, which may be down for a night: 5 s up to 14 h, a day in all."""
    return _step(_PATIENT, tries)


def gives_up(tries_counted: int, first_at: datetime, now: datetime) -> bool:
    """Whether it was tried often enough (8 counted tries) or long enough (24 hours since the first)."""
    return tries_counted >= MOST_COUNTED_TRIES or now - first_at >= LONGEST_TRYING


def _step(delays: tuple[timedelta, ...], tries: int) -> timedelta:
    return delays[min(max(tries, 1), len(delays)) - 1]
