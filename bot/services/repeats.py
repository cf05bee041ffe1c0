"""What 定时 says of something that comes again, and when each time is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.repeat_words import NoRepeat, for_occurrence, is_repeating, names_date, read_repeat
from bot.rules.repeating import Occurrence, Repeat, first_day, occurrences
from bot.services.asking import AT_TIME, DUE_TIME, Ask, time_in
from bot.services.settings import Settings
from storage.plans import Plan

FAR = timedelta(days=40)
"""What is due at the same moment for an occurrence so much later was no distance from it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule as it was understood, with its first occurrence and when that is due."""

    rule: Repeat
    first: Occurrence
    due_at: datetime | None
    due_words: str


def read_planned(settings: Settings, fields: Mapping[str, str], *, now: datetime) -> Planned | None:
    """What 定时 plans; None when it names one time. Raises Ask for what cannot be planned."""
    words = fields.get("at", "").strip()
    if not is_repeating(words):
        return None
    rule = read_repeat(words, now=now, zone=settings.texts.zone, default=AT_TIME)
    if isinstance(rule, NoRepeat):
        if rule.either:
            first, second = (f"{at:%H:%M}" for at in rule.either[:2])
            raise Ask("at", "plan.which_time", words=words[:40], first=first, second=second)
        raise Ask("at", f"plan.rule_{rule.problem}", words=words[:40])
    first_occurrence = first_of(settings, rule, after=now)
    if first_occurrence is None:
        raise Ask("at", "plan.no_occurrence", words=words[:40])
    due_words = fields.get("due", "").strip()
    due_at = due_of(settings, due_words, first_occurrence.goes_at)
    return Planned(rule, first_occurrence, due_at, due_words)


def rule_of(plan: Plan) -> Repeat:
    """The rule of a plan."""
    return Repeat.load(plan.rule)


def first_of(settings: Settings, rule: Repeat, *, after: datetime) -> Occurrence | None:
    """The first occurrence later than `after`, of a rule that begins then."""
    zone = settings.texts.zone
    start = first_day(rule, after=after, zone=zone, calendar=settings.calendar)
    if start is None:
        return None
    quiet = settings.reminding.quiet
    return next(occurrences(rule, start=start, zone=zone, calendar=settings.calendar, quiet=quiet), None)


def due_of(settings: Settings, words: str, goes_at: datetime) -> datetime | None:
    """When an occurrence is due that goes then. Raises Ask for words that name no distance from it."""
    if not words:
        return None
    fields = {"due": for_occurrence(words)}
    try:
        due_at = time_in(settings, fields, "due", DUE_TIME, goes_at)
        later = time_in(settings, fields, "due", DUE_TIME, goes_at + FAR) if due_at is not None else None
    except Ask as ask:
        raise Ask("due", "plan.due_unclear", words=words[:40]) from ask
    if due_at is not None and (due_at == later or names_date(words)):
        raise Ask("due", "plan.due_fixed", words=words[:40])
    return due_at
