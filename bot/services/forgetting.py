"""Dropping what is personal: at a resident's word, when they leave, and when it has been kept long enough.

The numbers, the times, the topics and the marks stay, and what was published after somebody had cleared it by hand.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.killing import here
from bot.services import pictures, states
from bot.services.desk import Desk
from bot.services.ledger import write_down
from bot.services.news import report
from bot.services.responders import CARDS
from bot.services.settings import Settings
from storage.enums import QuestionState
from storage.questions import OPEN_STATES
from storage.residents import OFFICIAL_ACCOUNT, Resident
from storage.transaction import Transaction


async def forget(tx: Transaction, settings: Settings, resident: Resident, *, now: datetime) -> int:
    """At the resident's word, at once: nothing is left that leads to them, open questions are withdrawn; how many."""
    questions = await tx.questions.all_of_resident(resident.id)
    for question in questions:
        if question.state in (*OPEN_STATES, QuestionState.ASIDE):
            owed = question.state in OPEN_STATES
            states.ended(question, QuestionState.WITHDRAWN, now=now)
            if owed:
                await report(tx, settings, question, "forgotten", now=now)
        elif question.state == QuestionState.ANSWERED:
            states.ended(question, QuestionState.CLOSED, now=now)
    await _erase(tx, [question.id for question in questions], now)
    await _let_go(tx, settings, resident, "resident.forget", now)
    return len(questions)


async def leave(tx: Transaction, settings: Settings, resident: Resident, *, now: datetime) -> None:
    """They follow no longer: nobody can reach them, so nothing that leads to them is kept.

    What is not answered yet is still seen to, without its asker; the pick-up code fetches the answer.
    """
    resident.left_at = now
    questions = await tx.questions.all_of_resident(resident.id)
    await _erase(tx, [question.id for question in questions if question.closed_at is not None], now)
    for question in questions:
        question.warn_at = None
    await _let_go(tx, settings, resident, "resident.leave", now)


async def forget_old(tx: Transaction, desk: Desk, *, now: datetime, limit: int) -> int:
    """Ended questions that have been kept long enough, or whose asker is gone; how many."""
    numbers = await tx.questions.kept_too_long(now - desk.keep_for, limit)
    await _erase(tx, numbers, now)
    here("K17")
    return len(numbers)


async def _erase(tx: Transaction, numbers: Sequence[int], now: datetime) -> None:
    if numbers:
        await tx.flush()
        await tx.entries.erase(numbers)
        await tx.questions.erase(numbers, now)
        await tx.scrubs.questions(CARDS, numbers, now)
        await tx.scrubs.questions(pictures.KIND, numbers, now)
        await pictures.forget(tx, numbers)
        await tx.answers.remove_of(numbers)
        await tx.publications.remove_of(numbers)
        await tx.commitments.erase(numbers, now)


async def _let_go(tx: Transaction, settings: Settings, resident: Resident, action: str, now: datetime) -> None:
    """The token goes, with everything that passed under it."""
    token = resident.token
    await tx.flush()
    await tx.residents.forget(resident.id, now)
    if token is not None:
        await tx.scrubs.resident(OFFICIAL_ACCOUNT, token, now)
        await write_down(tx, settings, OFFICIAL_ACCOUNT, token, now)
    tx.audit.add(at=now, actor_id=None, source=OFFICIAL_ACCOUNT, action=action, subject=f"resident:{resident.id}")
