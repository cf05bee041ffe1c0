"""How fast all instances together may call a platform: what is left of each road's tokens, by the database's clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Float, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word
from storage.moments import now as database_now


class SharedRoad(Base):
    """Tokens come back with time; a call takes one."""

    __tablename__ = "road"

    platform: Mapped[str] = mapped_column(Word, primary_key=True)
    tokens: Mapped[float] = mapped_column(Float)
    """What was left at `filled_at`."""
    filled_at: Mapped[datetime]


class RoadStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def left(self, platforms: Sequence[str]) -> dict[str, tuple[float, timedelta]]:
        """Platform → (tokens left by the last call, time since then), of those that were ever called."""
        query = select(SharedRoad.platform, SharedRoad.tokens, SharedRoad.filled_at, database_now())
        rows = await self._session.execute(query.where(SharedRoad.platform.in_(platforms)))
        return {platform: (tokens, now - filled_at) for platform, tokens, filled_at, now in rows}

    async def leave(self, tokens: dict[str, float]) -> None:
        """So many are left of each of these roads now."""
        make = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        for platform, left in tokens.items():
            values = {"tokens": left, "filled_at": database_now()}
            statement = make(SharedRoad).values(platform=platform, **values)
            await self._session.execute(
                statement.on_conflict_do_update(index_elements=[SharedRoad.platform], set_=values)
            )
