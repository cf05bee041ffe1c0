"""Instants at which a process is killed to see that nothing is lost: each stands where dying hurts most.

Only a program that calls `arm` can switch one on, and the tests' own is the only one: no setting and no variable of
the environment leads here, so nobody does it by accident.
"""

from collections.abc import Callable

POINTS = {
    "K1": "an update is inserted",
    "K2": "an update is committed and not answered",
    "K3": "an update has had its effect, which is not committed",
    "K4": "an item is published",
    "K5": "messages are chosen",
    "K6": "a request's bytes are made and not committed",
    "K7": "a request is frozen and nothing has left",
    "K8": "a request is written",
    "K9": "the platform has answered and nobody has read it",
    "K10": "the answer is read and not recorded",
    "K11": "the answer is recorded",
    "K12": "reminders are made and not committed",
    "K13": "a token is fetched and not kept",
    "K14": "the schema is half-way to its next version",
    "K15": "half of a backup is made",
    "K16": "a roster is read in and not committed",
    "K17": "what was kept long enough is deleted and not committed",
}

_armed: dict[str, Callable[[], None]] = {}


def here(point: str) -> None:
    """The process stands at this point: whatever is armed there happens now."""
    if _armed and (act := _armed.get(point)) is not None:
        act()


def arm(point: str, act: Callable[[], None]) -> None:
    """`act` is called each time the process comes to the point. Raises LookupError when there is no such point."""
    if point not in POINTS:
        raise LookupError(point)
    _armed[point] = act


def disarm() -> None:
    """Nothing happens anywhere any more."""
    _armed.clear()


def is_armed(point: str) -> bool:
    """Whether something is to happen there; for points that cost something to come to."""
    return point in _armed
