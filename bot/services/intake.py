"""Taking in what residents write: a new question, more of the one before, or the answer to what they were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.rules.unwanted_words import is_advertising
from bot.services import clocks, states
from bot.services.announcing import announce
from bot.services.desk import Desk
from bot.services.new_questions import Beginning, Spoken, begin, said
from bot.services.news import report
from bot.services.offers import Offer
from bot.services.settings import Settings
from storage.enums import EntryKind, QuestionState
from storage.questions import OPEN_STATES, Question
from storage.residents import Resident
from storage.transaction import Transaction

ONE_QUESTION = timedelta(minutes=30)
"""What comes so soon after the last message belongs to the same question, while nobody has answered."""
HOUR = timedelta(hours=1)
TO_ADD_TO = (*states.FOLLOWED_STATES, QuestionState.ASIDE)
"""What a resident may name in `补充 Q34`."""


class Result(StrEnum):
    """What became of what they wrote."""

    ASKED = "asked"
    ADDED = "added"
    REOPENED = "reopened"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Taken:
    """`menu`: they are asked for their place. `before` is a question of theirs that has lately been answered.

    `informs`: they hear for the first time what is kept about them.
    """

    result: Result
    question: Question
    offer: Offer | None = None
    menu: bool = False
    before: int | None = None
    informs: bool = False


def within_limit(desk: Desk, resident: Resident, *, now: datetime) -> int:
    """Counts one more text of this hour: 0 while it is within the limit, else how many it is above."""
    if resident.hour_began_at is None or now - resident.hour_began_at >= HOUR:
        resident.hour_began_at, resident.said_in_hour = now, 0
    resident.said_in_hour += 1
    return max(resident.said_in_hour - desk.hourly_limit, 0)


async def take_in(
    tx: Transaction, settings: Settings, spoken_by: Sequence[tuple[Resident, Spoken]], *, now: datetime
) -> list[Taken]:
    """Stores what residents wrote where it belongs, each of them one thing; what became of it, in order.

    Whoever is heard for the first time is stored with it. New questions take a few statements, however many they are.
    """
    busy = await tx.questions.going_on([resident.id for resident, _ in spoken_by if resident.id is not None])
    taken: dict[int, Taken] = {}
    new: dict[int, tuple[Beginning, int | None]] = {}
    for place, (resident, spoken) in enumerate(spoken_by):
        unwanted = is_advertising(spoken.text, settings.desk.advertising_words)
        question = await _continued(tx, resident, now=now) if resident.id in busy else None
        if question is not None and question.state != QuestionState.ASIDE:
            taken[place] = await add_to(tx, settings, question, spoken, now=now)
        elif question is not None and unwanted:
            await _line(tx, question, spoken, EntryKind.ADDED, now)
            taken[place] = Taken(Result.ASIDE, question)
        else:
            before = await _lately_answered(tx, settings.desk, resident, now=now) if resident.id in busy else None
            new[place] = Beginning(resident, spoken, unwanted), before
    begun = await begin(tx, settings, [each for each, _ in new.values()], now=now)
    for (place, (each, before)), one in zip(new.items(), begun, strict=True):
        result = Result.ASIDE if each.unwanted else Result.ASKED
        told = None if one.menu or each.unwanted else before
        taken[place] = Taken(result, one.question, one.offer, one.menu, told, one.informs)
    return [taken[place] for place in range(len(spoken_by))]


async def add_to(tx: Transaction, settings: Settings, question: Question, spoken: Spoken, *, now: datetime) -> Taken:
    """One more line of a question: its clock goes on if it waited for this, what was answered is opened again."""
    await _line(tx, question, spoken, EntryKind.ADDED, now)
    if question.state == QuestionState.ASIDE:
        states.fetched(settings.desk, question, now=now)
        await announce(tx, settings, question, now=now)
        return Taken(Result.ADDED, question)
    if question.state in states.ANSWERED_STATES:
        states.reopened(settings.desk, question, now=now)
        clocks.heard(question, now=now)
        await report(tx, settings, question, "reopened", now=now)
        return Taken(Result.REOPENED, question)
    waited = question.paused_at is not None
    clocks.resume(settings.desk, question, now=now)
    if waited or question.owner_id is not None:
        await report(tx, settings, question, "added", now=now)
    return Taken(Result.ADDED, question)


async def _continued(tx: Transaction, resident: Resident, *, now: datetime) -> Question | None:
    """The question that unquoted words belong to; None when they begin a new one."""
    latest = await tx.questions.latest_of(resident.id, [*OPEN_STATES, QuestionState.ASIDE])
    if latest is None:
        return None
    if latest.paused_at is not None:
        return latest
    answered = await tx.questions.latest_of(resident.id, [QuestionState.ANSWERED])
    heard_since = answered is not None and answered.answered_at is not None and answered.answered_at > latest.said_at
    if now - latest.said_at <= ONE_QUESTION and not heard_since:
        return latest
    return next((each for each in await tx.questions.of_resident(resident.id, 5) if each.paused_at is not None), None)


async def _lately_answered(tx: Transaction, desk: Desk, resident: Resident, *, now: datetime) -> int | None:
    before = await tx.questions.latest_of(resident.id, [QuestionState.ANSWERED])
    recent = before is not None and before.answered_at is not None and now - before.answered_at <= desk.close_after
    return before.id if before is not None and recent else None


async def _line(tx: Transaction, question: Question, spoken: Spoken, kind: EntryKind, now: datetime) -> None:
    await tx.entries.add_said([said(question, spoken, kind, now)])
    clocks.heard(question, now=now)
