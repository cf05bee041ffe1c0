"""Access tokens of platforms, one for all instances, sealed: who reads the database learns none."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word


class SealedToken(Base):
    __tablename__ = "token"

    app: Mapped[str] = mapped_column(Word, primary_key=True)
    """The platform whose app it opens."""
    sealed: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    """How many tokens the app has had."""
    fetched_at: Mapped[datetime]
    good_until: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Stored:
    """A token as it lies in the database."""

    sealed: str
    fetched_at: datetime
    good_until: datetime


class TokenStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, app: str) -> Stored | None:
        query = select(SealedToken.sealed, SealedToken.fetched_at, SealedToken.good_until)
        found = (await self._session.execute(query.where(SealedToken.app == app))).first()
        return Stored(*found) if found is not None else None

    async def put(self, app: str, token: Stored) -> None:
        """In the place of the one before it."""
        make = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        given = {"sealed": token.sealed, "fetched_at": token.fetched_at, "good_until": token.good_until}
        await self._session.execute(
            make(SealedToken)
            .values(app=app, version=1, **given)
            .on_conflict_do_update(index_elements=[SealedToken.app], set_={**given, "version": SealedToken.version + 1})
        )
