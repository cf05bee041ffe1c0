"""What other systems have asked for under a key of theirs, and what was answered: asked again, they get the same."""

from datetime import datetime

from sqlalchemy import String, Text, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class KeyedAnswer(Base):
    """`digest` is of the request's body. `answer` is "" until the request is done, in the same transaction."""

    __tablename__ = "keyed_answer"

    client: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


_table = Base.metadata.tables["keyed_answer"]


class IdempotencyStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, client: str, key: str, digest: str, now: datetime) -> KeyedAnswer | None:
        """None when the key is new, and taken by this transaction from now on; else what was asked with it."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert(_table) if dialect == "postgresql" else sqlite_insert(_table)
        row = {"client": client, "key": key, "digest": digest, "answer": "", "at": now}
        taken = await self._session.execute(insert.values(**row).on_conflict_do_nothing().returning(_table.c.key))
        if taken.first() is not None:
            return None
        query = select(KeyedAnswer).where(KeyedAnswer.client == client, KeyedAnswer.key == key)
        return (await self._session.scalars(query)).one()

    async def finish(self, client: str, key: str, answer: str) -> None:
        await self._session.execute(
            update(KeyedAnswer).where(KeyedAnswer.client == client, KeyedAnswer.key == key).values(answer=answer)
        )

    async def forget(self, before: datetime) -> None:
        await self._session.execute(delete(KeyedAnswer).where(KeyedAnswer.at < before))
