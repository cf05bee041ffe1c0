"""How a question ends, other than by an answer: finished, declined with a reason; and how it is opened again."""

from datetime import datetime

from bot.errors import UserError
from bot.rules.text import clean
from bot.services import states
from bot.services.access import Speaker
from bot.services.arrivals import tell_resident
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.enums import EntryKind, QuestionState
from storage.questions import Question
from storage.transaction import Transaction

REASON_CHARS = 500


async def finish(tx: Transaction, who: Speaker, question: Question, *, source: str, now: datetime) -> None:
    """Closes an answered question. One that was never answered is not finished, whatever was done about it."""
    if question.state != QuestionState.ANSWERED:
        why = "reopened" if question.was_answered else "unanswered"
        key = f"endings.finish.{why}" if question.is_open else f"claiming.not_open.{question.state}"
        raise UserError(key, number=question.id)
    _end(tx, who, question, QuestionState.CLOSED, "question.finish", source, now)


async def decline(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, reason: str, *, source: str, now: datetime
) -> None:
    """Closes an open question with a reason, which the resident reads."""
    reason = clean(reason).strip()
    if not reason:
        raise UserError("endings.decline.reason", number=question.id)
    if len(reason) > REASON_CHARS:
        raise UserError("endings.decline.too_long", n=REASON_CHARS)
    if not question.is_open:
        raise UserError(f"claiming.not_open.{question.state}", number=question.id)
    merged = [each for each in await tx.questions.merged_in(question.id) if each.is_open]
    for each in (question, *merged):
        await tell_resident(tx, settings, each, reason, kind=EntryKind.DECLINED, member_id=who.member_id, now=now)
        _end(tx, who, each, QuestionState.DECLINED, "question.decline", source, now)
    await tx.answers.remove_of([question.id])


async def reopen(
    tx: Transaction, settings: Settings, who: Speaker, question: Question, *, source: str, now: datetime
) -> None:
    """Opens a question again that was answered, closed or declined: its clock begins anew."""
    if question.is_open:
        raise UserError("endings.reopen.open", number=question.id)
    if question.state == QuestionState.WITHDRAWN or question.erased_at is not None:
        raise UserError("endings.reopen.withdrawn", number=question.id)
    before = question.state
    states.reopened(settings.desk, question, now=now)
    question.owner_id = question.owner_id or who.member_id
    trace(tx, question.id, "question.reopen", by=who.member_id, source=source, now=now, before=before)


def _end(
    tx: Transaction,
    who: Speaker,
    question: Question,
    state: QuestionState,
    action: str,
    source: str,
    now: datetime,
) -> None:
    before = question.state
    states.ended(question, state, now=now)
    trace(tx, question.id, action, by=who.member_id, source=source, now=now, before=before, after=state)
