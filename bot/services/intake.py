"""Taking in what residents write: a new question, more of the one before, or the answer to what they were asked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.rules.matching import topic_of
from bot.rules.resident_words import CODE_ALPHABET, CODE_LENGTH
from bot.rules.text import clean
from bot.rules.unwanted_words import is_advertising
from bot.services import clocks, states
from bot.services.announcing import announce
from bot.services.desk import Desk
from bot.services.news import report
from bot.services.offers import Offer, offer
from bot.services.routing import ask_for_place, branch_for, wants_menu
from bot.services.settings import Settings
from storage.enums import EntryBy, EntryKind, QuestionState
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
class Spoken:
    """What came in: `text` may be empty when there is a picture; `media` names what was no text."""

    text: str
    media: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """`menu`: they are asked for their place. `before` is a question of theirs that has lately been answered."""

    result: Result
    question: Question
    offer: Offer | None = None
    menu: bool = False
    before: int | None = None


def within_limit(desk: Desk, resident: Resident, *, now: datetime) -> int:
    """Counts one more text of this hour: 0 while it is within the limit, else how many it is above."""
    if resident.hour_began_at is None or now - resident.hour_began_at >= HOUR:
        resident.hour_began_at, resident.said_in_hour = now, 0
    resident.said_in_hour += 1
    return max(resident.said_in_hour - desk.hourly_limit, 0)


async def take_in(tx: Transaction, settings: Settings, resident: Resident, spoken: Spoken, *, now: datetime) -> Taken:
    """Stores what a resident wrote where it belongs."""
    question = await _continued(tx, resident, now=now)
    if question is not None and question.state != QuestionState.ASIDE:
        return await add_to(tx, settings, question, spoken, now=now)
    unwanted = is_advertising(spoken.text, settings.desk.advertising_words)
    if question is not None and unwanted:
        await _line(tx, question, spoken, EntryKind.ADDED, now)
        return Taken(Result.ASIDE, question)
    return await _ask(tx, settings, resident, spoken, unwanted=unwanted, now=now)


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


async def _ask(
    tx: Transaction, settings: Settings, resident: Resident, spoken: Spoken, *, unwanted: bool, now: datetime
) -> Taken:
    desk = settings.desk
    question = await tx.questions.add(
        resident_id=resident.id,
        branch_id=await branch_for(tx, resident),
        topic=topic_of(spoken.text, [(topic.name, topic.keywords) for topic in desk.topics]),
        words=clean(spoken.text),
        pickup_code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
        now=now,
        state=QuestionState.ASIDE if unwanted else QuestionState.NEW,
    )
    await _line(tx, question, spoken, EntryKind.ASKED, now)
    if unwanted:
        return Taken(Result.ASIDE, question)
    clocks.start(desk, question, now=now)
    await tx.flush()
    await announce(tx, settings, question, now=now)
    if wants_menu(settings, resident):
        await ask_for_place(tx, resident, question, now=now)
        return Taken(Result.ASKED, question, menu=True)
    before = await tx.questions.latest_of(resident.id, [QuestionState.ANSWERED])
    recent = before is not None and before.answered_at is not None and now - before.answered_at <= desk.close_after
    return Taken(
        Result.ASKED,
        question,
        offer=await offer(tx, question),
        before=before.id if before is not None and recent else None,
    )


async def _line(tx: Transaction, question: Question, spoken: Spoken, kind: EntryKind, now: datetime) -> None:
    await tx.entries.add(
        question_id=question.id,
        resident_id=question.resident_id,
        at=now,
        by=EntryBy.RESIDENT,
        kind=kind,
        text=clean(spoken.text),
        media=spoken.media or None,
        picture_url=spoken.picture_url[:600] or None,
    )
    clocks.heard(question, now=now)
