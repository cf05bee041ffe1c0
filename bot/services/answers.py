"""What responders say to residents: shown to its writer as it will be read, gone when the undo window is over.

Answers, what is asked back, and why something is declined. Words on their way are rows of their own
(`storage/answers.py`) and can be taken back; `leaving.py` brings them out and the thread gets them then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.placeholders import suspicious_words
from bot.rules.promises import Promise, find_promise
from bot.rules.text import clean
from bot.services.access import Speaker
from bot.services.arrivals import window_line, window_of, wrapped
from bot.services.claiming import take
from bot.services.commitments import promise
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.answers import PendingAnswer
from storage.entries import Entry
from storage.enums import EntryBy, EntryKind, QuestionState
from storage.questions import OPEN_STATES, Question
from storage.transaction import Transaction

MOST_CHARS = {EntryKind.ANSWER: 1500, EntryKind.ASKED_BACK: 1500, EntryKind.DECLINED: 500}
"""What responders write to residents, and how long it may be."""
ANSWERABLE = (*OPEN_STATES, QuestionState.ANSWERED)
"""An answered question may be answered once more: to correct, or to add."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What somebody else has done about the question already. `text` is "" where they have only taken it."""

    name: str
    at: datetime | None
    text: str
    left: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """Words as their writer sees them before they leave.

    `shown` is word for word what the resident reads, `arrival` how it gets there. With an `earlier` nothing leaves
    until the writer says that it is meant so. `left_over` are blanks that were perhaps forgotten.
    """

    answer: PendingAnswer
    shown: str
    arrival: str
    merged: Sequence[int]
    earlier: Earlier | None
    promise: Promise | None
    left_over: Sequence[str]
    replaced: bool


def may_leave(question: Question, kind: EntryKind) -> bool:
    """Whether the question is in a state in which words of this kind may go to its asker."""
    return question.state in (ANSWERABLE if kind is EntryKind.ANSWER else OPEN_STATES)


async def write(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    question: Question,
    text: str,
    *,
    kind: EntryKind = EntryKind.ANSWER,
    source: str,
    now: datetime,
) -> Draft:
    """Puts words to the resident on their way. Raises UserError for what cannot be said to them."""
    text = clean(text).strip()
    await _check(tx, question, kind, text)
    before = await tx.answers.of(question.id, who.member_id)
    earlier = await _earlier(tx, who, question) if kind is not EntryKind.ASKED_BACK else None
    leaves_at = None if earlier else now + settings.publishing.undo_window
    answer = await tx.answers.put(
        question_id=question.id, member_id=who.member_id, kind=kind, text=text, leaves_at=leaves_at, now=now
    )
    if earlier is None:
        await _begin(tx, who, question, kind, source, now)
    return await _draft(tx, settings, question, answer, earlier, replaced=before is not None, now=now)


async def keep_for_later(tx: Transaction, who: Speaker, question: Question, text: str, *, now: datetime) -> None:
    """Words that are perhaps an answer wait for their writer to say so. Raises UserError for what cannot be answered.

    What the same responder has on its way already stays as it is.
    """
    text = clean(text).strip()
    await _check(tx, question, EntryKind.ANSWER, text)
    before = await tx.answers.of(question.id, who.member_id)
    if before is not None and before.leaves_at is not None:
        raise UserError("answers.on_its_way", number=question.id)
    await tx.answers.put(
        question_id=question.id, member_id=who.member_id, kind=EntryKind.ANSWER, text=text, leaves_at=None, now=now
    )


async def insist(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    question: Question,
    *,
    knowing: bool,
    source: str,
    now: datetime,
) -> Draft:
    """What was written is to leave; `knowing`: even though a colleague was first."""
    answer = await tx.answers.of(question.id, who.member_id)
    if answer is None:
        raise UserError("answers.nothing_written", number=question.id)
    kind = EntryKind(answer.kind)
    await _check(tx, question, kind, answer.text)
    earlier = None if knowing else await _earlier(tx, who, question)
    if answer.leaves_at is None and earlier is None:
        answer.leaves_at = now + settings.publishing.undo_window
        await _begin(tx, who, question, kind, source, now)
    return await _draft(tx, settings, question, answer, earlier, replaced=False, now=now)


async def take_back(tx: Transaction, who: Speaker, question: Question, *, source: str, now: datetime) -> str:
    """Takes what the speaker wrote back before it leaves; its words, to be written better."""
    answer = await tx.answers.of(question.id, who.member_id)
    if answer is None:
        entries = await tx.entries.of_question(question.id)
        gone = [each.kind for each in entries if each.kind in MOST_CHARS and each.member_id == who.member_id]
        raise UserError(f"answers.gone.{gone[-1]}" if gone else "answers.nothing_written", number=question.id)
    words = answer.text
    await tx.answers.remove(question.id, who.member_id)
    trace(tx, question.id, "answer.undo", by=who.member_id, source=source, now=now)
    return words


async def hold_to(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, at: datetime, *, now: datetime
) -> None:
    """The responder wants to be held to the day in their answer, which may still be on its way."""
    answer = await tx.answers.of(question.id, who.member_id)
    if answer is not None and answer.kind == EntryKind.ANSWER:
        answer.promised_at = at
        return
    entries = [each for each in await tx.entries.of_question(question.id) if each.kind == EntryKind.ANSWER]
    own = next((each for each in reversed(entries) if each.member_id == who.member_id), None)
    if own is None:
        raise UserError("answers.nothing_written", number=question.id)
    words = promising(settings, own.text, now)
    await promise(tx, settings, question, who.member_id, words, due_at=at, now=now)


async def _check(tx: Transaction, question: Question, kind: EntryKind, text: str) -> None:
    """Raises UserError when these words cannot go to whoever asked this question."""
    if not text:
        raise UserError(f"answers.example.{kind}", number=question.id)
    if len(text) > MOST_CHARS[kind]:
        raise UserError(f"answers.too_long.{kind}", n=MOST_CHARS[kind], length=len(text))
    if question.merged_into is not None:
        raise UserError("answers.merged", number=question.id, into=question.merged_into)
    if not may_leave(question, kind):
        raise UserError(f"claiming.not_open.{question.state}", number=question.id)
    if question.erased_at is not None:
        raise UserError("answers.nobody", number=question.id)


async def _earlier(tx: Transaction, who: Speaker, question: Question) -> Earlier | None:
    """What a colleague has answered since the resident last wrote, or is about to, or has the question in hand."""
    for answer in await tx.answers.leaving(question.id):
        if answer.member_id != who.member_id:
            name = (await tx.members.names([answer.member_id]))[answer.member_id]
            return Earlier(name, answer.created_at, answer.text, left=False)
    for entry in reversed(await tx.entries.of_question(question.id)):
        if entry.by == EntryBy.RESIDENT:
            break
        if entry.kind == EntryKind.ANSWER and entry.member_id not in (None, who.member_id):
            name = (await tx.members.names([entry.member_id or 0]))[entry.member_id or 0]
            return Earlier(name, entry.at, entry.text, left=True)
    if question.is_open and question.owner_id not in (None, who.member_id):
        name = (await tx.members.names([question.owner_id or 0]))[question.owner_id or 0]
        return Earlier(name, None, "", left=False)
    return None


async def _draft(
    tx: Transaction,
    settings: Settings,
    question: Question,
    answer: PendingAnswer,
    earlier: Earlier | None,
    *,
    replaced: bool,
    now: datetime,
) -> Draft:
    texts = settings.texts
    resident = await tx.residents.get(question.resident_id)
    arrival = window_line(texts, await window_of(tx, resident, now=now), now=now) if resident is not None else ""
    entry = Entry(question_id=question.id, kind=answer.kind, at=now, text=answer.text)
    merged = await tx.questions.merged_in(question.id) if answer.kind != EntryKind.ASKED_BACK else ()
    return Draft(
        answer=answer,
        shown=wrapped(texts, entry),
        arrival=arrival,
        merged=[each.id for each in merged],
        earlier=earlier,
        promise=_promise(settings, answer.text, now) if answer.kind == EntryKind.ANSWER else None,
        left_over=suspicious_words(answer.text),
        replaced=replaced,
    )


async def _begin(
    tx: Transaction, who: Speaker, question: Question, kind: EntryKind, source: str, now: datetime
) -> None:
    if question.owner_id is None:
        take(tx, question, who.member_id, source=source, now=now)
    trace(tx, question.id, "answer.write", by=who.member_id, source=source, now=now, after=kind)
    await tx.attention.end(who.member_id)


def _promise(settings: Settings, text: str, now: datetime) -> Promise | None:
    return find_promise(text, now=now, zone=settings.texts.zone, workdays=settings.desk.working.workdays)


def promising(settings: Settings, text: str, now: datetime) -> str:
    """The sentence of an answer that promises a day."""
    found = _promise(settings, text, now)
    return found.words if found else text
