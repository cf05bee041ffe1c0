"""Removing a resident from everything that passed through: what came in, what went out, and what was asked of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from storage.calls import Call
from storage.contents import Content
from storage.dialogues import Dialogue
from storage.enums import CallState, InboxState, Phase
from storage.inbox import InboxRow
from storage.outbox import MAY_LEAVE, TO_SOMEBODY, OutboxMessage

GONE = "resident_gone"
_UNDER_WAY = (Phase.IN_FLIGHT, Phase.DOUBTFUL)
EMPTY = '{"text":"","type":"text"}'


class ScrubStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def resident(self, platform: str, token: str, now: datetime) -> None:
        """Nothing queued leaves; what is over loses its words, its recipient and its bytes.

        A request that is under way at this moment keeps its own until it has ended.
        """
        key = token.casefold()
        theirs = (OutboxMessage.platform == platform, OutboxMessage.recipient_key == key, TO_SOMEBODY)
        await self._session.execute(
            update(OutboxMessage).where(*theirs, MAY_LEAVE).values(phase=Phase.DROPPED, reason=GONE, settled_at=now)
        )
        over = (*theirs, OutboxMessage.phase.not_in(_UNDER_WAY))
        contents, calls = await self._carried(*over)
        await self._session.execute(
            update(OutboxMessage).where(*over).values(recipient="", recipient_key="", lane=None)
        )
        await self._empty(contents, calls, OutboxMessage.recipient_key != "")
        await self._session.execute(
            update(InboxRow)
            .where(InboxRow.resident == token)
            .values(payload="", reply=None, next_at=None, state=InboxState.DONE, resident=None)
        )
        await self._session.execute(delete(Dialogue).where(Dialogue.platform == platform, Dialogue.user_key == key))

    async def questions(self, kind: str, numbers: Iterable[int], now: datetime) -> None:
        """What was shown of these questions to those who answer: messages of a kind with the subject `Q34:…`."""
        for number in numbers:
            about = (
                OutboxMessage.kind == kind,
                OutboxMessage.subject >= f"Q{number}:",
                OutboxMessage.subject < f"Q{number};",
            )
            await self._session.execute(
                update(OutboxMessage).where(*about, MAY_LEAVE).values(phase=Phase.DROPPED, reason=GONE, settled_at=now)
            )
            contents, calls = await self._carried(*about, OutboxMessage.phase.not_in(_UNDER_WAY))
            await self._empty(contents, calls, OutboxMessage.kind != kind)

    async def _carried(self, *conditions: ColumnElement[bool]) -> tuple[set[int], set[int]]:
        """The contents of messages and the calls that took them."""
        query = select(OutboxMessage.content_id, OutboxMessage.call_id).where(*conditions)
        rows = (await self._session.execute(query)).all()
        return {content for content, _ in rows}, {call for _, call in rows if call is not None}

    async def _empty(self, contents: set[int], calls: set[int], elsewhere: ColumnElement[bool]) -> None:
        """What no message needs any more loses its words; its digest changes, for new words must not find it.

        `elsewhere` is the condition of messages that keep their words.
        """
        needed = select(literal(1)).where(OutboxMessage.content_id == Content.id, elsewhere)
        await self._session.execute(
            update(Content)
            .where(Content.id.in_(contents), ~exists(needed))
            .values(body=EMPTY, digest=literal("gone:").concat(Content.id))
            .execution_options(synchronize_session=False)
        )
        await self._session.execute(
            update(Call).where(Call.id.in_(calls), Call.state == CallState.SETTLED).values(body=b"", digest="")
        )
