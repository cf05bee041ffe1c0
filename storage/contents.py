"""What messages say, stored once for all that say the same."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, BigId
from storage.insertion import Insertion
from storage.prepared import Prepared


class Content(Base):
    """What messages say, once for all that say the same: these leave together."""

    __tablename__ = "content"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[str] = mapped_column(Text)
    """A `bot.message.Message` as JSON."""


_table = Base.metadata.tables["content"]
_ADD = Insertion(_table, ("digest", "body"), returning=("digest", "id"))
_KNOWN = Prepared(select(_table.c.digest, _table.c.id).where(among(_table.c.digest, "digests")))
_BODIES = Prepared(select(_table.c.id, _table.c.body).where(among(_table.c.id, "ids")))


class ContentStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ids(self, bodies: Iterable[str]) -> dict[str, int]:
        """Body → content id; new ones are stored."""
        digests = {hashlib.sha256(body.encode()).hexdigest(): body for body in set(bodies)}
        if not digests:
            return {}
        found = await self._known(digests)
        if missing := digests.keys() - found.keys():
            rows = [{"digest": digest, "body": digests[digest]} for digest in sorted(missing)]
            added = await _ADD.add(self._session, rows)
            found.update((digest, content_id) for digest, content_id in added)
            if elsewhere := missing - found.keys():  # stored by another process a moment ago
                found.update(await self._known(elsewhere))
        return {digests[digest]: content_id for digest, content_id in found.items()}

    async def _known(self, digests: Iterable[str]) -> dict[str, int]:
        rows = await _KNOWN.run(self._session, {"digests": list(digests)})
        return dict(rows)

    async def bodies(self, content_ids: Iterable[int]) -> dict[int, str]:
        """Content id → body."""
        return dict(await _BODIES.run(self._session, {"ids": list(set(content_ids))}))

    async def body(self, content_id: int) -> str:
        return (await self.bodies([content_id]))[content_id]
