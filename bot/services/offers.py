"""A published answer that fits a new question well, offered at once."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.matching import Published, best_match
from bot.services import states
from storage.enums import QuestionState
from storage.questions import OPEN_STATES, Question
from storage.residents import Resident
from storage.transaction import Transaction

LOOK_AT = 300
"""The newest published answers are looked at."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A published question and its answer."""

    number: int
    question: str
    answer: str


async def offer(tx: Transaction, question: Question) -> Offer | None:
    """The published answer that fits well, noted with the question; None when none does."""
    published = {each.id: each for each in await tx.questions.published(LOOK_AT) if each.id != question.id}
    number = best_match(question.words, [Published(i, each.public_question or "") for i, each in published.items()])
    if number is None or not published[number].public_answer:
        return None
    found = published[number]
    question.offered_id = found.id
    return Offer(found.id, found.public_question or "", found.public_answer or "")


async def waiting(tx: Transaction, resident: Resident) -> Question | None:
    """The resident's open question whose offer they have said nothing about."""
    question = await tx.questions.latest_of(resident.id, OPEN_STATES)
    if question is None or question.offered_id is None or question.offer_helped is not None:
        return None
    return question


async def take(tx: Transaction, question: Question, *, helped: bool, now: datetime) -> None:
    """The resident said whether the offered answer helped; if it did, the question is closed."""
    question.offer_helped = helped
    offered = await tx.questions.get(question.offered_id or 0)
    if offered is not None:
        offered.helped += helped
        offered.not_helped += not helped
    if helped:
        states.ended(question, QuestionState.CLOSED, now=now)
