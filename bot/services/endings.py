"""How an answered question is finished, and how one is opened again."""

from datetime import datetime

from bot.errors import UserError
from bot.services import states
from bot.services.access import Speaker
from bot.services.settings import Settings
from bot.services.traces import trace
from storage.enums import QuestionState
from storage.questions import Question
from storage.transaction import Transaction


async def finish(tx: Transaction, who: Speaker, question: Question, *, source: str, now: datetime) -> None:
    """Closes an answered question. One that was never answered is not finished, whatever was done about it."""
    if question.state != QuestionState.ANSWERED:
        why = "reopened" if question.was_answered else "unanswered"
        key = f"endings.finish.{why}" if question.is_open else f"claiming.not_open.{question.state}"
        raise UserError(key, number=question.id)
    before = question.state
    states.ended(question, QuestionState.CLOSED, now=now)
    trace(
        tx,
        question.id,
        "question.finish",
        by=who.member_id,
        source=source,
        now=now,
        before=before,
        after=QuestionState.CLOSED,
    )


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
