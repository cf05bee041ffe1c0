"""How a question moves from state to state, with its clock. Everybody who moves one does it here."""

from datetime import datetime

from bot.services import clocks
from bot.services.desk import Desk
from storage.enums import QuestionState
from storage.questions import Question

ANSWERED_STATES = (QuestionState.ANSWERED, QuestionState.CLOSED, QuestionState.DECLINED)
"""The resident has heard, or will hear, what there is to say."""
FOLLOWED_STATES = (QuestionState.NEW, QuestionState.ASSIGNED, QuestionState.REOPENED, *ANSWERED_STATES)
"""Those that the resident can still speak about."""


def answered(desk: Desk, question: Question, *, now: datetime) -> None:
    """An answer is on its way; without a rating it closes by itself after a while."""
    question.state, question.answered_at, question.closed_at = QuestionState.ANSWERED, now, None
    question.close_at = now + desk.close_after
    clocks.stop(question)


def reopened(desk: Desk, question: Question, *, now: datetime) -> None:
    """It is owed again, by the same owner, with the whole time to answer."""
    question.state, question.close_at, question.closed_at = QuestionState.REOPENED, None, None
    clocks.start(desk, question, now=now)


def ended(question: Question, state: QuestionState, *, now: datetime) -> None:
    """Closed, withdrawn or declined: nothing more is owed."""
    question.state, question.closed_at, question.close_at = state, now, None
    clocks.stop(question)


def fetched(desk: Desk, question: Question, *, now: datetime) -> None:
    """What was set aside is a question after all."""
    question.state = QuestionState.NEW
    clocks.start(desk, question, now=now)
