"""Lists that somebody asked for and that are made a moment later."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, partial_index
from storage.prepared import Whether

_WAITS = "done_at IS NULL"


class Export(Base):
    """One request. Whoever asks again while the first is on its way gets that one."""

    __tablename__ = "export"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    branches: Mapped[str | None] = mapped_column(Text)
    """The branches whose deliveries they may see, as a JSON list; None for all."""
    asked_at: Mapped[datetime]
    next_at: Mapped[datetime]
    """When it is made, or tried again."""
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_export_waiting",
            "item_id",
            "member_id",
            unique=True,
            sqlite_where=text(_WAITS),
            postgresql_where=text(_WAITS),
        ),
        partial_index("ix_export_due", "next_at", where=_WAITS),
    )


_ANY_DUE = Whether(Export.done_at.is_(None), Export.next_at <= bindparam("now"))


class ExportStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, export: Export) -> None:
        self._session.add(export)

    async def waiting(self, item_id: int, member_id: int) -> Export | None:
        query = select(Export).where(Export.item_id == item_id, Export.member_id == member_id, Export.done_at.is_(None))
        return (await self._session.scalars(query)).first()

    async def any_due(self, now: datetime) -> bool:
        return await _ANY_DUE.ask(self._session, now=now)

    async def claim(self, now: datetime, limit: int, *, until: datetime) -> Sequence[Export]:
        """What is due, taken by this process until then; whoever dies with it is followed by another."""
        query = select(Export).where(Export.done_at.is_(None), Export.next_at <= now).order_by(Export.id).limit(limit)
        due = (await self._session.scalars(query.with_for_update(skip_locked=True))).all()
        for export in due:
            export.next_at = until
            export.tries += 1
        return due

    async def get(self, export_id: int) -> Export | None:
        return await self._session.get(Export, export_id)
