"""Seals over the audit's rows: each covers the rows since the last one and that one's digest, with a secret key.

Whoever can write to the database but does not know the key can neither change nor remove a sealed row unseen. Rows
about members (`member:…`) are sealed without what they say, which goes when a member asks to be forgotten.
"""

import hmac
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Row, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.audit import AuditRow
from storage.base import Base, BigId

ABOUT_MEMBERS = "member:"
_COLUMNS = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.actor_id,
    AuditRow.source,
    AuditRow.action,
    AuditRow.subject,
    AuditRow.before,
    AuditRow.after,
)
AuditLine = Row[int, datetime, int | None, str, str, str, str | None, str | None]


class Seal(Base):
    """`first` to `through` are the numbers of the first and the last row that it covers, `rows` how many there were."""

    __tablename__ = "audit_seal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    first: Mapped[int] = mapped_column(BigId)
    through: Mapped[int] = mapped_column(BigId)
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


def digest(key: bytes, before: str, lines: Sequence[AuditLine]) -> str:
    """64 hexadecimal digits over the digest before ("" for the first) and these rows."""
    found = hmac.new(key, before.encode(), sha256)
    for id, at, actor, source, action, subject, *said in lines:
        words = [] if subject.startswith(ABOUT_MEMBERS) else said
        line = json.dumps([id, at.astimezone(UTC).isoformat(), actor, source, action, subject, *words])
        found.update(line.encode())
    return found.hexdigest()


class SealStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def latest(self) -> Seal | None:
        return (await self._session.scalars(select(Seal).order_by(Seal.id.desc()).limit(1))).first()

    async def unsealed(self, until: datetime, limit: int) -> Sequence[AuditLine]:
        """The first rows that no seal covers and that were written before `until`, oldest first."""
        after = select(func.coalesce(func.max(Seal.through), 0)).scalar_subquery()
        query = select(*_COLUMNS).where(AuditRow.id > after, AuditRow.at < until)
        return (await self._session.execute(query.order_by(AuditRow.id).limit(limit))).all()

    async def seal(self, key: bytes, until: datetime, limit: int, *, now: datetime) -> int:
        """Seals those rows; how many there were."""
        lines = await self.unsealed(until, limit)
        if lines:
            last = await self.latest()
            whole = digest(key, last.digest if last else "", lines)
            self._session.add(Seal(first=lines[0].id, through=lines[-1].id, rows=len(lines), digest=whole, at=now))
        return len(lines)

    async def broken(self, key: bytes) -> AsyncIterator[Seal]:
        """The seals whose rows are not what they were."""
        before = ""
        for seal in (await self._session.scalars(select(Seal).order_by(Seal.id))).all():
            covered = AuditRow.id.between(seal.first, seal.through)
            query = select(*_COLUMNS).where(covered).order_by(AuditRow.id)
            lines = (await self._session.execute(query)).all()
            if len(lines) != seal.rows or not hmac.compare_digest(digest(key, before, lines), seal.digest):
                yield seal
            before = seal.digest
