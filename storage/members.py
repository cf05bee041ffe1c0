"""The roster: people, their accounts on platforms, their roles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among, one_of
from storage.base import Base, BigId, MemberId, Word
from storage.branches import Branch
from storage.enums import MemberStatus, Role
from storage.prepared import Prepared, flush_changes
from storage.steering import in_passing

ROSTER = "wecom"
"""The directory that the roster's account ids belong to: the app and the group bot share it."""


class Member(Base):
    """A person on the roster."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    tier: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(Word, default=MemberStatus.ACTIVE)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Account(Base):
    """Who a member is on a platform. `key` is the case-folded id: platforms do not keep to one spelling."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("platform", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    platform: Mapped[str] = mapped_column(Word)
    user_id: Mapped[str] = mapped_column(String(128))
    key: Mapped[str] = mapped_column(String(128))
    unreachable: Mapped[str | None] = mapped_column(String(80))
    """Why the platform cannot reach them (`reason.` key); None while it can. Cleared when the roster changes."""


class RoleGrant(Base):
    """A role that a member holds for a branch and everything below it."""

    __tablename__ = "role"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Word, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with the account and the branch's name, read only."""

    id: int
    name: str
    user_id: str
    branch_id: int
    branch: str
    tier: str | None
    status: str


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody who joins the roster with others."""

    name: str
    branch_id: int
    tier: str | None
    phone: str | None
    user_id: str


_account, _member = Base.metadata.tables["account"], Base.metadata.tables["member"]
_SPEAKING = Prepared(
    select(_account.c.key, _member.c.id, _account.c.unreachable.is_not(None))
    .join(_member, _member.c.id == _account.c.member_id)
    .where(
        _account.c.platform == bindparam("platform"),
        among(_account.c.key, "keys"),
        _member.c.status == MemberStatus.ACTIVE,
    )
)
_REACHED = Prepared(
    select(_account.c.member_id, _account.c.user_id).where(
        among(_account.c.member_id, "members"),
        in_passing(Account.platform) == bindparam("platform", type_=String()),
        _account.c.unreachable.is_(None),
    )
)
_MARK_REACHABLE = Prepared(
    update(_account)
    .where(_account.c.platform == bindparam("by"), among(_account.c.key, "keys"), _account.c.unreachable.is_not(None))
    .values(unreachable=None)
)


class MemberStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, member_id: MemberId | int) -> Member | None:
        return await self._session.get(Member, member_id)

    async def by_accounts(self, platform: str, user_ids: Iterable[str]) -> dict[str, Member]:
        """Case-folded user id → active member, for those who are on the roster."""
        keys = {user_id.casefold() for user_id in user_ids}
        query = (
            select(Account.key, Member)
            .join(Member, Member.id == Account.member_id)
            .where(Account.platform == platform, one_of(Account.key, keys), Member.status == MemberStatus.ACTIVE)
        )
        return dict((await self._session.execute(query)).all())

    async def speaking(self, platform: str, user_ids: Iterable[str]) -> dict[str, tuple[int, bool]]:
        """Case-folded user id → (active member, whether they were out of reach until now)."""
        keys = {"platform": platform, "keys": list({user_id.casefold() for user_id in user_ids})}
        return {key: (i, bool(marked)) for key, i, marked in await _SPEAKING.run(self._session, keys)}

    async def by_account(self, platform: str, user_id: str) -> Member | None:
        """The active member behind an account."""
        return (await self.by_accounts(platform, [user_id])).get(user_id.casefold())

    async def account(self, member_id: int, platform: str) -> Account | None:
        query = select(Account).where(Account.member_id == member_id, Account.platform == platform)
        return (await self._session.scalars(query.order_by(Account.id).limit(1))).first()

    async def user_ids(self, member_ids: Iterable[int], platform: str) -> dict[int, str]:
        """Member → user id, for those who have an account that can be reached."""
        await flush_changes(self._session)
        given = {"members": list(set(member_ids)), "platform": platform}
        return dict(await _REACHED.run(self._session, given))

    async def accounts(self, platform: str) -> Mapping[str, Account]:
        """Case-folded user id → account, of everybody."""
        found = await self._session.scalars(select(Account).where(Account.platform == platform))
        return {account.key: account for account in found}

    async def all(self) -> Mapping[int, Member]:
        """Every member by id; for imports."""
        return {member.id: member for member in await self._session.scalars(select(Member))}

    async def named(self, name: str, branch_ids: set[int]) -> Sequence[MemberRow]:
        """The active members of that name inside the branches."""
        return await self._rows(Member.name == name, Member.branch_id.in_(branch_ids))

    async def rows(self, member_ids: Iterable[int]) -> Sequence[MemberRow]:
        return await self._rows(one_of(Member.id, set(member_ids)))

    async def page(self, *, before: int | None, limit: int) -> Sequence[MemberRow]:
        """Newest first."""
        conditions = [Member.status == MemberStatus.ACTIVE]
        if before is not None:
            conditions.append(Member.id < before)
        return await self._rows(*conditions, limit=limit)

    async def _rows(self, *conditions: object, limit: int | None = None) -> Sequence[MemberRow]:
        query = (
            select(Member.id, Member.name, Account.user_id, Member.branch_id, Branch.name, Member.tier, Member.status)
            .join(Branch, Branch.id == Member.branch_id)
            .outerjoin(Account, and_(Account.member_id == Member.id, Account.platform == ROSTER))
            .where(Member.status == MemberStatus.ACTIVE, *conditions)  # type: ignore[arg-type]
            .order_by(Member.id.desc())
        )
        if limit is not None:
            query = query.limit(limit)
        found = await self._session.execute(query)
        return [MemberRow(i, n, u or "", b, bn, t, s) for i, n, u, b, bn, t, s in found]

    async def names(self, member_ids: Iterable[int]) -> dict[int, str]:
        query = select(Member.id, Member.name).where(one_of(Member.id, set(member_ids)))
        return dict((await self._session.execute(query)).all())

    async def names_in(self, branch_ids: Iterable[int]) -> Sequence[str]:
        """The names of the active members of exactly these branches, each once."""
        query = select(Member.name).where(Member.branch_id.in_(set(branch_ids)), Member.status == MemberStatus.ACTIVE)
        return (await self._session.scalars(query.distinct().order_by(Member.name))).all()

    async def count_active(self) -> int:
        query = select(func.count()).select_from(Member).where(Member.status == MemberStatus.ACTIVE)
        return await self._session.scalar(query) or 0

    async def add(
        self,
        *,
        name: str,
        branch_id: int,
        tier: str | None,
        phone: str | None,
        platform: str,
        user_id: str,
        now: datetime,
    ) -> Member:
        member = Member(name=name, branch_id=branch_id, tier=tier, phone=phone, created_at=now, updated_at=now)
        member.status = MemberStatus.ACTIVE
        self._session.add(member)
        await self._session.flush()
        self._session.add(Account(member_id=member.id, platform=platform, user_id=user_id, key=user_id.casefold()))
        return member

    async def add_many(self, people: Sequence[NewMember], *, platform: str, now: datetime) -> list[int]:
        """Active members with their accounts; the ids in the order given. A few statements for any number of them.

        The database may number the rows in any order: rows that are equal in all their columns are interchangeable.
        """
        if not people:
            return []
        common = {"status": MemberStatus.ACTIVE, "created_at": now, "updated_at": now}
        rows = [
            {"name": one.name, "branch_id": one.branch_id, "tier": one.tier, "phone": one.phone, **common}
            for one in people
        ]
        columns = (Member.id, Member.name, Member.branch_id, Member.tier, Member.phone)
        free: dict[tuple[str, int, str | None, str | None], list[int]] = {}
        made = await self._session.execute(insert(Member).returning(*columns), rows)
        for member_id, name, branch_id, tier, phone in made:
            free.setdefault((name, branch_id, tier, phone), []).append(member_id)
        ids = [free[one.name, one.branch_id, one.tier, one.phone].pop() for one in people]
        accounts = [
            {"member_id": member_id, "platform": platform, "user_id": one.user_id, "key": one.user_id.casefold()}
            for member_id, one in zip(ids, people, strict=True)
        ]
        await self._session.execute(insert(Account), accounts)
        return ids

    async def roles_of(self, member_ids: Iterable[int]) -> dict[int, list[tuple[Role, int]]]:
        """Member → (role, branch it was granted for), in a fixed order; those without a role are not listed."""
        query = select(RoleGrant.member_id, RoleGrant.role, RoleGrant.branch_id)
        query = query.where(one_of(RoleGrant.member_id, set(member_ids)))
        found: dict[int, list[tuple[Role, int]]] = {}
        for member_id, role, branch_id in sorted(await self._session.execute(query)):
            found.setdefault(member_id, []).append((Role(role), branch_id))
        return found

    async def count_by_branch(self) -> dict[int, int]:
        """Branch → its own active members; a branch without any is not listed."""
        query = select(Member.branch_id, func.count()).where(Member.status == MemberStatus.ACTIVE)
        return dict((await self._session.execute(query.group_by(Member.branch_id))).all())

    async def all_roles(self) -> dict[int, set[tuple[str, int]]]:
        """Member id → (role, branch id); for imports."""
        query = select(RoleGrant.member_id, RoleGrant.role, RoleGrant.branch_id)
        found: dict[int, set[tuple[str, int]]] = {}
        for member_id, role, branch_id in await self._session.execute(query):
            found.setdefault(member_id, set()).add((role, branch_id))
        return found

    async def set_roles(self, member_id: int, grants: set[tuple[str, int]]) -> None:
        await self._session.execute(delete(RoleGrant).where(RoleGrant.member_id == member_id))
        self._session.add_all(RoleGrant(member_id=member_id, role=r, branch_id=b) for r, b in sorted(grants))
        await self._session.flush()

    async def set_roles_of(self, grants: Mapping[int, set[tuple[str, int]]]) -> None:
        """Member id → all that they hold from now on, as (role, branch id); for imports."""
        await self._session.execute(delete(RoleGrant).where(one_of(RoleGrant.member_id, set(grants))))
        rows = [
            {"member_id": member_id, "role": role, "branch_id": branch_id}
            for member_id, held in grants.items()
            for role, branch_id in sorted(held)
        ]
        if rows:
            await self._session.execute(insert(RoleGrant), rows)

    async def mark_unreachable(self, platform: str, keys: Mapping[str, str]) -> None:
        """Case-folded user id → reason."""
        for reason in set(keys.values()):
            of_reason = [key for key, its in keys.items() if its == reason]
            await self._session.execute(
                update(Account)
                .where(Account.platform == platform, one_of(Account.key, of_reason))
                .values(unreachable=reason)
            )

    async def mark_reachable(self, platform: str, keys: Iterable[str]) -> None:
        await _MARK_REACHABLE.run(self._session, {"by": platform, "keys": list(set(keys))})
