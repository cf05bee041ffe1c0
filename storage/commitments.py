"""Promises with a date that responders want to be held to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Text, bindparam, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word, partial_index
from storage.enums import CommitmentState
from storage.prepared import Whether
from storage.questions import Question

_OPEN = "state = 'open'"
"""As SQL: only a condition that reads like its own lets SQLite use a partial index."""


class Commitment(Base):
    __tablename__ = "commitment"
    __table_args__ = (
        partial_index("ix_commitment_ask", "ask_at", where=_OPEN),
        partial_index("ix_commitment_question", "question_id", where=_OPEN),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    words: Mapped[str] = mapped_column(Text)
    """The part of the answer that promised."""
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Word)
    ask_at: Mapped[datetime]
    """When its owner is asked next."""
    late_told_at: Mapped[datetime | None]
    """When the resident was told that it is late; None after it was moved."""
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


_ANY_TO_ASK = Whether(text(_OPEN), Commitment.ask_at <= bindparam("now"))


class CommitmentStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, *, question_id: int, owner_id: int, words: str, due_at: datetime, ask_at: datetime, now: datetime
    ) -> Commitment:
        commitment = Commitment(
            question_id=question_id,
            owner_id=owner_id,
            words=words,
            due_at=due_at,
            state=CommitmentState.OPEN,
            ask_at=ask_at,
            created_at=now,
        )
        self._session.add(commitment)
        await self._session.flush()
        return commitment

    async def get(self, commitment_id: int) -> Commitment | None:
        return await self._session.get(Commitment, commitment_id, with_for_update=True)

    async def open_of(self, question_id: int) -> Commitment | None:
        """What is still promised to a question; the latest promise stands."""
        query = select(Commitment).where(Commitment.question_id == question_id, text(_OPEN))
        return (await self._session.scalars(query.order_by(Commitment.id.desc()).limit(1))).first()

    async def to_ask(self, now: datetime, limit: int) -> Sequence[Commitment]:
        """Those whose owner is to be asked now, taken for this transaction."""
        query = select(Commitment).where(text(_OPEN), Commitment.ask_at <= now)
        query = query.order_by(Commitment.ask_at, Commitment.id).limit(limit)
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).all()

    async def anything_to_ask(self, now: datetime) -> bool:
        """Whether some owner is to be asked."""
        return await _ANY_TO_ASK.ask(self._session, now=now)

    async def open_in(
        self, branch_ids: Collection[int] | None, owner_id: int, limit: int
    ) -> Sequence[tuple[Commitment, Question]]:
        """One's own and those of these branches (None: everywhere), the earliest first."""
        query = (
            select(Commitment, Question)
            .join(Question, Question.id == Commitment.question_id)
            .where(Commitment.state == CommitmentState.OPEN)
            .order_by(Commitment.due_at, Commitment.id)
            .limit(limit)
        )
        if branch_ids is not None:
            query = query.where(
                or_(Commitment.owner_id == owner_id, Question.branch_id.in_(branch_ids), Question.branch_id.is_(None))
            )
        return [(commitment, question) for commitment, question in await self._session.execute(query)]

    async def erase(self, question_ids: Iterable[int], now: datetime) -> None:
        """Whoever was promised something is gone: nobody is asked about it any more, and its words are dropped."""
        of_questions = Commitment.question_id.in_(set(question_ids))
        await self._session.execute(
            update(Commitment)
            .where(of_questions, Commitment.state == CommitmentState.OPEN)
            .values(state=CommitmentState.DROPPED, ended_at=now)
        )
        await self._session.execute(update(Commitment).where(of_questions).values(words=""))
