"""The clock of a question: started, stopped while the resident is asked back, and over with the answer."""

from datetime import datetime

from bot.rules.answering import Step, again_at, next_step, step_at
from bot.rules.windows import CLOSING, SPOKEN
from bot.services.desk import Desk
from storage.questions import Question


def start(desk: Desk, question: Question, *, now: datetime) -> None:
    """The whole time to answer begins: for a new question, and for one that was opened again."""
    question.reckoned_from = None if now == question.asked_at else now
    question.due_at = question.promised_at = desk.working.add(now, desk.answer_within)
    question.paused_at = question.time_left = question.late_told_at = None
    question.escalated = 0
    question.escalate_at = step_at(desk.working, Step.HALF, allowed=desk.answer_within, left=desk.answer_within, at=now)


def pause(desk: Desk, question: Question, *, now: datetime) -> None:
    """It waits for the resident from now on. A clock that stands still already goes on standing still."""
    if question.due_at is None:
        return
    question.time_left = desk.working.between(now, question.due_at)
    question.paused_at = now
    question.due_at = question.escalate_at = None


def resume(desk: Desk, question: Question, *, now: datetime) -> None:
    """The resident has answered: what was left of the time runs on. Nothing happens to a clock that runs."""
    if question.paused_at is None or question.time_left is None:
        return
    left, step = question.time_left, next_step(question.escalated)
    question.due_at = question.promised_at = desk.working.add(now, left)
    question.paused_at = question.time_left = None
    if question.escalated >= Step.LATE:
        question.escalate_at = again_at(desk.working, now)
    else:
        question.escalate_at = step_at(desk.working, step, allowed=desk.answer_within, left=left, at=now)


def stop(question: Question) -> None:
    """Nothing is owed any more. `due_at` stays, to be compared with when the answer came."""
    question.paused_at = question.time_left = question.escalate_at = question.warn_at = None


def step_due(question: Question, *, now: datetime) -> Step:
    """The step whose time has come; what was missed while nobody looked is not made up for."""
    late = question.due_at is not None and question.due_at <= now
    return Step.LATE if late else next_step(question.escalated)


def step_taken(desk: Desk, question: Question, step: Step, *, now: datetime) -> None:
    """The step lies behind the question; the next one is set."""
    question.escalated = step
    if step is Step.LATE or question.due_at is None:
        question.escalate_at = again_at(desk.working, now)
        return
    left = desk.working.between(now, question.due_at)
    question.escalate_at = step_at(desk.working, next_step(step), allowed=desk.answer_within, left=left, at=now)


def heard(question: Question, *, now: datetime) -> None:
    """The resident wrote: the platform's window is open again, and is looked at before it closes."""
    question.said_at = now
    question.warn_at = now + SPOKEN - CLOSING
