"""Who did what, when, and what it was before and after. Rows are only ever added."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word


class AuditRow(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    """None: the bot itself, the operator's command line, or another system."""
    source: Mapped[str] = mapped_column(Word)
    """Where it was asked: a platform's name, `api`, `cli`, `clock`."""
    action: Mapped[str] = mapped_column(Word)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    """What it was done to, e.g. `item:12`."""
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class AuditStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(
        self,
        *,
        at: datetime,
        actor_id: int | None,
        source: str,
        action: str,
        subject: str,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        self._session.add(
            AuditRow(
                at=at, actor_id=actor_id, source=source, action=action, subject=subject, before=before, after=after
            )
        )

    async def latest(self, subject: str, action: str) -> datetime | None:
        """When this was last done to it."""
        query = select(AuditRow.at).where(AuditRow.subject == subject, AuditRow.action == action)
        return await self._session.scalar(query.order_by(AuditRow.id.desc()).limit(1))

    async def add_many(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Rows with every column but `id`; for imports. One statement for any number of them."""
        if rows:
            await self._session.execute(insert(AuditRow), rows)

    async def of(self, subject: str) -> Sequence[AuditRow]:
        return (
            await self._session.scalars(select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.id))
        ).all()

    async def by(self, actor_id: int, limit: int) -> Sequence[AuditRow]:
        query = select(AuditRow).where(AuditRow.actor_id == actor_id).order_by(AuditRow.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()
