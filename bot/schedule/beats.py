"""When periodic work comes next: in even steps, and never more than once for all that was missed."""

from datetime import datetime, timedelta

SOON = timedelta(seconds=3)
"""The first time comes so soon at the latest: a program that is often started again would never do its hourly work."""


class Beat:
    """A trigger of APScheduler, whose own counts through each time that was missed: a day of them for seconds."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next time after the last; after a gap, or a clock that was set back, counted from now."""
        if previous_fire_time is None:
            return now + min(self._interval, SOON)
        following: datetime = previous_fire_time + self._interval
        return following if now < following <= now + self._interval else now + self._interval
