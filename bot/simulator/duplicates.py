"""The duplicate check of message sending: the same bytes within an interval are shown once."""

from datetime import datetime, timedelta

from bot.simulator.shown import Json

DEFAULT_INTERVAL = timedelta(seconds=1800)
LONGEST_INTERVAL = timedelta(seconds=14400)


class Duplicates:
    """Accepted request bodies that asked for the check, by digest."""

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[datetime, Json]] = {}

    def interval(self, body: Json) -> timedelta | None:
        """How far back a request asks to be compared; None when it does not ask. At most four hours."""
        if body.get("enable_duplicate_check") != 1:
            return None
        seconds = body.get("duplicate_check_interval", 0)
        if not isinstance(seconds, int) or seconds <= 0:
            return DEFAULT_INTERVAL
        return min(timedelta(seconds=seconds), LONGEST_INTERVAL)

    def answer(self, digest: bytes, interval: timedelta, now: datetime) -> Json | None:
        """What the first request with this body was answered; None when there was none within the interval."""
        seen = self._seen.get(digest)
        if seen is None or now - seen[0] > interval:
            return None
        return seen[1]

    def remember(self, digest: bytes, answer: Json, now: datetime) -> None:
        """Keeps an accepted request; the interval counts from here."""
        self._seen[digest] = (now, answer)
