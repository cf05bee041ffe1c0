"""How long the group bot waits for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits and bounds of the long connection; tests shorten them."""

    connect: timedelta = timedelta(seconds=10)
    ack: timedelta = timedelta(seconds=10)
    close: timedelta = timedelta(seconds=2)
    """How long the other side may take to say goodbye."""
    ping: timedelta = timedelta(seconds=30)
    missed_acks: int = 2
    """Unanswered pings that make a connection dead."""
    backoff_first: timedelta = timedelta(seconds=1)
    backoff_most: timedelta = timedelta(seconds=60)
    steady: timedelta = timedelta(minutes=1)
    """A connection that was ready this long starts the backoff anew."""
    kicked: timedelta = timedelta(minutes=10)
    fight_kicks: int = 3
    fight_window: timedelta = timedelta(minutes=1)
    """So many kicks within so much connected time are a fight between two holders."""
    fight: timedelta = timedelta(hours=1)
    refused: timedelta = timedelta(minutes=5)
    """The next try after wrong credentials."""
    gap: timedelta = timedelta(minutes=10)
    """Deaf for longer than this: people are told that their words may be lost."""
    finish: timedelta = timedelta(seconds=5)
    """What handlers get to end when the connection is given up."""
