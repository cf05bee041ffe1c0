"""The public page: published questions to read and to search, and figures that name nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from bot.rules.matching import pairs_of
from bot.rules.wall_clock import day_of, start_of_day
from bot.services.desk import Desk
from storage.public_questions import AskedRow
from storage.questions import Question
from storage.transaction import Transaction

PER_PAGE = 20
MOST_TERMS = 12
"""Of a longer search the rarest count."""
FEWEST = 5
"""Figures about fewer questions are not shown: they would be about somebody."""
MONTHS = 6
SATISFIED = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """One published question. `branch` is "" when it went to no branch."""

    number: int
    question: str
    answer: str
    topic: str
    branch: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """`after` leads to the next page, None on the last; `near`: nothing holds all words, these hold most."""

    shown: Sequence[Shown]
    after: int | None = None
    near: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """`first` is the month's first day. None where fewer than FEWEST stand behind a figure.

    `in_time` and `satisfied` are shares from 0 to 1, of the answered and of the rated; `middle` is the median of the
    working time from question to answer.
    """

    first: date
    asked: int
    answered: int
    in_time: float | None
    middle: timedelta | None
    satisfied: float | None


async def index(tx: Transaction, question: Question) -> None:
    """Makes a question that was just published findable."""
    await tx.public_questions.index(
        question.id, pairs_of(f"{question.public_question or ''} {question.public_answer or ''}")
    )


async def find(tx: Transaction, words: str, *, before: int | None) -> Found:
    """The published questions with these words, newest first; all of them without words."""
    terms = pairs_of(words)
    if not words.strip():
        return await _page(tx, await tx.public_questions.page(before=before, limit=PER_PAGE + 1))
    if not terms:
        return Found([])
    known = await tx.public_questions.frequencies(terms)
    rare_first = sorted(terms, key=lambda term: (known[term], term))[:MOST_TERMS]
    if known[rare_first[0]]:
        numbers = await tx.public_questions.holding_all(rare_first, before=before, limit=PER_PAGE + 1)
        if numbers or before is not None:
            return await _page(tx, await tx.public_questions.of(numbers))
    if before is not None or len(terms) < 2:
        return Found([])
    near = await tx.public_questions.holding_most([term for term in rare_first if known[term]] or rare_first, PER_PAGE)
    return Found(await _shown(tx, await tx.public_questions.of(near)), near=bool(near))


async def figures(tx: Transaction, desk: Desk, zone: ZoneInfo, now: datetime) -> Sequence[Month]:
    """The last months, the newest first; months with too few questions are left out."""
    firsts = _firsts(day_of(now, zone))
    rows = await tx.public_questions.asked_since(start_of_day(firsts[-1], zone))
    of_month: dict[date, list[AskedRow]] = {first: [] for first in firsts}
    for row in rows:
        of_month[day_of(row.asked_at, zone).replace(day=1)].append(row)
    return [_month(first, desk, of_month[first]) for first in firsts if len(of_month[first]) >= FEWEST]


def _month(first: date, desk: Desk, rows: Sequence[AskedRow]) -> Month:
    answered = [(row, row.answered_at) for row in rows if row.answered_at is not None]
    in_time = [row for row, at in answered if row.late_told_at is None and (row.due_at is None or at <= row.due_at)]
    rated = [row.rating for row in rows if row.rating is not None]
    enough = len(answered) >= FEWEST
    seconds = [desk.working.between(row.asked_at, at).total_seconds() for row, at in answered] if enough else []
    return Month(
        first=first,
        asked=len(rows),
        answered=len(answered),
        in_time=len(in_time) / len(answered) if enough else None,
        middle=timedelta(seconds=median(seconds)) if enough else None,
        satisfied=sum(mark >= SATISFIED for mark in rated) / len(rated) if len(rated) >= FEWEST else None,
    )


def _firsts(today: date) -> list[date]:
    """The first days of this month and those before it, newest first."""
    firsts = [today.replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts


async def _page(tx: Transaction, questions: Sequence[Question]) -> Found:
    page = questions[:PER_PAGE]
    return Found(await _shown(tx, page), after=page[-1].id if len(questions) > PER_PAGE else None)


async def _shown(tx: Transaction, questions: Sequence[Question]) -> list[Shown]:
    names = await tx.branches.all_names()
    return [
        Shown(
            each.id,
            each.public_question or "",
            each.public_answer or "",
            each.topic or "",
            names.get(each.branch_id or 0, ""),
            each.published_at,
        )
        for each in questions
        if each.published_at is not None
    ]
