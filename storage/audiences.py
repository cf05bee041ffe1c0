"""To whom an item goes, as a value: which members of the roster."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.branches import Branch
from storage.enums import MemberStatus
from storage.members import Account, Member
from storage.steering import in_passing


@dataclass(frozen=True, slots=True)
class Audience:
    """Members of `branches` (ids, what lies below already included) and, where given, of `tiers`; then `added`.

    Whoever is excluded by branch, tier or person is out. `words` is what the secretary typed, for the preview.
    """

    branches: frozenset[int] = frozenset()
    tiers: frozenset[str] = frozenset()
    added: frozenset[int] = frozenset()
    without_branches: frozenset[int] = frozenset()
    without_tiers: frozenset[str] = frozenset()
    without: frozenset[int] = frozenset()
    words: str = ""

    def where(self) -> ColumnElement[bool]:
        """The condition on `member`."""
        chosen: ColumnElement[bool] = Member.branch_id.in_(self.branches) if self.branches else false()
        if self.tiers:
            chosen = and_(chosen, Member.tier.in_(self.tiers))
        if self.added:
            chosen = or_(chosen, Member.id.in_(self.added))
        conditions: list[ColumnElement[bool]] = [Member.status == MemberStatus.ACTIVE, chosen]
        if self.without_branches:
            conditions.append(not_(Member.branch_id.in_(self.without_branches)))
        if self.without_tiers:
            conditions.append(func.coalesce(Member.tier, "").not_in(self.without_tiers))
        if self.without:
            conditions.append(Member.id.not_in(self.without))
        return and_(*conditions)

    def dump(self) -> str:
        """JSON text."""
        return json.dumps(
            {name: self.words if name == "words" else sorted(getattr(self, name)) for name in self.__slots__},
            ensure_ascii=False,
        )

    @classmethod
    def load(cls, text: str) -> "Audience":
        data = json.loads(text)
        words = data.pop("words")
        return cls(**{name: frozenset(value) for name, value in data.items()}, words=words)


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How many, where, and who cannot be reached and why."""

    total: int
    branches: Sequence[tuple[int, str, int]]
    """(branch id, name, members), largest first."""
    unreachable: Sequence[tuple[str, str]]
    """(name, reason key), at most twenty."""
    unreachable_total: int


class AudienceStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count(self, audience: Audience, platform: str) -> AudienceCount:
        """What the audience is right now; `platform` is the road that private messages take."""
        by_branch = await self._session.execute(
            select(Branch.id, Branch.name, func.count())
            .join(Member, Member.branch_id == Branch.id)
            .where(audience.where())
            .group_by(Branch.id, Branch.name, Branch.path)
            .order_by(func.count().desc(), Branch.path)
        )
        branches = [(i, name, n) for i, name, n in by_branch]
        out_of_reach = and_(audience.where(), or_(Account.id.is_(None), Account.unreachable.is_not(None)))
        account = and_(Account.member_id == Member.id, Account.platform == platform)
        named = await self._session.execute(
            select(Member.name, func.coalesce(Account.unreachable, "no_account"))
            .outerjoin(Account, account)
            .where(out_of_reach)
            .order_by(Member.id)
            .limit(20)
        )
        unreachable = [(name, reason) for name, reason in named]
        total_unreachable = len(unreachable)
        if total_unreachable == 20:
            counted = select(func.count()).select_from(Member).outerjoin(Account, account).where(out_of_reach)
            total_unreachable = await self._session.scalar(counted) or 0
        return AudienceCount(sum(n for _, _, n in branches), branches, unreachable, total_unreachable)

    async def reachable(self, audience: Audience, platform: str) -> Sequence[int]:
        """Its members who can be written to right now, in order."""
        query = (
            select(Member.id)
            .join(Account, and_(Account.member_id == Member.id, in_passing(Account.platform) == platform))
            .where(audience.where(), Account.unreachable.is_(None))
            .order_by(Member.id)
        )
        return (await self._session.scalars(query)).all()

    async def branch_ids(self, audience: Audience) -> set[int]:
        """The branches that its members belong to."""
        return set(await self._session.scalars(select(Member.branch_id).where(audience.where()).distinct()))
