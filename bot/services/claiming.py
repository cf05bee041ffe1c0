"""Whose question it is: taken by the first who claims it, handed to another person or branch, filed under a topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.rules.spelling import nearest
from bot.rules.text import clean
from bot.services import states
from bot.services.access import ROSTER, Speaker
from bot.services.announcing import announce, readers_of
from bot.services.arguments import persons
from bot.services.people import on_roster
from bot.services.responders import responders_of, tell_responders
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.branches import Branch
from storage.enums import EntryBy, EntryKind, QuestionState, Role
from storage.questions import Question
from storage.transaction import Transaction

TOPIC_CHARS = 20


@dataclass(frozen=True, slots=True)
class Claimed:
    """`owner` has it now; `mine` is whether that is whoever claimed. `others` are the accounts that saw it too."""

    owner: str
    mine: bool
    others: Sequence[str]


async def claim(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, *, by_card: bool, source: str, now: datetime
) -> Claimed:
    """The first one wins. Whoever claims by word has the others told; a pressed card tells them by itself."""
    if question.state == QuestionState.ASIDE:
        states.fetched(settings.desk, question, now=now)
    if not question.is_open:
        raise UserError(f"claiming.not_open.{question.state}", number=question.id)
    await tx.attention.turn(who.member_id, question.id, now)
    if question.owner_id is not None:
        owner = (await tx.members.names([question.owner_id]))[question.owner_id]
        return Claimed(owner, question.owner_id == who.member_id, ())
    take(tx, question, who.member_id, source=source, now=now)
    others = [reader for reader in await readers_of(tx, settings, question) if reader != who.member_id]
    if not by_card:
        words = settings.texts.say("claiming.others", number=question.id, name=who.name)
        await tell_responders(tx, settings, others, words, subject=f"claim:{question.id}:{now.isoformat()}", now=now)
    accounts = await tx.members.user_ids(others, ROSTER)
    return Claimed(who.name, True, sorted(accounts.values()))


def take(tx: Transaction, question: Question, member_id: int, *, source: str, now: datetime) -> None:
    """The question is theirs from now on."""
    before = question.owner_id
    question.owner_id = member_id
    if question.state in (QuestionState.NEW, QuestionState.REOPENED):
        question.state = QuestionState.ASSIGNED
    trace(tx, question.id, "question.claim", by=member_id, source=source, now=now, before=before)


@dataclass(frozen=True, slots=True)
class Assigned:
    """To whom it went: a person, or a branch whose responders were told."""

    name: str
    is_branch: bool


async def assign(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, words: str, *, source: str, now: datetime
) -> Assigned:
    """Hands the question to a responder or a branch; its clock runs on. Raises UserError for whom it cannot find."""
    if not question.is_open:
        raise UserError(f"claiming.not_open.{question.state}", number=question.id)
    branches = await tx.branches.all()
    before = f"{question.branch_id}:{question.owner_id}"
    if (branch := await _branch(branches, words)) is not None:
        if branch.id == question.branch_id and question.owner_id is None:
            raise UserError("claiming.there_already", number=question.id, name=branch.name)
        question.branch_id, question.owner_id = branch.id, None
        if question.state == QuestionState.ASSIGNED:
            question.state = QuestionState.NEW
        done = Assigned(branch.name, True)
        await _note(tx, settings, who, question, done.name, now)
        await announce(tx, settings, question, now=now, why="branch")
    else:
        member_id, name = await _responder(tx, branches, question, words)
        if member_id == question.owner_id:
            raise UserError("claiming.there_already", number=question.id, name=name)
        question.owner_id = member_id
        if question.state in (QuestionState.NEW, QuestionState.REOPENED):
            question.state = QuestionState.ASSIGNED
        done = Assigned(name, False)
        await _note(tx, settings, who, question, name, now)
        await announce(tx, settings, question, now=now, why="assigned", to=[member_id])
    after = f"{question.branch_id}:{question.owner_id}"
    trace(tx, question.id, "question.assign", by=who.member_id, source=source, now=now, before=before, after=after)
    return done


async def file_under(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, topic: str, *, source: str, now: datetime
) -> str:
    """Gives the question another topic: one of the configured ones, where there are any."""
    topic = clean(topic).strip()
    known = [each.name for each in settings.desk.topics]
    if not topic or len(topic) > TOPIC_CHARS:
        raise UserError("claiming.topic.example")
    if known and topic not in known:
        raise UserError("claiming.topic.unknown", topic=topic, topics=settings.texts.list(known))
    former = question.topic
    trace(tx, question.id, "question.topic", by=who.member_id, source=source, now=now, before=former, after=topic)
    question.topic = topic
    return topic


async def _branch(branches: Sequence[Branch], words: str) -> Branch | None:
    name = normalise(words).casefold()
    found = [branch for branch in branches if normalise(branch.name).casefold() == name]
    if len(found) > 1:
        raise UserError("bind.twice", branch=words.strip())
    return found[0] if found else None


async def _responder(tx: Transaction, branches: Sequence[Branch], question: Question, words: str) -> tuple[int, str]:
    """The one responder who is meant. They must answer for the question's branch, itself or from above."""
    match = await on_roster(tx, {branch.id for branch in branches}, persons(words))
    if match.several:
        raise UserError(
            "claiming.several",
            number=question.id,
            name=match.name,
            ways="、".join(match.several),
            first=match.several[0],
        )
    if match.person is None:
        near = match.near or nearest(match.name, [branch.name for branch in branches])
        key = "claiming.near" if near else "claiming.nobody"
        raise UserError(key, number=question.id, name=match.name, near=near or "")
    granted = (await tx.speaking.roles(match.person.member_id)).get(Role.RESPONDER, set())
    reach = await tx.branches.under(granted) if granted else set()
    readers = await responders_of(tx, question.branch_id)
    if not reach or (question.branch_id not in (None, *reach) and match.person.member_id not in readers):
        raise UserError("claiming.no_responder", number=question.id, name=match.person.name)
    return match.person.member_id, match.person.name


async def _note(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, name: str, now: datetime
) -> None:
    """The thread says where it went; the resident is not told."""
    await tx.entries.add(
        question_id=question.id,
        resident_id=question.resident_id,
        at=now,
        by=EntryBy.RESPONDER,
        kind=EntryKind.NOTE,
        text=settings.texts.say("claiming.note", name=name),
        member_id=who.member_id,
    )
