"""What responders wrote leaves when its undo window is over; only then the question moves on."""

from datetime import datetime

from bot.services import clocks, states
from bot.services.answers import ANSWERABLE, may_leave, promising
from bot.services.arrivals import tell_resident
from bot.services.commitments import promise
from bot.services.responders import tell_responders
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.answers import PendingAnswer
from storage.enums import EntryKind, QuestionState
from storage.questions import Question
from storage.transaction import Transaction

BATCH = 50
SOURCE = "clock"


async def send_due(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """Sends the words whose undo window is over; how many there were."""
    due = await tx.answers.due(now, BATCH)
    for words in due:
        question = await tx.questions.get(words.question_id)
        if question is not None:
            await _send(tx, settings, question, words, now)
        await tx.answers.remove(words.question_id, words.member_id)
    return len(due)


async def _send(tx: Transaction, settings: Settings, question: Question, words: PendingAnswer, now: datetime) -> None:
    kind = EntryKind(words.kind)
    if not may_leave(question, kind) or question.erased_at is not None:
        why = "erased" if question.erased_at is not None else question.state
        said = settings.texts.say(f"answers.unsent.{why}", number=question.id)
        await tell_responders(tx, settings, [words.member_id], said, subject=f"unsent:{words.id}", now=now)
        return
    match kind:
        case EntryKind.ASKED_BACK:
            await _ask_back(tx, settings, question, words, now)
        case EntryKind.DECLINED:
            await _decline(tx, settings, question, words, now)
        case _:
            await _answer(tx, settings, question, words, now)


async def _answer(tx: Transaction, settings: Settings, question: Question, words: PendingAnswer, now: datetime) -> None:
    """One answer for whoever asked, and for those who asked the same."""
    merged = [each for each in await tx.questions.merged_in(question.id) if each.state in ANSWERABLE]
    for each in (question, *merged):
        await tell_resident(tx, settings, each, words.text, kind=EntryKind.ANSWER, member_id=words.member_id, now=now)
        before = each.state
        states.answered(settings.desk, each, now=now)
        each.owner_id = each.owner_id or words.member_id
        trace(tx, each.id, "question.answer", by=words.member_id, source=SOURCE, now=now, before=before)
    if words.promised_at is not None:
        promised = promising(settings, words.text, now)
        await promise(tx, settings, question, words.member_id, promised, due_at=words.promised_at, now=now)


async def _ask_back(
    tx: Transaction, settings: Settings, question: Question, words: PendingAnswer, now: datetime
) -> None:
    """The clock stands still until the resident answers."""
    await tell_resident(
        tx, settings, question, words.text, kind=EntryKind.ASKED_BACK, member_id=words.member_id, now=now
    )
    clocks.pause(settings.desk, question, now=now)
    trace(tx, question.id, "question.ask_back", by=words.member_id, source=SOURCE, now=now)


async def _decline(
    tx: Transaction, settings: Settings, question: Question, words: PendingAnswer, now: datetime
) -> None:
    """Closed with a reason, for all who asked it."""
    merged = [each for each in await tx.questions.merged_in(question.id) if each.is_open]
    for each in (question, *merged):
        await tell_resident(tx, settings, each, words.text, kind=EntryKind.DECLINED, member_id=words.member_id, now=now)
        before = each.state
        states.ended(each, QuestionState.DECLINED, now=now)
        trace(
            tx,
            each.id,
            "question.decline",
            by=words.member_id,
            source=SOURCE,
            now=now,
            before=before,
            after=QuestionState.DECLINED,
        )
