"""Residents' questions as another system may look at them: masked, without anything that names the resident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.masking import NUMBERS, masked
from bot.services.access import ROSTER
from bot.services.accesses import note
from storage.entries import Entry
from storage.enums import EntryBy, EntryKind, QuestionState
from storage.questions import Question
from storage.transaction import Transaction

SOURCE = "api"


@dataclass(frozen=True, slots=True)
class AssigneeEntry:
    """The responder whose question it is; `user_id` is None without an account."""

    user_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One line of a thread. `arrival` says what became of words to the resident, None for all others."""

    at: datetime
    by: str
    kind: str
    text: str
    arrival: str | None


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """A question with its thread, oldest line first. `text` is what was asked first."""

    number: int
    state: str
    text: str
    topic: str | None
    branch: str | None
    assignee: AssigneeEntry | None
    asked_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    rating: int | None
    thread: Sequence[LineEntry]


async def questions_page(
    tx: Transaction, *, state: QuestionState | None, client: str, now: datetime, before: int | None, limit: int
) -> list[QuestionEntry]:
    """Questions, newest first; that they were looked at is logged."""
    found = await tx.questions.page(None, states=None if state is None else [state], before=before, limit=limit)
    return await _entries(tx, found, client, now)


async def question_numbered(tx: Transaction, number: int, *, client: str, now: datetime) -> QuestionEntry:
    """One question; that it was looked at is logged. Raises UserError when there is no such question."""
    found = (await tx.questions.many([number])).get(number)
    if found is None:
        raise UserError("api.no_question")
    return (await _entries(tx, [found], client, now))[0]


async def _entries(tx: Transaction, questions: Sequence[Question], client: str, now: datetime) -> list[QuestionEntry]:
    branches = await tx.branches.all_names()
    owners = {question.owner_id for question in questions if question.owner_id is not None}
    names, accounts = await tx.members.names(owners), await tx.members.user_ids(owners, ROSTER)
    threads = await tx.entries.of_questions([question.id for question in questions])
    for question in questions:
        note(tx, "thread", by=None, source=SOURCE, question_id=question.id, client=client[:100], now=now)
    return [
        QuestionEntry(
            number=question.id,
            state=question.state,
            text=masked(question.words, NUMBERS),
            topic=question.topic,
            branch=branches.get(question.branch_id or 0),
            assignee=AssigneeEntry(accounts.get(question.owner_id), names.get(question.owner_id, ""))
            if question.owner_id is not None
            else None,
            asked_at=question.asked_at,
            due_at=question.due_at,
            answered_at=question.answered_at,
            rating=question.rating,
            thread=[_line(entry) for entry in threads.get(question.id, []) if entry.kind != EntryKind.NOTE],
        )
        for question in questions
    ]


def _line(entry: Entry) -> LineEntry:
    text = masked(entry.text, NUMBERS) if entry.by == EntryBy.RESIDENT else entry.text
    return LineEntry(entry.at, entry.by, entry.kind, text, entry.arrival)
