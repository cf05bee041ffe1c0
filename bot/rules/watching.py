"""What is wrong with a running bot, from a few figures about it: values in, findings out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

NOTHING = timedelta()

BEAT_WITHIN = timedelta(minutes=1)
"""The metronome, and every endless task, shows that it lives at least so often."""
MOVES_WITHIN = timedelta(minutes=1)
"""While something may leave, something does."""
DUE_WITHIN = timedelta(minutes=10)
ANSWERED_WITHIN = timedelta(minutes=2)
"""A request has an answer by then, or is found again as lost."""
KNOWN_WITHIN = timedelta(minutes=30)
"""How a request in doubt ended is known by then."""
TRIED_AGAIN_WITHIN = timedelta(minutes=2)
CONNECTED_WITHIN = timedelta(seconds=45)
"""A lost connection is made again by then; shorter gaps are the network's."""
MOST_SKEW = timedelta(minutes=1)
LEAST_FREE = 256 * 1024 * 1024
"""Bytes that a disk must have left."""
BACKED_UP_WITHIN = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `alarm.<key>` says it with `params`, `about` tells it from others of its key.

    `road` is the platform that nothing can be said through as long as it lasts.
    """

    key: str
    about: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    road: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """How it stands. Ages are zero where nothing waits, or where what would grow old does not run here."""

    metronome: timedelta = NOTHING
    """Since the last beat of periodic work."""
    sender: timedelta = NOTHING
    """Since the sender last looked."""
    moved: timedelta = NOTHING
    """Since anything last left, or came back."""
    due: timedelta = NOTHING
    """How long the oldest message waits that may leave through an open road."""
    in_flight: timedelta = NOTHING
    doubtful: timedelta = NOTHING
    update: timedelta = NOTHING
    """How long the oldest update waits to be tried again."""
    dead: Sequence[str] = ()
    """Endless tasks that do not run."""
    disconnected: timedelta | None = None
    """How long the group bot has not been connected."""
    deaf: bool = False
    """The group bot is connected and hears nothing at an hour at which it usually hears a lot."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Platform → why nothing leaves through it."""
    skews: Mapping[str, timedelta] = field(default_factory=dict)
    """Whose clock → its time less ours."""
    free: Mapping[str, int] = field(default_factory=dict)
    """Folder → bytes that its disk has left."""
    writable: bool = True
    """Whether the database takes a commit."""
    backup: timedelta | None = None
    """Since the last backup; None where none are asked for."""
    heard: Mapping[str, timedelta] = field(default_factory=dict)
    """Platform → since something last came from it; only shown, for nobody can say how long is too long."""
    unsound: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Rule → items that break it."""


def findings(figures: Figures, *, bot: str) -> list[Finding]:
    """Everything that is wrong, the gravest first. `bot` is the group bot's platform."""
    return [*_still(figures), *_roads(figures, bot), *_waiting(figures), *_ground(figures)]


def _still(figures: Figures) -> Iterator[Finding]:
    """What should move, and stands still."""
    if not figures.writable:
        yield Finding("write")
    if figures.dead:
        yield Finding("tasks", params={"tasks": ", ".join(sorted(figures.dead))})
    if figures.metronome > BEAT_WITHIN:
        yield Finding("metronome", params={"minutes": _minutes(figures.metronome)})
    stuck = max(figures.sender, min(figures.moved, figures.due))
    if stuck > MOVES_WITHIN:
        yield Finding("sender", params={"minutes": _minutes(stuck)})


def _roads(figures: Figures, bot: str) -> Iterator[Finding]:
    for platform, reason in sorted(figures.held.items()):
        yield Finding("platform", f"{platform}:{reason}", {"platform": platform, "reason": reason}, road=platform)
    if figures.disconnected is not None and figures.disconnected > CONNECTED_WITHIN:
        yield Finding("socket", params={"minutes": _minutes(figures.disconnected)}, road=bot)
    if figures.deaf:
        yield Finding("deaf")


def _waiting(figures: Figures) -> Iterator[Finding]:
    for key, age, limit in (
        ("backlog", figures.due, DUE_WITHIN),
        ("in_flight", figures.in_flight, ANSWERED_WITHIN),
        ("doubtful", figures.doubtful, KNOWN_WITHIN),
        ("inbox", figures.update, TRIED_AGAIN_WITHIN),
    ):
        if age > limit:
            yield Finding(key, params={"minutes": _minutes(age)})


def _ground(figures: Figures) -> Iterator[Finding]:
    """What everything stands on."""
    for whose, skew in sorted(figures.skews.items()):
        if abs(skew) > MOST_SKEW:
            yield Finding("skew", whose, {"seconds": round(abs(skew).total_seconds())})
    for folder, free in sorted(figures.free.items()):
        if free < LEAST_FREE:
            yield Finding("disk", folder, {"folder": folder, "megabytes": free // (1024 * 1024)})
    if figures.backup is not None and figures.backup > BACKED_UP_WITHIN:
        yield Finding("backup_old", params={"hours": int(figures.backup.total_seconds() // 3600)})
    for rule, items in sorted(figures.unsound.items()):
        if items:
            numbers = " ".join(f"#{number}" for number in items)
            yield Finding("unsound", rule, {"rule": rule, "numbers": numbers})


def _minutes(age: timedelta) -> int:
    return max(1, int(age.total_seconds() // 60))
