"""What this installation is: how often it has started, on what, and whether it may send.

One row. A copy of its figures lies in a small file outside of the database (`storage/milestone.py`): where they
disagree, the database is an older one than the one that was in use.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.audit import AuditRow
from storage.base import Base, Word
from storage.calls import Call
from storage.inbox import InboxRow
from storage.prepared import Prepared, Whether, flush_changes

ONLY = 1


class Instance(Base):
    __tablename__ = "instance"

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY)
    generation: Mapped[int]
    """Counts the starts of a service and the restores."""
    fingerprint: Mapped[str] = mapped_column(String(400))
    """What it runs on, as `name:digest` parted by blanks."""
    held_at: Mapped[datetime | None]
    """Since when nothing is sent; None while it may be."""
    held_why: Mapped[str | None] = mapped_column(Word)
    backed_up_at: Mapped[datetime | None]
    """When a backup last was whole on disk."""
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Marks:
    """How far a database has come. Each figure only grows; the last three are the highest ids in use."""

    generation: int = 0
    calls: int = 0
    updates: int = 0
    deeds: int = 0

    def is_beyond(self, other: "Marks") -> bool:
        """Whether something was done here of which the other knows nothing."""
        return (
            self.generation > other.generation
            or self.calls > other.calls
            or self.updates > other.updates
            or self.deeds > other.deeds
        )


def _highest(column: Any) -> Any:
    return func.coalesce(select(func.max(column)).scalar_subquery(), 0)


_MARKS = Prepared(select(*(_highest(each) for each in (Instance.generation, Call.id, InboxRow.id, AuditRow.id))))
_IS_HELD = Whether(Instance.held_at.is_not(None))


class InstanceStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self) -> Instance | None:
        """The row; None before the first start."""
        return await self._session.get(Instance, ONLY)

    def add(self, instance: Instance) -> None:
        self._session.add(instance)

    async def marks(self) -> Marks:
        await flush_changes(self._session)
        (figures,) = await _MARKS.run(self._session, {})
        return Marks(*figures)

    async def is_held(self) -> bool:
        """Whether nothing may be sent."""
        return await _IS_HELD.ask(self._session)

    async def held(self) -> tuple[datetime, str] | None:
        """Since when and why nothing is sent."""
        row = (await self._session.execute(select(Instance.held_at, Instance.held_why))).first()
        return (row[0], row[1] or "") if row is not None and row[0] is not None else None

    async def release(self) -> bool:
        """It may send again; False when it was not held."""
        done = await self._session.execute(
            update(Instance)
            .where(Instance.held_at.is_not(None))
            .values(held_at=None, held_why=None)
            .execution_options(synchronize_session=False)
            .returning(Instance.id)
        )
        return done.first() is not None

    async def backed_up_at(self) -> datetime | None:
        return await self._session.scalar(select(Instance.backed_up_at))

    async def backed_up(self, at: datetime) -> None:
        await self._session.execute(
            update(Instance).values(backed_up_at=at).execution_options(synchronize_session=False)
        )
