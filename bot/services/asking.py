"""What a draft lacks, as a question to its author; and reading a time that was written in one of its fields."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.rules.times import Moment, Problem, read_time
from bot.services.settings import Settings
from bot.services.written import NOON

DUE_TIME, AT_TIME = time(18), time(9)
"""Of a day without a time: when something is due, and when it goes."""
NOT_AT_ALL = frozenset({"无", "没有", "不限", "none", "no"})


class Ask(UserError):
    """Something is missing or cannot be understood: the question, and the field that its answer belongs to."""

    choices: tuple[str, ...] = ()
    """The instants (ISO) to choose from, where the question is which."""

    def __init__(self, asked: str, key: str, **params: object) -> None:
        super().__init__(key, **params)
        self.asked = asked


def time_in(settings: Settings, fields: Mapping[str, str], name: str, default: time, now: datetime) -> datetime | None:
    """The instant that a field names; None when it is empty or says that there is none. Raises Ask for what is unclear.

    `default` is the time of a day without one.
    """
    words = fields.get(name, "").strip()
    if not words or normalise(words) in NOT_AT_ALL:
        return None
    read = read_time(words, now=now, zone=settings.texts.zone, default=default)
    if isinstance(read, Moment):
        return read.at
    example = (now.astimezone(settings.texts.zone) + timedelta(days=7)).date()
    params: dict[str, object] = {
        "words": words[:40],
        "field": settings.texts.say(f"field.{name}"),
        "example": settings.texts.say("draft.time.example", month=example.month, day=example.day),
    }
    if read.problem is Problem.UNCLEAR and len(read.candidates) >= 2:
        choices = read.candidates[:2]
        first, second = (settings.texts.when(at, now) for at in choices)
        halves = {at.astimezone(settings.texts.zone).hour >= NOON for at in choices}
        key = "draft.time.which_half" if len(halves) > 1 else "draft.time.which"
        ask = Ask(name, key, first=first, second=second, **params)
        ask.choices = tuple(at.isoformat() for at in choices)
        raise ask
    raise Ask(name, f"draft.time.{read.problem}", **params)
