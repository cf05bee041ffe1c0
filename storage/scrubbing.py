"""Removing a resident from everything that passed through: what came in, what went out, and what was asked of them."""

from datetime import datetime

from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.calls import Call
from storage.contents import Content
from storage.dialogues import Dialogue
from storage.enums import CallState, InboxState, Phase
from storage.inbox import InboxRow
from storage.outbox import TO_SEND, OutboxMessage

GONE = "resident_gone"
_EMPTY = '{"text":"","type":"text"}'


class ScrubStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def resident(self, platform: str, token: str, now: datetime) -> None:
        """Nothing queued leaves; what is over loses its words, its recipient and its bytes.

        A request that is under way at this moment keeps its own until it has ended.
        """
        key = token.casefold()
        theirs = (OutboxMessage.platform == platform, OutboxMessage.recipient_key == key)
        await self._session.execute(
            update(OutboxMessage)
            .where(*theirs, OutboxMessage.phase.in_(TO_SEND))
            .values(phase=Phase.DROPPED, reason=GONE, settled_at=now)
        )
        over = (*theirs, OutboxMessage.phase.not_in([Phase.IN_FLIGHT, Phase.DOUBTFUL]))
        rows = (await self._session.execute(select(OutboxMessage.content_id, OutboxMessage.call_id).where(*over))).all()
        await self._session.execute(
            update(OutboxMessage).where(*over).values(recipient="", recipient_key="", lane=None)
        )
        await self._empty_contents({content_id for content_id, _ in rows})
        await self._session.execute(
            update(Call)
            .where(Call.id.in_({call_id for _, call_id in rows if call_id}), Call.state == CallState.SETTLED)
            .values(body=b"", digest="")
        )
        await self._session.execute(
            update(InboxRow)
            .where(InboxRow.resident == token)
            .values(payload="", reply=None, next_at=None, state=InboxState.DONE, resident=None)
        )
        await self._session.execute(delete(Dialogue).where(Dialogue.platform == platform, Dialogue.user_key == key))

    async def _empty_contents(self, content_ids: set[int]) -> None:
        """What was said to nobody else loses its words; its digest changes, for new words must not find it."""
        other = aliased(OutboxMessage)
        await self._session.execute(
            update(Content)
            .where(
                Content.id.in_(content_ids),
                ~exists(select(literal(1)).where(other.content_id == Content.id, other.recipient_key != "")),
            )
            .values(body=_EMPTY, digest=literal("gone:").concat(Content.id))
            .execution_options(synchronize_session=False)
        )
