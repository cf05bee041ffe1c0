"""Who holds a role for which branch; what lies below a branch is not looked at."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import among
from storage.enums import MemberStatus, Role
from storage.members import Member, RoleGrant
from storage.prepared import Prepared, flush_changes

_role, _member = RoleGrant.metadata.tables["role"], Member.metadata.tables["member"]
_HOLDING = (
    select(_role.c.branch_id, _role.c.member_id)
    .join(_member, _member.c.id == _role.c.member_id)
    .where(_role.c.role == bindparam("role"), _member.c.status == MemberStatus.ACTIVE)
)
_ALL, _OF_BRANCHES = Prepared(_HOLDING), Prepared(_HOLDING.where(among(_role.c.branch_id, "branches")))


class HolderStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, role: Role) -> set[int]:
        """The active members who hold the role for any branch."""
        await flush_changes(self._session)
        return {member_id for _, member_id in await _ALL.run(self._session, {"role": role})}

    async def of(self, role: Role, branch_ids: Collection[int]) -> dict[int, set[int]]:
        """Branch → the active members who hold the role for exactly it; a branch without any is not listed."""
        await flush_changes(self._session)
        given: dict[str, Any] = {"role": role, "branches": list(branch_ids)}
        found: dict[int, set[int]] = {}
        for branch_id, member_id in await _OF_BRANCHES.run(self._session, given):
            found.setdefault(branch_id, set()).add(member_id)
        return found

    async def active(self, role: Role, branch_ids: Collection[int]) -> list[int]:
        """The active members who hold the role for one of exactly these branches."""
        return sorted({member_id for held in (await self.of(role, branch_ids)).values() for member_id in held})

    async def branches(self, role: Role) -> set[int]:
        """The branches that an active member holds the role for; what lies below them is not listed."""
        query = select(RoleGrant.branch_id).join(Member, Member.id == RoleGrant.member_id)
        held = query.where(RoleGrant.role == role, Member.status == MemberStatus.ACTIVE).distinct()
        return set(await self._session.scalars(held))
