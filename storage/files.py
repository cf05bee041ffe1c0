"""What lies in the folder of files, and since when somebody last wanted it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import BigInteger, String, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word
from storage.file_folder import FileFolder, NewFile

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class StoredFile(Base):
    """One content. What it is called stands with whoever refers to it."""

    __tablename__ = "file"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(Word)
    """The ending of its type without the dot: `pdf`."""
    wanted_at: Mapped[datetime] = mapped_column(index=True)
    """When it was last stored or referred to."""


_table = Base.metadata.tables["file"]


class FileStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, folder: FileFolder, new: NewFile, *, type: str, now: datetime) -> None:
        """The row, and with it the file's last name; content that is there already is only wanted anew.

        The row comes first: whoever removes the same content holds it until they are done.
        """
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert(_table) if dialect == "postgresql" else sqlite_insert(_table)
        values = {"digest": new.digest, "size": new.size, "type": type, "wanted_at": now}
        await self._session.execute(
            insert.values(**values).on_conflict_do_update(index_elements=[StoredFile.digest], set_={"wanted_at": now})
        )
        folder.keep(new)

    async def get(self, digest: str) -> StoredFile | None:
        return await self._session.get(StoredFile, digest)

    async def want(self, digests: Sequence[str], now: datetime) -> None:
        """Keeps them for a while longer."""
        await self._session.execute(update(StoredFile).where(StoredFile.digest.in_(digests)).values(wanted_at=now))

    async def release(self, digests: Sequence[str]) -> None:
        """Nobody wants them any longer: they go as soon as somebody looks, unless others still show them."""
        await self._session.execute(update(StoredFile).where(StoredFile.digest.in_(digests)).values(wanted_at=LONG_AGO))

    async def unwanted(self, before: datetime, limit: int) -> Sequence[str]:
        """Contents that were last wanted before then, the oldest first."""
        query = select(StoredFile.digest).where(StoredFile.wanted_at < before)
        return (await self._session.scalars(query.order_by(StoredFile.wanted_at).limit(limit))).all()

    async def remove(self, folder: FileFolder, digests: Sequence[str], before: datetime) -> int:
        """Removes those of them that nobody has wanted since then, rows and files; how many that were."""
        gone = await self._session.scalars(
            delete(StoredFile)
            .where(StoredFile.digest.in_(digests), StoredFile.wanted_at < before)
            .returning(StoredFile.digest)
        )
        removed = gone.all()
        for digest in removed:
            folder.remove(digest)
        return len(removed)
