"""An item's whole life without sending anything: who would get what when, by the rules that the real thing follows.

The clock jumps from one moment to the next; nothing is read and nothing is kept. How people answer is an assumption,
everything else is what reminding, quiet hours, limits, spreading and retrying say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.rules.quiet import Quiet
from bot.rules.reminding import Policy, day_of, next_allowed_day, next_round, shift, week_of, within_limits
from bot.rules.retrying import network_delay
from bot.rules.spreading import place, spread
from bot.rules.wall_clock import instant_of
from bot.rules.workdays import Workdays

_MIDDLE = 0.5  # the jitter of a retry that is neither early nor late


@dataclass(frozen=True, slots=True)
class Script:
    """What the item says and what the branch allows. `sent_at` is when the push begins; `answered` of ten answer.

    `refused` of ten are refused by the platform for good; until `outage_until` no request leaves at all. It closes at
    `closes_at`; `until` is where looking ends. `again_after`: the least wait of what is put off by a limit.
    """

    sent_at: datetime
    due_at: datetime | None
    closes_at: datetime
    until: datetime
    policy: Policy
    quiet: Quiet
    workdays: Workdays | None
    daily: int
    weekly: int
    again_after: timedelta
    spreads: bool = False
    answers: bool = True
    answered: int = 7
    refused: int = 0
    outage_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Player:
    """One of the audience, and how many reminders they had today and this week before it begins."""

    member_id: int
    today: int = 0
    this_week: int = 0


class What(StrEnum):
    SENT = "sent"
    REFUSED = "refused"
    REMINDED = "reminded"
    HELD = "held"
    SPARED = "spared"
    """Held back until it would be too late."""
    DONE = "done"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Event:
    """`people` from `at` to `last`, how many have still to answer then; `moment` is what the policy named."""

    what: What
    at: datetime
    last: datetime
    people: int
    still_open: int
    moment: datetime | None = None


@dataclass(slots=True)
class _Person:
    member_id: int
    sent_at: datetime
    due_at: datetime
    moment: datetime
    reminded_on: list[date] = field(default_factory=list)


def rehearse(script: Script, players: Sequence[Player], *, now: datetime) -> list[Event]:
    """Everything that happens, in order. The same script with the same players always plays the same."""
    ordered = sorted(players, key=lambda player: player.member_id)
    lost = len(ordered) * script.refused // 10
    reached = ordered[: len(ordered) - lost]
    leaves = _first_sent(script)
    arrivals = {p.member_id: leaves + (place(p.member_id) if script.spreads else timedelta()) for p in reached}
    events = [_event(What.SENT, sorted(arrivals.values()), len(reached), len(ordered))] if reached else []
    if lost:
        events.append(Event(What.REFUSED, leaves, leaves, lost, len(ordered)))
    if not script.answers:
        return [*events, *_end(script, len(ordered), leaves)]
    waiting = _begin(script, reached[_answering(script, len(reached)) :], arrivals, now)
    events.append(_done(events[-1], len(reached) - len(waiting), len(waiting) + lost))
    events += _rounds(script, waiting, lost)
    last = max(event.last for event in events)
    return [*events, *_end(script, events[-1].still_open, last)]


def _first_sent(script: Script) -> datetime:
    """When the platform takes the push: the first try after the outage."""
    at, tries = script.sent_at, 0
    while script.outage_until is not None and at < script.outage_until:
        tries += 1
        at += network_delay(tries, _MIDDLE)
    return at


def _answering(script: Script, people: int) -> int:
    """How many of so many who got a message answer it before the next one comes."""
    return people * script.answered // 10


def _begin(script: Script, players: Sequence[Player], arrivals: dict[int, datetime], now: datetime) -> list[_Person]:
    """Those who do not answer, each with their first reminder; without one they only stay open."""
    zone = script.quiet.zone
    today, monday = day_of(now, zone), week_of(now, zone)
    people = []
    for player in players:
        sent_at = arrivals[player.member_id]
        first = _next(script, sent_at, after=sent_at, now=sent_at)
        had = [today] * player.today + [monday] * max(0, player.this_week - player.today)
        due_at, moment = first or (datetime.max.replace(tzinfo=sent_at.tzinfo), sent_at)
        people.append(_Person(player.member_id, sent_at, due_at, moment, had))
    return people


def _next(script: Script, sent_at: datetime, *, after: datetime, now: datetime) -> tuple[datetime, datetime] | None:
    return next_round(
        script.policy,
        sent_at=sent_at,
        due_at=script.due_at,
        after=after,
        quiet=script.quiet,
        workdays=script.workdays,
        now=now,
    )


def _rounds(script: Script, people: list[_Person], lost: int) -> Iterator[Event]:
    """The reminders, moment by moment, until nobody is open or the item closes."""
    end = min(script.closes_at, script.until)
    while people and (now := min(person.due_at for person in people)) < end:
        due = [person for person in people if person.due_at == now]
        legal = shift(now, quiet=script.quiet, workdays=script.workdays, due_at=script.due_at, now=now)
        if legal is None or legal > now:
            for person in due:
                person.due_at = legal or datetime.max.replace(tzinfo=now.tzinfo)
            continue
        reminded: list[_Person] = []
        held: list[_Person] = []
        for person in due:
            (reminded if _remind(script, person, now) else held).append(person)
        if reminded:
            moments = sorted(spread(now, person.member_id, before=_before(script, now)) for person in reminded)
            yield replace(_event(What.REMINDED, moments, len(reminded), len(people) + lost), moment=due[0].moment)
            answering = {person.member_id for person in reminded[: _answering(script, len(reminded))]}
            for person in reminded:
                following = _next(script, person.sent_at, after=max(person.moment, now), now=now)
                person.due_at, person.moment = following or (datetime.max.replace(tzinfo=now.tzinfo), now)
            people = [person for person in people if person.member_id not in answering]
            yield Event(What.DONE, moments[-1], moments[-1], len(answering), len(people) + lost)
        if held:
            again = min(person.due_at for person in held)
            too_late = script.due_at is not None and again >= script.due_at
            yield Event(What.SPARED if too_late else What.HELD, now, again, len(held), len(people) + lost)


def _before(script: Script, now: datetime) -> datetime | None:
    return script.due_at if script.due_at is not None and script.due_at > now else None


def _remind(script: Script, person: _Person, now: datetime) -> bool:
    """Whether the limits admit it; else it waits for the next day that has room."""
    zone = script.quiet.zone
    day, monday = day_of(now, zone), week_of(now, zone)
    in_day = sum(each == day for each in person.reminded_on)
    in_week = sum(each >= monday for each in person.reminded_on)
    if within_limits(sent_today=in_day, sent_this_week=in_week, daily=script.daily, weekly=script.weekly):
        person.reminded_on.append(day)
        return True
    allowed = next_allowed_day(day, sent_today=in_day, sent_this_week=in_week, daily=script.daily, weekly=script.weekly)
    again = instant_of(allowed, now.astimezone(zone).time(), zone)
    person.due_at = max(again, now + script.again_after)
    return False


def _event(what: What, moments: Sequence[datetime], people: int, still_open: int) -> Event:
    return Event(what, moments[0], moments[-1], people, still_open)


def _done(after: Event, people: int, still_open: int) -> Event:
    return Event(What.DONE, after.last, after.last, people, still_open)


def _end(script: Script, still_open: int, last: datetime) -> list[Event]:
    if script.answers and not still_open:
        return [Event(What.CLOSED, last, last, 0, 0)]
    if script.closes_at <= script.until:
        return [Event(What.CLOSED, script.closes_at, script.closes_at, 0, still_open)]
    return [Event(What.OPEN, script.until, script.until, 0, still_open)]
