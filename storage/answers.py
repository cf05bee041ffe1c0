"""Words to residents on their way: answers, what is asked back, why something is declined; not yet in the thread.

A row is gone once its words have left or were taken back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word, partial_index
from storage.enums import EntryKind
from storage.prepared import Whether


class PendingAnswer(Base):
    """One for each question and responder."""

    __tablename__ = "pending_answer"
    __table_args__ = (
        UniqueConstraint("question_id", "member_id"),
        partial_index("ix_pending_answer_due", "leaves_at", where="leaves_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(Word, server_default=EntryKind.ANSWER)
    """`answer`, `asked_back` or `declined`."""
    text: Mapped[str] = mapped_column(Text)
    leaves_at: Mapped[datetime | None]
    """The end of the undo window; None while its writer has not said that it is meant so."""
    promised_at: Mapped[datetime | None]
    """The day that its writer wants to be held to."""
    created_at: Mapped[datetime]


_ANY_DUE = Whether(PendingAnswer.leaves_at <= bindparam("now"))


class PendingAnswerStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(
        self,
        *,
        question_id: int,
        member_id: int,
        kind: EntryKind,
        text: str,
        leaves_at: datetime | None,
        now: datetime,
    ) -> PendingAnswer:
        """A new one; what the same responder had on its way to the same question is replaced."""
        await self.remove(question_id, member_id)
        answer = PendingAnswer(
            question_id=question_id, member_id=member_id, kind=kind, text=text, leaves_at=leaves_at, created_at=now
        )
        self._session.add(answer)
        await self._session.flush()
        return answer

    async def of(self, question_id: int, member_id: int) -> PendingAnswer | None:
        query = select(PendingAnswer).where(
            PendingAnswer.question_id == question_id, PendingAnswer.member_id == member_id
        )
        return (await self._session.scalars(query)).first()

    async def leaving(self, question_id: int) -> Sequence[PendingAnswer]:
        """What is on its way to a question, whoever wrote it."""
        query = select(PendingAnswer).where(
            PendingAnswer.question_id == question_id, PendingAnswer.leaves_at.is_not(None)
        )
        return (await self._session.scalars(query.order_by(PendingAnswer.id))).all()

    async def due(self, now: datetime, limit: int) -> Sequence[PendingAnswer]:
        """Those whose undo window is over, taken for this transaction."""
        query = select(PendingAnswer).where(PendingAnswer.leaves_at <= now).order_by(PendingAnswer.leaves_at)
        return (await self._session.scalars(query.limit(limit).with_for_update(skip_locked=True))).all()

    async def anything_due(self, now: datetime) -> bool:
        """Whether there is something to send."""
        return await _ANY_DUE.ask(self._session, now=now)

    async def remove(self, question_id: int, member_id: int) -> None:
        await self._session.execute(
            delete(PendingAnswer).where(PendingAnswer.question_id == question_id, PendingAnswer.member_id == member_id)
        )

    async def remove_of(self, question_ids: Iterable[int]) -> None:
        """Nothing is on its way to these questions any more."""
        await self._session.execute(delete(PendingAnswer).where(PendingAnswer.question_id.in_(set(question_ids))))

    async def forget(self, before: datetime) -> None:
        """Those that nobody confirmed."""
        await self._session.execute(
            delete(PendingAnswer).where(PendingAnswer.leaves_at.is_(None), PendingAnswer.created_at < before)
        )
