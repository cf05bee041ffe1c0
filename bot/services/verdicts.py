"""Did it help? What residents say after an answer, what they take back, and what closes by itself."""

from datetime import datetime

from bot.errors import UserError
from bot.rules.text import clean
from bot.services import clocks, states
from bot.services.inquiries import own
from bot.services.news import report
from bot.services.responders import secretaries_of, tell_responders
from bot.services.settings import Settings
from storage.enums import EntryBy, EntryKind, QuestionState
from storage.questions import OPEN_STATES, Question
from storage.residents import Resident
from storage.transaction import Transaction

BAD = 2
"""Up to this mark the question is opened again."""


async def rate(
    tx: Transaction,
    settings: Settings,
    resident: Resident,
    number: int | None,
    *,
    rating: int,
    words: str,
    now: datetime,
) -> Question:
    """Notes the mark, 1 to 5. A bad one opens the question again for the same owner, and its secretary hears it.

    Raises UserError for what cannot be rated: not theirs, withdrawn, or not answered yet.
    """
    question = await own(tx, resident, number, of=states.FOLLOWED_STATES if number else states.ANSWERED_STATES)
    if question.state in OPEN_STATES:
        raise UserError("rating.reopened_already" if question.was_answered else "rating.not_yet", number=question.id)
    question.rating, question.rating_words, question.rated_at = rating, clean(words) or None, now
    await tx.entries.add(
        question_id=question.id,
        resident_id=question.resident_id,
        at=now,
        by=EntryBy.RESIDENT,
        kind=EntryKind.RATING,
        text=clean(words),
    )
    _audit(tx, question, "question.rate", str(rating), now)
    if rating <= BAD:
        states.reopened(settings.desk, question, now=now)
        clocks.heard(question, now=now)
        await report(tx, settings, question, "rated_badly", now=now)
        await _tell_secretary(tx, settings, question, now)
    else:
        states.ended(question, QuestionState.CLOSED, now=now)
    return question


async def withdraw(
    tx: Transaction, settings: Settings, resident: Resident, number: int | None, *, now: datetime
) -> Question:
    """The resident takes the question back; whoever took it hears that nothing is owed."""
    question = await own(tx, resident, number, of=states.FOLLOWED_STATES if number else OPEN_STATES)
    if question.state not in OPEN_STATES:
        raise UserError("judging.answered", number=question.id)
    states.ended(question, QuestionState.WITHDRAWN, now=now)
    _audit(tx, question, "question.withdraw", None, now)
    await report(tx, settings, question, "withdrawn", now=now)
    return question


async def close_answered(tx: Transaction, settings: Settings, *, now: datetime, limit: int) -> int:
    """Answered questions that nobody said anything more about; how many. No rating counts as none."""
    due = await tx.questions.to_close(now, limit)
    for question in due:
        states.ended(question, QuestionState.CLOSED, now=now)
        _audit(tx, question, "question.close", None, now, source="clock")
    return len(due)


async def _tell_secretary(tx: Transaction, settings: Settings, question: Question, now: datetime) -> None:
    words = settings.texts.say("news.secretary_rated_badly", number=question.id, rating=question.rating or 0)
    readers = await secretaries_of(tx, question.branch_id)
    await tell_responders(tx, settings, readers, words, subject=f"rated:{question.id}:{now.isoformat()}", now=now)


def _audit(
    tx: Transaction, question: Question, action: str, after: str | None, now: datetime, source: str = "official_account"
) -> None:
    tx.audit.add(at=now, actor_id=None, source=source, action=action, subject=f"question:{question.id}", after=after)
