"""Whoever speaks: what has to be known of one member before anything is done for them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.enums import Role
from storage.members import ROSTER, Account, Member, RoleGrant
from storage.prepared import Prepared, flush_changes


class Person(NamedTuple):
    """A member, on the roster or not any more, read only. `user_id` None: without an account."""

    id: int
    name: str
    branch_id: int
    tier: str | None
    phone: str | None
    user_id: str | None
    unreachable: str | None


_PERSON = Prepared(
    select(*(Member.id, Member.name, Member.branch_id, Member.tier, Member.phone, Account.user_id, Account.unreachable))
    .outerjoin(Account, and_(Account.member_id == Member.id, Account.platform == ROSTER))
    .where(Member.id == bindparam("member"))
    .order_by(Account.id)
    .limit(1)
)
_ROLES = Prepared(
    select(RoleGrant.role, RoleGrant.branch_id)
    .where(RoleGrant.member_id == bindparam("member"))
    .order_by(RoleGrant.role, RoleGrant.branch_id)
)


class SpeakingStore:
    """Reads only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def person(self, member_id: int) -> Person | None:
        return next((Person(*row) for row in await self._ask(_PERSON, member_id)), None)

    async def roles(self, member_id: int) -> dict[Role, set[int]]:
        """Role → the branches it was granted for; what lies below them is not listed."""
        found: dict[Role, set[int]] = {}
        for role, branch_id in await self._ask(_ROLES, member_id):
            found.setdefault(Role(role), set()).add(branch_id)
        return found

    async def _ask(self, question: Prepared, member_id: int) -> Sequence[Any]:
        await flush_changes(self._session)
        return await question.run(self._session, {"member": member_id})
