"""What residents may see of their questions. What is not theirs answers like what does not exist."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.rules.text import cut_bytes, cut_chars
from bot.services import states
from bot.services.settings import Settings
from storage.entries import Entry
from storage.enums import EntryKind, QuestionState
from storage.questions import Question
from storage.residents import Resident
from storage.transaction import Transaction

MOST_MISSES, MISSES_FOR = 5, timedelta(hours=1)
"""So many wrong pick-up codes in so long; then even a right one is not looked at."""
LISTED = 8
TITLE_CHARS, ANSWER_BYTES = 16, 1200
FAQ_LISTED, FAQ_ANSWER_BYTES = 5, 260
_SPOKEN = frozenset({EntryKind.ANSWER, EntryKind.DECLINED})


def absent() -> UserError:
    """What a number or a code is answered with that does not exist, or is somebody else's."""
    return UserError("residents.absent")


async def own(
    tx: Transaction, resident: Resident, number: int | None, *, of: Sequence[QuestionState] = states.FOLLOWED_STATES
) -> Question:
    """The resident's question of that number, or the one in these states that they wrote to last.

    Raises UserError for everything else, in the same words.
    """
    if number is None:
        found = await tx.questions.latest_of(resident.id, of)
        if found is None:
            raise UserError("residents.nothing")
        return found
    question = await tx.questions.get(number)
    if question is None or question.resident_id != resident.id or question.state not in of or question.erased_at:
        raise absent()
    return question


async def by_code(tx: Transaction, resident: Resident, code: str, *, now: datetime) -> Question | None:
    """The question of a pick-up code, whoever asked it; None for a wrong one. Guessing is counted and stopped."""
    if resident.missed_at is None or now - resident.missed_at >= MISSES_FOR:
        resident.missed_at, resident.missed = now, 0
    if resident.missed >= MOST_MISSES:
        return None
    question = await tx.questions.by_code(code)
    if question is None or question.state not in states.FOLLOWED_STATES:
        resident.missed += 1
        return None
    return question


async def status(tx: Transaction, settings: Settings, question: Question, *, now: datetime) -> str:
    """Where a question stands, how its time was reckoned, and the answer, if there is one."""
    texts, entries = settings.texts, await tx.entries.of_question(question.id)
    lines = [texts.say(f"status.{_stage(question, now)}", number=question.id, due=question.promised_at or now)]
    if question.is_open:
        lines.append(reckoning(settings, question, entries))
    answer = next((entry for entry in reversed(entries) if entry.kind in _SPOKEN and entry.arrival), None)
    if answer is not None and answer.text and _may_be_read(answer):
        lines.append(texts.say("status.answer", at=answer.at, text=cut_bytes(answer.text, ANSWER_BYTES)))
    return "\n".join(lines)


def _may_be_read(answer: Entry) -> bool:
    """What can still be taken back is not shown before it has left."""
    return answer.arrival != "queued"


def _stage(question: Question, now: datetime) -> str:
    if question.paused_at is not None:
        return "paused"
    if question.is_open and question.due_at is not None and now > question.due_at:
        promised = question.promised_at
        return "late" if promised is not None and promised > now else "very_late"
    return question.state


def reckoning(settings: Settings, question: Question, entries: Sequence[Entry]) -> str:
    """How the time to answer was reckoned, in a sentence or two."""
    texts, desk = settings.texts, settings.desk
    allowed = texts.span(desk.answer_within)
    began = question.reckoned_from or question.asked_at
    since = texts.say("reckoning.anew" if question.reckoned_from else "reckoning.asked", at=began)
    if not desk.working.spans:
        words = texts.say("reckoning.plain", since=since, allowed=allowed)
    else:
        hours = texts.list([f"{start:%H:%M}–{end:%H:%M}" for start, end in desk.working.spans])
        words = texts.say("reckoning.working", since=since, allowed=allowed, hours=hours)
    if any(entry.kind == EntryKind.ASKED_BACK and entry.at >= began for entry in entries):
        words += texts.say("reckoning.paused")
    return words


async def mine(tx: Transaction, settings: Settings, resident: Resident, *, now: datetime) -> str:
    """The newest questions of a resident, one a line."""
    found = await tx.questions.of_resident(resident.id, LISTED)
    if not found:
        raise UserError("residents.nothing")
    texts = settings.texts
    lines = [
        texts.say(
            "mine.line",
            number=question.id,
            state=texts.say(f"mine.state.{question.state}"),
            day=texts.day(question.asked_at.astimezone(texts.zone).date(), now),
            words=cut_chars(question.words.replace("\n", " "), TITLE_CHARS) or texts.say("mine.no_words"),
        )
        for question in found
    ]
    return "\n".join([texts.say("mine.head"), *lines, texts.say("mine.more")])


async def frequent(tx: Transaction, settings: Settings) -> str:
    """The published questions that helped most, with their answers."""
    published = sorted(await tx.questions.published(100), key=lambda each: (-each.helped, -each.id))[:FAQ_LISTED]
    if not published:
        raise UserError("residents.no_faq")
    texts = settings.texts
    return "\n\n".join(
        texts.say(
            "faq.entry",
            question=cut_bytes(each.public_question or "", FAQ_ANSWER_BYTES),
            answer=cut_bytes(each.public_answer or "", FAQ_ANSWER_BYTES),
        )
        for each in published
    )
