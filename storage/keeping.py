"""Taking away what has been kept long enough, a slice at a time: each goes on where the last one ended.

Rows are looked at in the order in which they were made, once each, so the work does not grow with history.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.accesses import Access
from storage.among import one_of
from storage.base import Base, BigId
from storage.calls import Call
from storage.contents import Content
from storage.dialogues import Dialogue
from storage.enums import CallState, InboxState, ItemStatus
from storage.inbox import InboxRow
from storage.items import Item
from storage.outbox import UNSETTLED, OutboxMessage
from storage.prepared import Whether
from storage.scrubbing import EMPTY


class Kept(Base):
    """How far a kind of rows has been gone through: everything up to this id has been seen to."""

    __tablename__ = "kept"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    through: Mapped[int] = mapped_column(BigId)


def _next(kind: str, id: Any, at: Any) -> Any:
    """When the first row after those that were seen to was made."""
    through = func.coalesce(select(Kept.through).where(Kept.kind == kind).scalar_subquery(), 0)
    return select(at).where(id > through).order_by(id).limit(1).scalar_subquery()


_OLDER = {
    kind: Whether(first < bindparam("before"))
    for kind, first in {
        "messages": _next("message", OutboxMessage.id, OutboxMessage.created_at),
        "calls": _next("call", Call.id, Call.first_at),
        "updates": _next("inbox", InboxRow.id, InboxRow.received_at),
        "drafts": _next("draft", Item.id, Item.created_at),
        "accesses": select(Access.at).order_by(Access.at).limit(1).scalar_subquery(),
    }.items()
}
_TALK_OVER = Whether(Dialogue.expires_at < bindparam("now"))


class KeepingStore:
    """A method that takes a limit sees to the next slice of rows made before an instant; it returns how many."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def any_older(self, kind: str, before: datetime) -> bool:
        """Whether there are messages, calls, updates, drafts or accesses to see to."""
        return await _OLDER[kind].ask(self._session, before=before)

    async def any_talk_over(self, now: datetime) -> bool:
        return await _TALK_OVER.ask(self._session, now=now)

    async def messages(self, before: datetime, limit: int) -> int:
        """What was sent loses its words and its recipient; that it was sent, when and about what stays."""
        ids = await self._slice("message", OutboxMessage.id, OutboxMessage.created_at, before, limit)
        if not ids:
            return 0
        over = (one_of(OutboxMessage.id, ids), OutboxMessage.phase.not_in(UNSETTLED))
        contents = set(await self._session.scalars(select(OutboxMessage.content_id).where(*over)))
        nobody: dict[str, Any] = {"recipient": "", "recipient_key": "", "lane": None, "reply_to": None}
        await self._run(update(OutboxMessage).where(*over).values(nobody))
        needed = select(OutboxMessage.content_id).where(OutboxMessage.phase.in_(UNSETTLED))
        await self._run(
            update(Content)
            .where(one_of(Content.id, contents), Content.id.not_in(needed))
            .values(body=EMPTY, digest=literal("gone:").concat(Content.id))
        )
        return len(ids)

    async def calls(self, before: datetime, limit: int) -> int:
        """Requests lose their bytes; how each ended stays."""
        ids = await self._slice("call", Call.id, Call.first_at, before, limit)
        settled = (one_of(Call.id, ids), Call.state == CallState.SETTLED)
        await self._run(update(Call).where(*settled).values(body=b"", digest=""))
        return len(ids)

    async def updates(self, before: datetime, limit: int) -> int:
        """The keys of what came in. The newest row stays, so that no number is given twice."""
        ids = await self._slice("inbox", InboxRow.id, InboxRow.received_at, before, limit)
        newest = select(func.max(InboxRow.id)).scalar_subquery()
        old = (one_of(InboxRow.id, ids), InboxRow.state != InboxState.PENDING, InboxRow.id < newest)
        await self._run(delete(InboxRow).where(*old))
        return len(ids)

    async def drafts(self, before: datetime, limit: int) -> int:
        """Drafts that nobody confirmed are dropped, and what was dropped loses its words."""
        ids = await self._slice("draft", Item.id, Item.created_at, before, limit)
        never_out = (one_of(Item.id, ids), Item.status.in_([ItemStatus.DRAFT, ItemStatus.DROPPED]))
        await self._run(
            update(Item)
            .where(*never_out, Item.published_at.is_(None))
            .values(status=ItemStatus.DROPPED, title="", body="", link=None)
        )
        return len(ids)

    async def dialogues(self, now: datetime) -> None:
        """Talks that nobody went on with."""
        await self._run(delete(Dialogue).where(Dialogue.expires_at < now))

    async def _slice(self, kind: str, id: Any, at: Any, before: datetime, limit: int) -> Sequence[int]:
        """The next ids, and the note that they were seen to; none when the next one is too young."""
        kept = await self._session.get(Kept, kind, with_for_update=True)
        if kept is None:
            kept = Kept(kind=kind, through=0)
            self._session.add(kept)
        rows = (await self._session.execute(select(id, at).where(id > kept.through).order_by(id).limit(limit))).all()
        ids: list[int] = []
        for row_id, made_at in rows:
            if made_at >= before:
                break
            ids.append(row_id)
        if ids:
            kept.through = ids[-1]
        await self._session.flush()
        return ids

    async def _run(self, statement: Any) -> None:
        await self._session.execute(statement.execution_options(synchronize_session=False))
