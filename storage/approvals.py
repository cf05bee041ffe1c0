"""Second persons: which branches ask for one, and what waits for one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word, partial_index
from storage.enums import ApprovalState
from storage.prepared import Whether


class Approval(Base):
    """A question to the second persons. An item, or a version of one, has at most one that waits."""

    __tablename__ = "approval"
    __table_args__ = (
        partial_index("ix_approval_waiting", "asked_at", where="state = 'waiting'"),
        partial_index("ix_approval_of_item", "item_id", "version", where="state = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    version: Mapped[int]
    """1 for the item itself, else the correction."""
    state: Mapped[str] = mapped_column(Word, default=ApprovalState.WAITING)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of everything that would be sent."""
    in_the_morning: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class ApprovalBranch(Base):
    """A branch for which, and for everything below it, every item needs a second person."""

    __tablename__ = "approval_branch"

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    set_at: Mapped[datetime]


_ANY_TO_REMIND = Whether(
    Approval.state == ApprovalState.WAITING,
    Approval.asked_at <= bindparam("asked_before"),
    Approval.reminded_at.is_(None),
)


class ApprovalStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ask(self, approval: Approval) -> None:
        """Stores it, so that it has its id."""
        self._session.add(approval)
        await self._session.flush()

    async def get(self, approval_id: int) -> Approval | None:
        return await self._session.get(Approval, approval_id)

    async def waiting_for(self, item_id: int) -> Approval | None:
        """What waits for a second person of this item."""
        query = select(Approval).where(Approval.item_id == item_id, Approval.state == ApprovalState.WAITING)
        return (await self._session.scalars(query.order_by(Approval.id.desc()).limit(1))).first()

    async def latest(self, item_id: int) -> Approval | None:
        """What was asked last about this item, whatever became of it."""
        query = select(Approval).where(Approval.item_id == item_id).order_by(Approval.id.desc()).limit(1)
        return (await self._session.scalars(query)).first()

    async def approved(self, item_id: int, version: int, digest: str) -> bool:
        """Whether exactly this was approved."""
        query = select(Approval.id).where(
            Approval.item_id == item_id,
            Approval.version == version,
            Approval.digest == digest,
            Approval.state == ApprovalState.APPROVED,
        )
        return (await self._session.scalar(query.limit(1))) is not None

    async def all_waiting(self) -> Sequence[Approval]:
        """The oldest first."""
        query = select(Approval).where(Approval.state == ApprovalState.WAITING).order_by(Approval.asked_at)
        return (await self._session.scalars(query)).all()

    async def to_remind(self, asked_before: datetime, limit: int) -> Sequence[Approval]:
        """What has waited so long and was never asked about again."""
        query = select(Approval).where(
            Approval.state == ApprovalState.WAITING, Approval.asked_at <= asked_before, Approval.reminded_at.is_(None)
        )
        return (await self._session.scalars(query.order_by(Approval.asked_at).limit(limit))).all()

    async def any_to_remind(self, asked_before: datetime) -> bool:
        return await _ANY_TO_REMIND.ask(self._session, asked_before=asked_before)

    async def decide(self, approval_id: int, to: ApprovalState, **values: Any) -> bool:
        """One conditional update: the first decision wins, False for every later one."""
        done = await self._session.execute(
            update(Approval)
            .where(Approval.id == approval_id, Approval.state == ApprovalState.WAITING)
            .values(state=to, **values)
            .returning(Approval.id)
            .execution_options(synchronize_session="fetch")
        )
        return done.first() is not None

    async def branches(self) -> set[int]:
        """The branches that were set so themselves."""
        return set(await self._session.scalars(select(ApprovalBranch.branch_id)))

    async def set_branch(self, branch_id: int, *, on: bool, by: int, now: datetime) -> bool:
        """Whether that changed anything."""
        if not on:
            gone = await self._session.execute(
                delete(ApprovalBranch)
                .where(ApprovalBranch.branch_id == branch_id)
                .returning(ApprovalBranch.branch_id)
                .execution_options(synchronize_session=False)
            )
            return gone.first() is not None
        insert = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        made = insert(ApprovalBranch).values(branch_id=branch_id, set_by=by, set_at=now).on_conflict_do_nothing()
        return (await self._session.execute(made.returning(ApprovalBranch.branch_id))).first() is not None
