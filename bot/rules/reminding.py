"""When to remind: the moments that a policy names, and the moments at which a reminder may really go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.rules.durations import read_duration
from bot.rules.quiet import Quiet
from bot.rules.wall_clock import day_of, instant_of, week_of
from bot.rules.workdays import Workdays

__all__ = [
    "Policy",
    "Quiet",
    "Workdays",
    "all_moments",
    "day_of",
    "next_allowed_day",
    "next_reminder",
    "next_round",
    "shift",
    "week_of",
    "within_limits",
]

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_MOST_STEPS = 10  # from quiet hours to a workday and back: two are enough, more would be a calendar without an exit


@dataclass(frozen=True, slots=True)
class Policy:
    """Remind so long after sending, and so long before the due time. An empty policy never reminds.

    Raises ValueError for a duration that is not positive.
    """

    after: tuple[timedelta, ...] = ()
    before_due: tuple[timedelta, ...] = ()

    def __post_init__(self) -> None:
        if any(each <= timedelta() for each in (*self.after, *self.before_due)):
            raise ValueError("a reminder comes after sending and before the due time")

    def dump(self) -> dict[str, list[str]]:
        """For JSON: `{"after": ["1d", "2d"], "before_due": ["2h"]}`. Parts of a second are dropped."""
        return {
            "after": [_written(each) for each in self.after],
            "before_due": [_written(each) for each in self.before_due],
        }

    @staticmethod
    def load(dumped: Mapping[str, Sequence[str]]) -> Policy:
        """The policy that was dumped. Raises ValueError for anything else."""
        return Policy(_read(dumped.get("after", ())), _read(dumped.get("before_due", ())))


def all_moments(policy: Policy, *, sent_at: datetime, due_at: datetime | None) -> tuple[datetime, ...]:
    """Every moment that the policy names, in order, in UTC: after `sent_at`, and before `due_at` if there is one."""
    moments = {sent_at + each for each in policy.after}
    if due_at is not None:
        moments |= {due_at - each for each in policy.before_due}
    return tuple(
        sorted(each.astimezone(UTC) for each in moments if sent_at < each and (due_at is None or each < due_at))
    )


def next_reminder(policy: Policy, *, sent_at: datetime, due_at: datetime | None, after: datetime) -> datetime | None:
    """The first moment of the policy later than `after`; None when the last reminder is behind us."""
    return next((each for each in all_moments(policy, sent_at=sent_at, due_at=due_at) if each > after), None)


def shift(
    moment: datetime, *, quiet: Quiet, workdays: Workdays | None, due_at: datetime | None, now: datetime
) -> datetime | None:
    """When a reminder planned for `moment` may go: not before `now`, not in quiet hours, on a workday if asked for.

    It waits for the end of the quiet hours and for the same time of the next workday. Where that would be at or
    after `due_at`, it goes before the quiet hours begin, or on the workday before. None when no moment is left.
    """
    planned = max(moment, now).astimezone(UTC)
    later = _legal(planned, quiet, workdays, forward=True)
    if later is not None and (due_at is None or later < due_at):
        return later
    earlier = _legal(planned, quiet, workdays, forward=False)
    if earlier is not None and earlier < now:
        earlier = now.astimezone(UTC) if _is_legal(now, quiet, workdays) else None
    return earlier if earlier is not None and (due_at is None or earlier < due_at) else None


def next_round(
    policy: Policy,
    *,
    sent_at: datetime,
    due_at: datetime | None,
    after: datetime,
    quiet: Quiet,
    workdays: Workdays | None,
    now: datetime,
) -> tuple[datetime, datetime] | None:
    """(when it goes, the policy's moment) of the first reminder later than `after`; None when no more come."""
    moment = next_reminder(policy, sent_at=sent_at, due_at=due_at, after=after)
    while moment is not None:
        goes_at = shift(moment, quiet=quiet, workdays=workdays, due_at=due_at, now=now)
        if goes_at is not None:
            return goes_at, moment
        moment = next_reminder(policy, sent_at=sent_at, due_at=due_at, after=moment)
    return None


def within_limits(*, sent_today: int, sent_this_week: int, daily: int, weekly: int) -> bool:
    """Whether one more reminder may go to a member who got so many on this day and in this week; 0 is no limit."""
    return (daily == 0 or sent_today < daily) and (weekly == 0 or sent_this_week < weekly)


def next_allowed_day(day: date, *, sent_today: int, sent_this_week: int, daily: int, weekly: int) -> date:
    """The first day from `day` on at which the limits admit one more reminder: the day itself, the next, or Monday."""
    if weekly and sent_this_week >= weekly:
        return day + timedelta(days=7 - day.weekday())
    return day if daily == 0 or sent_today < daily else day + timedelta(days=1)


def _is_legal(at: datetime, quiet: Quiet, workdays: Workdays | None) -> bool:
    return not quiet.is_quiet(at) and (workdays is None or workdays.is_workday(day_of(at, quiet.zone)))


def _legal(planned: datetime, quiet: Quiet, workdays: Workdays | None, *, forward: bool) -> datetime | None:
    """The nearest legal moment in one direction; None when the calendar has none."""
    at = planned
    for _ in range(_MOST_STEPS):
        at = quiet.end_of_quiet(at) if forward else quiet.start_before(at)
        if _is_legal(at, quiet, workdays):
            return at
        if workdays is not None:
            local = at.astimezone(quiet.zone)
            day = workdays.next_workday(local.date()) if forward else workdays.previous_workday(local.date())
            at = instant_of(day, local.time(), quiet.zone)
    return None


def _written(length: timedelta) -> str:
    unit = next((name for name, unit in _UNITS.items() if not length % unit), "s")
    return f"{length // _UNITS[unit]}{unit}"


def _read(written: Sequence[str]) -> tuple[timedelta, ...]:
    lengths = tuple(read_duration(each) for each in written)
    if None in lengths:
        raise ValueError(f"no durations: {written!r}")
    return tuple(each for each in lengths if each is not None)
