"""Questions and answers that wait for a second person before everybody may read them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Text, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Publication(Base):
    """What was asked for, word for word as it would stand on the page. The row is gone once it was decided."""

    __tablename__ = "publication"

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    question_text: Mapped[str] = mapped_column(Text)
    answer_text: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[datetime]


class PublicationStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, question_id: int) -> Publication | None:
        """What waits for a second person, taken for this transaction."""
        return await self._session.get(Publication, question_id, with_for_update=True)

    async def put(
        self, *, question_id: int, question_text: str, answer_text: str, asked_by_id: int, now: datetime
    ) -> Publication:
        """A new request; an earlier one for the same question is replaced."""
        found = await self.get(question_id)
        if found is None:
            found = Publication(question_id=question_id)
            self._session.add(found)
        found.question_text, found.answer_text = question_text, answer_text
        found.asked_by_id, found.asked_at = asked_by_id, now
        await self._session.flush()
        return found

    async def remove(self, publication: Publication) -> None:
        await self._session.delete(publication)

    async def remove_of(self, question_ids: Iterable[int]) -> None:
        """Nothing of these questions waits any more."""
        await self._session.execute(delete(Publication).where(Publication.question_id.in_(set(question_ids))))
