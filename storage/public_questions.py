"""What everybody may read: published questions, the terms by which they are found, and the months' figures."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Integer,
    String,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.among import Listed, among, one_of
from storage.base import Base
from storage.enums import QuestionState
from storage.prepared import Prepared
from storage.questions import Question

TERM_CHARS = 32
RARE_ENOUGH = 2000
"""Terms that more published questions hold are all called common: counting on would cost more than it helps."""


class PublicTerm(Base):
    """That a published question or its answer holds a term. In the order in which a search reads it."""

    __tablename__ = "public_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: Mapped[str] = mapped_column(String(TERM_CHARS), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True, index=True)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question as the figures see it."""

    asked_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    rating: int | None
    late_told_at: datetime | None


HOLDERS = 100
"""Of a term: the newest of the published questions that hold it."""
_question = Base.metadata.tables["question"]
_IS_PUBLISHED = text("published_at IS NOT NULL")
_COUNT = Prepared(
    select(func.count()).select_from(
        select(literal(1))
        .select_from(_question)
        .where(_IS_PUBLISHED)
        .limit(bindparam("most", type_=Integer()))
        .subquery()
    )
)
_TEXTS = Prepared(
    select(_question.c.id, _question.c.public_question, _question.c.public_answer).where(
        among(_question.c.id, "numbers"), _IS_PUBLISHED
    )
)
_OF_TERM = "SELECT question_id FROM public_term WHERE term = wanted.term ORDER BY question_id DESC LIMIT :most"
_NEWEST = Prepared(
    {
        dialect: text(f"SELECT wanted.term, (SELECT {listed} FROM ({_OF_TERM}) AS newest) AS numbers FROM {wanted}")
        .bindparams(bindparam("terms", type_=Listed(String())), bindparam("most", type_=Integer()))
        .columns(term=String, numbers=String)
        for dialect, listed, wanted in (
            ("sqlite", "group_concat(question_id)", "(SELECT value AS term FROM json_each(:terms)) AS wanted"),
            (
                "postgresql",
                "string_agg(CAST(question_id AS text), ',')",
                "unnest(CAST(:terms AS varchar[])) AS wanted(term)",
            ),
        )
    }
)


class PublicQuestionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def index(self, question_id: int, terms: Iterable[str]) -> None:
        """From now on the question is found by these terms, and by no others."""
        await self.unindex([question_id])
        rows = [{"term": term, "question_id": question_id} for term in sorted({term[:TERM_CHARS] for term in terms})]
        if rows:
            await self._session.execute(insert(PublicTerm), rows)

    async def unindex(self, question_ids: Collection[int]) -> None:
        """They are found no more."""
        await self._session.execute(
            delete(PublicTerm)
            .where(one_of(PublicTerm.question_id, question_ids))
            .execution_options(synchronize_session=False)
        )

    async def page(self, *, before: int | None, limit: int) -> Sequence[Question]:
        """What is published, the highest number first."""
        query = select(Question).where(Question.published_at.is_not(None))
        if before is not None:
            query = query.where(Question.id < before)
        return (await self._session.scalars(query.order_by(Question.id.desc()).limit(limit))).all()

    async def of(self, question_ids: Sequence[int]) -> Sequence[Question]:
        """These, where they are published, in the order given."""
        query = select(Question).where(one_of(Question.id, question_ids), Question.published_at.is_not(None))
        found = {question.id: question for question in await self._session.scalars(query)}
        return [found[number] for number in question_ids if number in found]

    async def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Term → how many published questions hold it, counted up to RARE_ENOUGH."""
        counted = {}
        for term in terms:
            some = select(literal(1)).where(PublicTerm.term == term[:TERM_CHARS]).limit(RARE_ENOUGH).subquery()
            counted[term] = await self._session.scalar(select(func.count()).select_from(some)) or 0
        return counted

    async def count(self, most: int) -> int:
        """How many are published, counted up to `most`."""
        ((n,),) = await _COUNT.run(self._session, {"most": most})
        return int(n)

    async def newest_holders(self, terms: Collection[str]) -> dict[str, list[int]]:
        """Term → the newest published questions that hold it, HOLDERS at most."""
        given = {term[:TERM_CHARS]: term for term in terms}
        rows = await _NEWEST.run(self._session, {"terms": list(given), "most": HOLDERS})
        return {given[term]: [int(number) for number in numbers.split(",")] for term, numbers in rows if numbers}

    async def texts(self, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
        """Number → question and answer as they are published."""
        if not numbers:
            return {}
        rows = await _TEXTS.run(self._session, {"numbers": list(numbers)})
        return {number: (question or "", answer or "") for number, question, answer in rows}

    async def holding_all(self, terms: Sequence[str], *, before: int | None, limit: int) -> Sequence[int]:
        """Those that hold every term, the highest number first; quickest with the rarest term in front."""
        first, *others = (term[:TERM_CHARS] for term in terms)
        query = select(PublicTerm.question_id).where(PublicTerm.term == first)
        for term in others:
            other = aliased(PublicTerm)
            same = and_(other.term == term, other.question_id == PublicTerm.question_id)
            query = query.where(exists(select(literal(1)).where(same)))
        if before is not None:
            query = query.where(PublicTerm.question_id < before)
        return (await self._session.scalars(query.order_by(PublicTerm.question_id.desc()).limit(limit))).all()

    async def holding_most(self, terms: Collection[str], limit: int) -> Sequence[int]:
        """Those that hold most of the terms, and at least half of them."""
        most = func.count()
        query = (
            select(PublicTerm.question_id)
            .where(one_of(PublicTerm.term, [term[:TERM_CHARS] for term in terms]))
            .group_by(PublicTerm.question_id)
            .having(most * 2 >= len(terms))
        )
        return (
            await self._session.scalars(query.order_by(most.desc(), PublicTerm.question_id.desc()).limit(limit))
        ).all()

    async def asked_since(self, since: datetime) -> Sequence[AskedRow]:
        """What the figures are made of. Withdrawn questions and what was set aside are not among them."""
        left_out = (QuestionState.WITHDRAWN, QuestionState.ASIDE)
        query = select(
            Question.asked_at, Question.due_at, Question.answered_at, Question.rating, Question.late_told_at
        ).where(Question.asked_at >= since, Question.state.not_in(left_out))
        return [AskedRow(*row) for row in await self._session.execute(query)]
