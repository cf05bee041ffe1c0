"""What a bare number means to a resident, from what they were asked last."""

from datetime import datetime
from enum import Enum, auto

from bot.services import offers, routing
from bot.services.settings import Settings
from bot.services.states import FOLLOWED_STATES
from storage.enums import QuestionState
from storage.questions import OPEN_STATES
from storage.residents import Resident
from storage.transaction import Transaction

BEST_MARK = 5


class Meaning(Enum):
    """A place of the menu, whether an offer helped, an answer to us, a mark for an answer, or a question's number."""

    PLACE = auto()
    OFFER = auto()
    ANSWER = auto()
    MARK = auto()
    QUESTION = auto()


async def meaning_of(tx: Transaction, settings: Settings, resident: Resident, number: int, *, now: datetime) -> Meaning:
    """What the number means; a question's number where nothing else was asked."""
    waits, _ = await routing.asked_for_place(tx, resident, now=now)
    if waits and number <= len(settings.desk.neighbourhoods):
        return Meaning.PLACE
    if number in (1, 2) and await offers.waiting(tx, resident) is not None:
        return Meaning.OFFER
    latest = await tx.questions.latest_of(resident.id, OPEN_STATES)
    if latest is not None and latest.paused_at is not None:
        return Meaning.ANSWER
    question = await tx.questions.get(number)
    if question is not None and question.resident_id == resident.id and question.state in FOLLOWED_STATES:
        return Meaning.QUESTION
    answered = await tx.questions.latest_of(resident.id, [QuestionState.ANSWERED])
    return Meaning.MARK if answered is not None and 1 <= number <= BEST_MARK else Meaning.QUESTION
