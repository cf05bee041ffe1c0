"""Whom the database speaks of, of what kind and since when, and who looked and did what: how far a leak reaches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.accesses import Access
from storage.audit import AuditRow
from storage.base import Base
from storage.branches import Branch
from storage.members import ROSTER, Account, Member
from storage.persons import Mentions
from storage.questions import Question
from storage.residents import Resident


class Known(NamedTuple):
    """A member with an account; `account` is theirs, `phone` whether it is kept."""

    id: int
    name: str
    account: str
    branch: str
    phone: bool
    since: datetime


class Done(NamedTuple):
    """What somebody did, or looked at, so many times; `name` None: no member."""

    name: str | None
    source: str
    what: str
    times: int
    first: datetime
    last: datetime


class ExtentStore:
    """Reads only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def members(self) -> Sequence[Known]:
        """Everybody with an account on the roster, those included who have left and are not forgotten."""
        query = (
            select(Member.id, Member.name, Account.user_id, Branch.name, Member.phone.is_not(None), Member.created_at)
            .join(Account, (Account.member_id == Member.id) & (Account.platform == ROSTER))
            .join(Branch, Branch.id == Member.branch_id)
            .order_by(Member.id)
        )
        return [Known(*row) for row in await self._session.execute(query)]

    async def residents(self) -> dict[int, tuple[datetime, list[int]]]:
        """Resident → (since when, the numbers of their questions whose words are still here)."""
        kept = or_(Resident.token.is_not(None), Question.id.is_not(None))
        query = (
            select(Resident.id, Resident.created_at, Question.id)
            .outerjoin(Question, (Question.resident_id == Resident.id) & Question.erased_at.is_(None))
            .where(kept)
            .order_by(Resident.id, Question.id)
        )
        found: dict[int, tuple[datetime, list[int]]] = {}
        for resident, since, number in await self._session.execute(query):
            numbers = found.setdefault(resident, (since, []))[1]
            if number is not None:
                numbers.append(number)
        return found

    async def rows_about(self, mentions: Mapping[str, Mentions]) -> dict[int, dict[str, int]]:
        """Person → table → rows that are about them."""
        found: dict[int, dict[str, int]] = {}
        for name, where in sorted(mentions.items()):
            table = Base.metadata.tables[name]
            for column in where.about:
                query = select(table.c[column], func.count()).where(table.c[column].is_not(None))
                for person, count in await self._session.execute(query.group_by(table.c[column])):
                    tables = found.setdefault(person, {})
                    tables[name] = tables.get(name, 0) + count
        return found

    async def looks(self, since: datetime | None) -> Sequence[Done]:
        """By whom, over which road, at what."""
        return await self._grouped(Access, Access.what, since)

    async def deeds(self, since: datetime | None) -> Sequence[Done]:
        """The audit's rows: who did what."""
        return await self._grouped(AuditRow, AuditRow.action, since)

    async def _grouped(self, table: Any, what: Any, since: datetime | None) -> Sequence[Done]:
        query = (
            select(Member.name, table.source, what, func.count(), func.min(table.at), func.max(table.at))
            .select_from(table)
            .outerjoin(Member, Member.id == table.actor_id)
            .where(table.at >= since if since is not None else true())
            .group_by(table.actor_id, Member.name, table.source, what)
            .order_by(table.actor_id, table.source, what)
        )
        return [Done(*row) for row in await self._session.execute(query)]
