"""Items that come again: the rule, and the item that stands for the next occurrence."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, Word, partial_index
from storage.enums import PlanStatus

LIVE = (PlanStatus.DRAFT, PlanStatus.ACTIVE)


class Plan(Base):
    """A repetition. Its next occurrence is an ordinary item that is scheduled, or a draft as long as the plan is."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[str] = mapped_column(Word, default=PlanStatus.DRAFT)
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    rule: Mapped[str] = mapped_column(Text)
    """`Repeat.dump()`."""
    starts_at: Mapped[datetime]
    """The first moment of the rule: every second week, and so many times, are counted from its day."""
    due_words: Mapped[str] = mapped_column(String(400), default="")
    """When an occurrence is due, as it was written: read anew for each."""
    own: Mapped[str | None] = mapped_column(Text)
    """What was written of the kind's own fields, as JSON: read anew for each occurrence."""
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    """The next occurrence; once the plan is over, the last one."""
    moment: Mapped[datetime]
    """The rule's moment of the next occurrence, before quiet hours, holidays or a person moved it."""
    sent: Mapped[int] = mapped_column(default=0)
    """How many occurrences went out."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        partial_index("ix_plan_live_item", "item_id", where="status IN ('draft', 'active')"),
        partial_index("ix_plan_active", "author_id", where="status = 'active'"),
    )


class PlanStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, plan: Plan) -> None:
        self._session.add(plan)

    async def get(self, plan_id: int) -> Plan | None:
        """None for a number that no plan ever had, or whose plan was never confirmed."""
        if not 0 < plan_id < 2**31:
            return None
        plan = await self._session.get(Plan, plan_id, with_for_update=True)
        return None if plan is None or plan.status == PlanStatus.DRAFT else plan

    async def of_item(self, item_id: int) -> Plan | None:
        """The live plan whose next occurrence this item is, taken for this transaction."""
        query = select(Plan).where(Plan.item_id == item_id, Plan.status.in_(LIVE)).with_for_update()
        return (await self._session.scalars(query)).first()

    async def active(self, author_id: int, branch_ids: frozenset[int], limit: int) -> Sequence[Plan]:
        """Those of an author, or of these branches; the next first."""
        seen = or_(Plan.author_id == author_id, Plan.branch_id.in_(branch_ids))
        query = select(Plan).where(Plan.status == PlanStatus.ACTIVE, seen).order_by(Plan.moment, Plan.id).limit(limit)
        return (await self._session.scalars(query)).all()
