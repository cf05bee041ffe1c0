"""Promises with a date: kept by an owner, who is asked when the day has come; whoever asked hears how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.errors import UserError
from bot.message import Button, Card
from bot.rules.answering import again_at
from bot.rules.promises import EVENING, due_morning
from bot.rules.text import clean, cut_chars
from bot.rules.times import Moment, read_time
from bot.services.access import Speaker, absent_question, answers_for
from bot.services.arrivals import tell_resident
from bot.services.cards import BODY_CHARS
from bot.services.responders import CARDS
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.commitments import Commitment
from storage.enums import CommitmentState, EntryBy, EntryKind, Role
from storage.questions import Question
from storage.transaction import Transaction

__all__ = [
    "Commitment",
    "admit_late",
    "ask_due",
    "commitment_of",
    "commitment_to",
    "due_card",
    "fulfil",
    "listed",
    "move",
    "promise",
]

OPENS = time(9)
"""When an owner is asked, where no working hours are set."""
BATCH, MOST = 50, 30
REASON_CHARS = 300
_PARTS = 5
"""Words of a phrase like `下周五 下午 3点`, at most."""


async def promise(
    tx: Transaction,
    settings: Settings,
    question: Question,
    owner_id: int,
    words: str,
    *,
    due_at: datetime,
    now: datetime,
) -> Commitment:
    """Keeps a promise to whoever asked; an earlier one to the same question gives way."""
    former = await tx.commitments.open_of(question.id)
    if former is not None:
        former.state, former.ended_at = CommitmentState.DROPPED, now
    kept = await tx.commitments.add(
        question_id=question.id,
        owner_id=owner_id,
        words=words,
        due_at=due_at,
        ask_at=_ask_at(settings, due_at, now),
        now=now,
    )
    trace(tx, question.id, "promise.keep", by=owner_id, source="clock", now=now, after=due_at)
    return kept


async def ask_due(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """Asks the owners of what is due today, and of what is overdue every day; tells the askers once that it is late."""
    if settings.reminding.quiet.is_quiet(now) or not settings.desk.working.is_running(now):
        return 0
    due = await tx.commitments.to_ask(now, BATCH)
    for each in due:
        card = due_card(settings, each, now)
        subject = f"promise:{each.id}:{now.isoformat()}"
        await tell(tx, settings.roads, [each.owner_id], card, kind=CARDS, subject=subject, now=now)
        if each.due_at <= now:
            await _tell_late(tx, settings, each, "", now)
        each.ask_at = again_at(settings.desk.working, now)
    return len(due)


def due_card(settings: Settings, commitment: Commitment, now: datetime) -> Card:
    """The question to the owner: done, moved or not."""
    texts = settings.texts
    key = "commitments.due" if commitment.due_at > now else "commitments.overdue"
    return Card(
        title=texts.say(key, number=commitment.question_id),
        subtitle=texts.say("commitments.until", due=texts.when(commitment.due_at, now)),
        body=cut_chars(commitment.words, BODY_CHARS),
        buttons=(
            Button(texts.say("commitments.button.done"), action=f"promise_done:{commitment.id}", primary=True),
            Button(texts.say("commitments.button.move"), action=f"promise_move:{commitment.id}"),
            Button(texts.say("commitments.button.late"), action=f"promise_late:{commitment.id}"),
        ),
    )


async def commitment_of(tx: Transaction, who: Speaker, commitment_id: int) -> Commitment:
    """The open promise behind a button, if it is the speaker's, or they answer for the branch."""
    found = await tx.commitments.get(commitment_id)
    if found is None or found.state != CommitmentState.OPEN:
        raise UserError("commitments.over")
    return await _allowed(tx, who, found)


async def commitment_to(tx: Transaction, who: Speaker, number: int) -> Commitment:
    """The open promise to a question. Raises UserError when there is none, or it is none of the speaker's."""
    found = await tx.commitments.open_of(number)
    if found is None:
        raise UserError("commitments.none_to", number=number)
    return await _allowed(tx, who, found)


async def fulfil(
    tx: Transaction, settings: Settings, who: Speaker, commitment: Commitment, words: str, *, source: str, now: datetime
) -> None:
    """It is done: whoever asked hears it."""
    commitment.state, commitment.ended_at = CommitmentState.DONE, now
    words = clean(words).strip() or settings.texts.say("commitments.told.done", words=_short(commitment))
    await _tell(tx, settings, commitment, words, who.member_id, now)
    trace(tx, commitment.question_id, "promise.done", by=who.member_id, source=source, now=now)


async def move(
    tx: Transaction, settings: Settings, who: Speaker, commitment: Commitment, words: str, *, source: str, now: datetime
) -> datetime:
    """Another day, with a reason that whoever asked reads: `12月5日 材料没到`. Raises UserError without either."""
    read = _day_and_reason(settings, words, now)
    if read is None:
        raise UserError("commitments.move.example", number=commitment.question_id)
    at, reason = read
    before = commitment.due_at
    commitment.due_at, commitment.ask_at, commitment.late_told_at = at, _ask_at(settings, at, now), None
    said = settings.texts.say("commitments.told.moved", words=_short(commitment), at=at, reason=reason)
    await _tell(tx, settings, commitment, said, who.member_id, now)
    number, by = commitment.question_id, who.member_id
    trace(tx, number, "promise.move", by=by, source=source, now=now, before=before, after=at)
    return at


async def admit_late(
    tx: Transaction, settings: Settings, who: Speaker, commitment: Commitment, words: str, *, source: str, now: datetime
) -> None:
    """It is not done and goes on being asked for; whoever asked hears that it is late."""
    await _tell_late(tx, settings, commitment, clean(words).strip()[:REASON_CHARS], now, who.member_id)
    commitment.ask_at = again_at(settings.desk.working, now)
    trace(tx, commitment.question_id, "promise.late", by=who.member_id, source=source, now=now)


@dataclass(frozen=True, slots=True)
class Listed:
    commitment: Commitment
    question: Question
    owner: str


async def listed(tx: Transaction, who: Speaker) -> Sequence[Listed]:
    """The open promises of the speaker and of the branches that they answer for, the earliest first."""
    scope = None if who.administrator else await answers_for(tx, who)
    rows = await tx.commitments.open_in(scope, who.member_id, MOST)
    names = await tx.members.names({commitment.owner_id for commitment, _ in rows})
    return [Listed(commitment, question, names.get(commitment.owner_id, "")) for commitment, question in rows]


async def _allowed(tx: Transaction, who: Speaker, commitment: Commitment) -> Commitment:
    question = await tx.questions.get(commitment.question_id)
    own = commitment.owner_id == who.member_id and who.may(Role.RESPONDER)
    scope = await answers_for(tx, who)
    if question is None or not (own or who.administrator or question.branch_id in scope):
        raise absent_question(commitment.question_id)
    return commitment


async def _tell_late(
    tx: Transaction,
    settings: Settings,
    commitment: Commitment,
    reason: str,
    now: datetime,
    member_id: int | None = None,
) -> None:
    if commitment.late_told_at is not None and not reason:
        return
    commitment.late_told_at = now
    key = "commitments.told.late_why" if reason else "commitments.told.late"
    said = settings.texts.say(key, words=_short(commitment), reason=reason)
    await _tell(tx, settings, commitment, said, member_id, now)


async def _tell(
    tx: Transaction, settings: Settings, commitment: Commitment, words: str, member_id: int | None, now: datetime
) -> None:
    """Everybody who was promised it hears this, each under their own number."""
    question = await tx.questions.get(commitment.question_id)
    if question is None:
        return
    for each in (question, *await tx.questions.merged_in(question.id)):
        if each.erased_at is None:
            by = EntryBy.RESPONDER if member_id is not None else EntryBy.BOT
            await tell_resident(tx, settings, each, words, kind=EntryKind.HOLDING, by=by, member_id=member_id, now=now)


def _ask_at(settings: Settings, due_at: datetime, now: datetime) -> datetime:
    """In the morning of the day, in working hours; at the promised hour where that is over."""
    working = settings.desk.working
    morning = working.add(due_morning(due_at, settings.texts.zone, OPENS), timedelta())
    return morning if morning > now else max(due_at, now)


def _day_and_reason(settings: Settings, words: str, now: datetime) -> tuple[datetime, str] | None:
    """The longest beginning that is a day, and the reason behind it; None without either."""
    parts = clean(words).replace("，", " ").replace(",", " ").split()
    for count in range(min(_PARTS, len(parts) - 1), 0, -1):
        phrase, reason = " ".join(parts[:count]), " ".join(parts[count:])
        read = read_time(phrase, now=now, zone=settings.texts.zone, default=EVENING)
        if isinstance(read, Moment) and reason:
            return read.at, reason[:REASON_CHARS]
    return None


def _short(commitment: Commitment) -> str:
    return cut_chars(" ".join(commitment.words.split()), BODY_CHARS)
