"""What an item said, and will say: every version of its words, corrections that wait, receipts of what was replaced."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word
from storage.deliveries import Delivery
from storage.enums import VersionState
from storage.items import Item
from storage.prepared import Whether
from storage.receipts import Receipt


class Version(Base):
    """The words of an item. Version 1 gets its row when version 2 goes out; of what waits there is one at most."""

    __tablename__ = "item_version"
    __table_args__ = (Index("ix_item_version_state", "state", "publish_at"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Word, default=VersionState.DRAFT)
    title: Mapped[str] = mapped_column(String(400))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(2048))
    due_at: Mapped[datetime | None]
    changed: Mapped[str] = mapped_column(String(80), default="")
    """The fields that differ from the version before, with spaces between: `title due`."""
    own: Mapped[str | None] = mapped_column(Text)
    """What changes of the kind's own fields, as JSON: their new values, and the lines that say so."""
    major: Mapped[bool | None]
    """Whether it asks again; None until the secretary has said so."""
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    code: Mapped[str] = mapped_column(Word, default="")
    """The four digits that it must be confirmed with; "" when none are asked for."""
    readers: Mapped[int] = mapped_column(default=0)
    """Members who had the item when this was written: those who will be told."""
    created_at: Mapped[datetime]
    publish_at: Mapped[datetime | None]
    """When its undo window is over."""
    published_at: Mapped[datetime | None]


class EarlierReceipt(Base):
    """What a member did with words that a later version asked again about: evidence, kept as it was."""

    __tablename__ = "earlier_receipt"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Word, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Word)
    at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


_WAITING = (VersionState.DRAFT, VersionState.SCHEDULED)
_COLUMNS = ("delivery_id", "kind", "version", "source", "at", "entered_by")


_ANY_DUE = Whether(Version.state == VersionState.SCHEDULED, Version.publish_at <= bindparam("now"))


class VersionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, version: Version) -> None:
        self._session.add(version)

    async def get(self, item_id: int, number: int) -> Version | None:
        return await self._session.get(Version, (item_id, number))

    async def waiting(self, item_id: int) -> Version | None:
        """The correction that is not out yet."""
        query = select(Version).where(Version.item_id == item_id, Version.state.in_(_WAITING))
        return (await self._session.scalars(query)).first()

    async def out(self, item_id: int) -> Sequence[Version]:
        """Every version that was out, in order; none for an item that was never corrected."""
        query = select(Version).where(Version.item_id == item_id, Version.state == VersionState.OUT)
        return (await self._session.scalars(query.order_by(Version.number))).all()

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
        """(item, version) of the corrections whose undo window is over."""
        query = select(Version.item_id, Version.number).where(
            Version.state == VersionState.SCHEDULED, Version.publish_at <= now
        )
        rows = await self._session.execute(query.order_by(Version.publish_at, Version.item_id).limit(limit))
        return [(item_id, number) for item_id, number in rows]

    async def any_due(self, now: datetime) -> bool:
        return await _ANY_DUE.ask(self._session, now=now)

    async def change_state(self, version: Version, of: VersionState, to: VersionState, **values: Any) -> bool:
        """One conditional update: False when it was not in that state any more."""
        done = await self._session.execute(
            update(Version)
            .where(Version.item_id == version.item_id, Version.number == version.number, Version.state == of)
            .values(state=to, **values)
            .returning(Version.number)
            .execution_options(synchronize_session="fetch")
        )
        return done.first() is not None

    async def drop_waiting(self, item_id: int) -> bool:
        """The correction that is not out yet is given up; whether there was one."""
        gone = await self._session.execute(
            delete(Version)
            .where(Version.item_id == item_id, Version.state.in_(_WAITING))
            .returning(Version.number)
            .execution_options(synchronize_session="fetch")
        )
        return gone.first() is not None

    async def keep_first(self, item: Item) -> None:
        """The words with which an item went out, before its first correction replaces them."""
        if item.version == 1 and await self.get(item.id, 1) is None:
            self.add(
                Version(
                    item_id=item.id,
                    number=1,
                    state=VersionState.OUT,
                    title=item.title,
                    body=item.body,
                    link=item.link,
                    due_at=item.due_at,
                    author_id=item.author_id,
                    created_at=item.created_at,
                    published_at=item.published_at,
                )
            )
            await self._session.flush()

    async def put_by(self, item_id: int) -> None:
        """The receipts of an item make room for new ones and are kept with the version that they were for."""
        of_item = Receipt.delivery_id.in_(select(Delivery.id).where(Delivery.item_id == item_id))
        rows = select(*(getattr(Receipt, name) for name in _COLUMNS)).where(of_item)
        insert = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        await self._session.execute(insert(EarlierReceipt).from_select(list(_COLUMNS), rows).on_conflict_do_nothing())
        await self._session.execute(delete(Receipt).where(of_item).execution_options(synchronize_session=False))

    async def earlier(self, item_id: int, branch_ids: frozenset[int] | None) -> dict[int, dict[str, int]]:
        """Version → kind of receipt → members, of the versions that were replaced; `branch_ids` None means all."""
        query = (
            select(EarlierReceipt.version, EarlierReceipt.kind, func.count())
            .join(Delivery, Delivery.id == EarlierReceipt.delivery_id)
            .where(Delivery.item_id == item_id)
            .group_by(EarlierReceipt.version, EarlierReceipt.kind)
            .order_by(EarlierReceipt.version)
        )
        if branch_ids is not None:
            query = query.where(Delivery.branch_id.in_(branch_ids))
        found: dict[int, dict[str, int]] = {}
        for version, kind, n in await self._session.execute(query):
            found.setdefault(version, {})[kind] = n
        return found
