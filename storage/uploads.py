"""What platforms keep of our files: an id for each, which lives three days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, Word, partial_index
from storage.prepared import Whether


class Upload(Base):
    """A file message's content on one platform: its name there is part of it, as people see it."""

    __tablename__ = "upload"

    platform: Mapped[str] = mapped_column(Word, primary_key=True)
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id"), primary_key=True)
    """A `bot.message.File`."""
    media_id: Mapped[str | None] = mapped_column(String(512))
    good_until: Mapped[datetime | None]
    """Until when a request may be frozen with the id."""
    next_at: Mapped[datetime | None]
    """When it is uploaded, or tried again; None when nobody waits for it."""
    tries: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    """Since when somebody has waited for the upload."""

    __table_args__ = (partial_index("ix_upload_due", "next_at", where="next_at IS NOT NULL"),)


@dataclass(frozen=True, slots=True)
class DueUpload:
    """One to be made now. `tries` is how often it failed so far."""

    platform: str
    content_id: int
    tries: int
    first_at: datetime


_table = Base.metadata.tables["upload"]


_ANY_DUE = Whether(Upload.next_at <= bindparam("now"), among(Upload.platform, "platforms"))


class UploadStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def media_id(self, platform: str, content_id: int, now: datetime) -> str | None:
        """The id to freeze; None when there is none, or none that is good for long enough."""
        query = select(Upload.media_id).where(
            Upload.platform == platform, Upload.content_id == content_id, Upload.good_until > now
        )
        return (await self._session.scalars(query)).first()

    async def want(self, platform: str, content_id: int, now: datetime) -> None:
        """Somebody waits for it; one that is wanted already is not begun anew."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert(_table) if dialect == "postgresql" else sqlite_insert(_table)
        fresh = {"media_id": None, "good_until": None, "next_at": now, "tries": 0, "first_at": now}
        await self._session.execute(
            insert.values(platform=platform, content_id=content_id, **fresh).on_conflict_do_update(
                index_elements=[Upload.platform, Upload.content_id], set_=fresh, where=_table.c.next_at.is_(None)
            )
        )

    async def any_due(self, now: datetime, platforms: Sequence[str]) -> bool:
        return await _ANY_DUE.ask(self._session, now=now, platforms=platforms)

    async def claim(
        self, now: datetime, platforms: Sequence[str], limit: int, *, until: datetime
    ) -> Sequence[DueUpload]:
        """What is due, taken by this process until then; whoever dies with it is followed by another."""
        query = select(Upload).where(Upload.next_at <= now, Upload.platform.in_(platforms))
        due = (
            await self._session.scalars(
                query.order_by(Upload.next_at, Upload.content_id).limit(limit).with_for_update(skip_locked=True)
            )
        ).all()
        for each in due:
            each.next_at = until
        return [DueUpload(each.platform, each.content_id, each.tries, each.first_at) for each in due]

    async def done(self, upload: DueUpload, media_id: str, good_until: datetime) -> None:
        await self._set(upload, media_id=media_id, good_until=good_until, next_at=None)

    async def later(self, upload: DueUpload, next_at: datetime, *, counted: bool) -> None:
        await self._set(upload, next_at=next_at, tries=upload.tries + (1 if counted else 0))

    async def give_up(self, upload: DueUpload) -> None:
        """Nobody waits for it any more."""
        await self._set(upload, media_id=None, good_until=None, next_at=None)

    async def forget(self, platform: str, content_id: int) -> bool:
        """The platform does not know the id any more; False when there was none."""
        gone = await self._session.scalars(
            update(Upload)
            .where(Upload.platform == platform, Upload.content_id == content_id, Upload.media_id.is_not(None))
            .values(media_id=None, good_until=None)
            .returning(Upload.content_id)
        )
        return gone.first() is not None

    async def _set(self, upload: DueUpload, **values: object) -> None:
        await self._session.execute(
            update(Upload)
            .where(Upload.platform == upload.platform, Upload.content_id == upload.content_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
