"""What somebody sent to go with an item: first noted, then fetched, then kept in the folder of files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among
from storage.base import Base, BigId, Word, partial_index
from storage.enums import AttachmentState, ItemStatus
from storage.files import StoredFile
from storage.items import Item
from storage.prepared import Whether


class Attachment(Base):
    """One file of an item, in the order of its ids; without an item it waits for the next draft of its author."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    chat_id: Mapped[str] = mapped_column(String(128), default="")
    """The group that it was sent in; "" in private, by whichever road."""
    platform: Mapped[str] = mapped_column(Word)
    source: Mapped[str] = mapped_column(Text)
    """How the platform lets us fetch it, as JSON; emptied once it is over."""
    name: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[str | None] = mapped_column(ForeignKey("file.digest"), index=True)
    state: Mapped[str] = mapped_column(Word, default=AttachmentState.WAITING)
    reason: Mapped[str | None] = mapped_column(Word)
    next_at: Mapped[datetime | None]
    """When it is fetched, or tried again; None when that is over."""
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_attachment_item", "item_id", "id"),
        Index("ix_attachment_author", "author_id", "created_at"),
        partial_index("ix_attachment_due", "next_at", where="next_at IS NOT NULL"),
    )


@dataclass(frozen=True, slots=True)
class DueAttachment:
    """One to be fetched now. `tries` is how often that failed so far."""

    id: int
    author_id: int
    platform: str
    source: str
    name: str
    tries: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of an item; `digest` is None, `type` "" and `size` 0 as long as it is on its way."""

    id: int
    name: str
    digest: str | None
    type: str
    size: int


_HELD = (AttachmentState.WAITING, AttachmentState.STORED)
_ATTACHED = (
    Attachment.id,
    Attachment.name,
    Attachment.digest,
    func.coalesce(StoredFile.type, ""),
    func.coalesce(StoredFile.size, 0),
)


_ANY_DUE = Whether(Attachment.next_at <= bindparam("now"), among(Attachment.platform, "platforms"))


class AttachmentStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, attachment: Attachment) -> None:
        self._session.add(attachment)

    async def get(self, attachment_id: int) -> Attachment | None:
        """Taken for this transaction."""
        return await self._session.get(Attachment, attachment_id, with_for_update=True, populate_existing=True)

    async def of_item(self, item_id: int) -> Sequence[Attached]:
        """What it carries or is about to, in order."""
        query = (
            select(*_ATTACHED)
            .outerjoin(StoredFile, StoredFile.digest == Attachment.digest)
            .where(Attachment.item_id == item_id, Attachment.state.in_(_HELD))
        )
        return [Attached(*row) for row in (await self._session.execute(query.order_by(Attachment.id)))]

    async def pending_of(self, author_id: int, chat_id: str, since: datetime) -> Sequence[Attachment]:
        """What this person sent there since then and no item has, in order."""
        query = select(Attachment).where(
            Attachment.author_id == author_id,
            Attachment.chat_id == chat_id,
            Attachment.item_id.is_(None),
            Attachment.state.in_(_HELD),
            Attachment.created_at >= since,
        )
        return (await self._session.scalars(query.order_by(Attachment.id))).all()

    async def waiting_with(self, author_id: int, chat_id: str, since: datetime) -> Sequence[Attached]:
        """The files among what `pending_of` gives."""
        query = (
            select(*_ATTACHED)
            .join(StoredFile, StoredFile.digest == Attachment.digest)
            .where(
                Attachment.author_id == author_id,
                Attachment.chat_id == chat_id,
                Attachment.item_id.is_(None),
                Attachment.state == AttachmentState.STORED,
                Attachment.created_at >= since,
            )
        )
        return [Attached(*row) for row in (await self._session.execute(query.order_by(Attachment.id)))]

    async def drop(self, ids: Iterable[int]) -> None:
        """They are not wanted any more."""
        await self._session.execute(
            update(Attachment)
            .where(Attachment.id.in_(set(ids)))
            .values(state=AttachmentState.DROPPED, source="", next_at=None)
            .execution_options(synchronize_session="fetch")
        )

    async def any_due(self, now: datetime, platforms: Sequence[str]) -> bool:
        return await _ANY_DUE.ask(self._session, now=now, platforms=platforms)

    async def claim(
        self, now: datetime, platforms: Sequence[str], limit: int, *, until: datetime
    ) -> Sequence[DueAttachment]:
        """What is due, taken by this process until then; whoever dies with it is followed by another."""
        query = select(Attachment).where(Attachment.next_at <= now, Attachment.platform.in_(platforms))
        due = (
            await self._session.scalars(
                query.order_by(Attachment.next_at, Attachment.id).limit(limit).with_for_update(skip_locked=True)
            )
        ).all()
        for each in due:
            each.next_at = until
        return [
            DueAttachment(each.id, each.author_id, each.platform, each.source, each.name, each.tries, each.created_at)
            for each in due
        ]

    async def in_use(self, digests: Sequence[str]) -> set[str]:
        """Which of these contents a row still refers to."""
        query = select(Attachment.digest).where(Attachment.digest.in_(digests)).distinct()
        return {digest for digest in await self._session.scalars(query) if digest is not None}

    async def forget_unused(self, before: datetime) -> None:
        """Rows older than this that no item carries: never claimed, taken off, refused, or of a dropped draft."""
        dropped = select(Item.id).where(Item.id == Attachment.item_id, Item.status == ItemStatus.DROPPED).exists()
        await self._session.execute(
            delete(Attachment)
            .where(
                Attachment.created_at < before,
                or_(Attachment.item_id.is_(None), Attachment.state.not_in(_HELD), dropped),
            )
            .execution_options(synchronize_session=False)
        )
