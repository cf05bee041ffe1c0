"""A published answer that fits a new question well, offered at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.matching import Published, best_match, pairs_of
from bot.services import states
from storage.enums import QuestionState
from storage.questions import OPEN_STATES, Question
from storage.residents import Resident
from storage.transaction import Transaction

LOOK_AT = 300
"""How many published questions are known to be there when it is reckoned how rare a word is."""
CANDIDATES = 20
"""Those that share most with a question are compared with it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A published question and its answer."""

    number: int
    question: str
    answer: str


async def offer(tx: Transaction, question: Question) -> Offer | None:
    """The published answer that fits well, noted with the question; None when none does."""
    return (await offers_for(tx, [question]))[0]


async def offers_for(tx: Transaction, questions: Sequence[Question]) -> list[Offer | None]:
    """`offer` for any number of questions, in two or three statements."""
    total = await tx.public_questions.count(LOOK_AT) if questions else 0
    if not total:
        return [None] * len(questions)
    terms = {question.words: pairs_of(question.words) for question in questions}
    holders = await tx.public_questions.newest_holders({term for each in terms.values() for term in each})
    near = {words: _nearest(each, holders) for words, each in terms.items()}
    texts = await tx.public_questions.texts({number for each in near.values() for number in each})
    found: list[Offer | None] = []
    for question in questions:
        published = [Published(n, texts[n][0]) for n in near[question.words] if n in texts and n != question.id]
        number = best_match(question.words, published, of=total)
        if number is None or not texts[number][1]:
            found.append(None)
            continue
        question.offered_id = number
        found.append(Offer(number, *texts[number]))
    return found


def _nearest(terms: frozenset[str], holders: Mapping[str, Sequence[int]]) -> list[int]:
    """The published questions that hold most of the terms."""
    shared = Counter(number for term in terms for number in holders.get(term, ()))
    return [number for number, _ in shared.most_common(CANDIDATES)]


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
