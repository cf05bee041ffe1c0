"""The outbox: everything that must be said is a row here, written in the transaction of its cause."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import one_of
from storage.base import UTCDateTime
from storage.contents import ContentStore
from storage.deliveries import Delivery
from storage.due import DOUBT_BLOCKS, DUE, NEXT_DUE, OF_KIND_TO, WITH_CONTENT
from storage.enums import DeliveryState, Phase, Priority
from storage.insertion import Insertion
from storage.members import Account
from storage.outbox import MAY_LEAVE, PACE, QUEUED, TO_SEND, UNSETTLED, NewMessage, OutboxMessage, QueuedMessage
from storage.phases import DOUBT, OF_CALLS, PART, SETTLE, START, WAIT
from storage.prepared import Prepared, flush_changes
from storage.steering import in_passing

__all__ = ["PACE", "TO_SEND", "UNSETTLED", "MessageStore", "NewMessage", "OutboxMessage", "QueuedMessage"]

_FROM_DELIVERY = (
    *("kind", "subject", "number", "platform", "recipient", "recipient_key", "content_id", "priority"),
    *("quiet", "item_id", "delivery_id", "member_id", "phase", "not_before", "tries", "created_at", "version"),
)
"""The columns of a delivery's message, in the order in which they are selected."""
UPLOAD = "upload"
"""Why a message waits whose file is not on the platform yet."""

_table = OutboxMessage.metadata.tables["message"]
_QUEUED = (
    *("kind", "subject", "number", "platform", "recipient", "recipient_key", "content_id", "priority", "quiet", "lane"),
    *("reply_to", "item_id", "delivery_id", "member_id", "not_before", "expires_at", "created_at", "version"),
)
_QUEUE = Insertion(_table, _QUEUED, fixed={"phase": Phase.READY, "tries": 0})


def _for_upload(platform: str, content_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.content_id == content_id,
        OutboxMessage.platform == platform,
        MAY_LEAVE,
        OutboxMessage.phase == Phase.WAITING,
        OutboxMessage.reason == UPLOAD,
    )


def _spread(start: datetime, over: int) -> ColumnElement[datetime]:
    """So many minutes after `start` as the member's id leaves when it is divided by `over`."""
    minutes = [literal(start + timedelta(minutes=n), UTCDateTime()) for n in range(over)]
    return case(*((Delivery.member_id % over == n, at) for n, at in enumerate(minutes)), else_=minutes[0])


class MessageStore:
    def __init__(self, session: AsyncSession, contents: ContentStore) -> None:
        self._session = session
        self._contents = contents

    async def queue(self, messages: Sequence[NewMessage], now: datetime) -> None:
        """Queues them; one that is there already by (kind, subject, number) stays as it is."""
        if not messages:
            return
        contents = await self._contents.ids(message.body for message in messages)
        rows: list[dict[str, Any]] = [
            {
                "kind": message.kind,
                "subject": message.subject,
                "number": message.number,
                "platform": message.platform,
                "recipient": message.recipient,
                "recipient_key": message.recipient.casefold(),
                "content_id": contents[message.body],
                "priority": int(message.priority),
                "quiet": message.quiet,
                "lane": message.lane,
                "reply_to": message.reply_to,
                "item_id": message.item_id,
                "delivery_id": message.delivery_id,
                "member_id": message.member_id,
                "not_before": message.not_before or now,
                "expires_at": message.expires_at,
                "created_at": now,
                "version": message.version,
            }
            for message in messages
        ]
        await _QUEUE.add(self._session, rows)

    async def queue_deliveries(
        self,
        item_id: int,
        *,
        kind: str,
        accounts: str,
        platform: str,
        prefix: str,
        body: str,
        priority: Priority,
        quiet: bool,
        now: datetime,
        number: int = 1,
        version: int | None = None,
        to: ColumnElement[bool] | None = None,
        spread_from: datetime | None = None,
        spread_over: int = 1,
    ) -> None:
        """One message for each of an item's deliveries that `to` admits (None: those queued), in one statement.

        It leaves by `platform` to `prefix` and the member's id in the directory `accounts`; at once, or from
        `spread_from` on over so many minutes.
        """
        content = (await self._contents.ids([body]))[body]
        rows = (
            select(
                literal(kind),
                cast(Delivery.id, String),
                literal(number),
                literal(platform),
                literal(prefix) + Account.user_id,
                literal(prefix) + Account.key,
                literal(content),
                literal(int(priority)),
                literal(quiet),
                Delivery.item_id,
                Delivery.id,
                Delivery.member_id,
                literal(str(Phase.READY)),
                literal(now, UTCDateTime()) if spread_from is None else _spread(spread_from, spread_over),
                literal(0),
                literal(now, UTCDateTime()),
                literal(version, Integer()),
            )
            .join(Account, and_(Account.member_id == Delivery.member_id, in_passing(Account.platform) == accounts))
            .where(Delivery.item_id == item_id, Delivery.transport == DeliveryState.QUEUED if to is None else to)
            .order_by(Delivery.id)
        )
        await self._session.execute(insert(OutboxMessage).from_select(list(_FROM_DELIVERY), rows))

    async def subjects(self, ids: Iterable[int]) -> dict[int, str]:
        """Message id → what it is about."""
        query = select(OutboxMessage.id, OutboxMessage.subject).where(one_of(OutboxMessage.id, set(ids)))
        return dict((await self._session.execute(query)).all())

    async def ids(self, kind: str, subjects: Iterable[str]) -> dict[str, int]:
        """Subject → message id."""
        query = select(OutboxMessage.subject, OutboxMessage.id).where(
            OutboxMessage.kind == kind, one_of(OutboxMessage.subject, set(subjects))
        )
        return dict((await self._session.execute(query)).all())

    async def next_due(
        self,
        now: datetime,
        limit: int,
        *,
        platforms: Sequence[str],
        quiet_now: bool,
        priorities: Iterable[Priority] = tuple(Priority),
    ) -> Sequence[QueuedMessage]:
        """What may leave now, of one priority after the other, the longest due first; of a lane only its first.

        The rows are taken for this transaction; what another process has taken is left out.
        """
        values = {"now": now, "platforms": list(platforms), "blocks_since": now - DOUBT_BLOCKS}
        found: list[QueuedMessage] = []
        for priority in priorities:
            if len(found) < limit:
                more = {"priority": int(priority), "limit": limit - len(found)}
                found += await self._found(NEXT_DUE[quiet_now], values | more)
        return found

    async def due(self, now: datetime, *, platforms: Sequence[str], quiet_now: bool) -> set[Priority]:
        """Of which priorities there is something to look at."""
        await flush_changes(self._session)
        rows = await DUE[quiet_now].run(self._session, {"now": now, "platforms": list(platforms)})
        return {Priority(priority) for (priority,) in rows}

    async def with_content(self, content_id: int, platform: str, now: datetime, limit: int) -> Sequence[QueuedMessage]:
        """What says the same on the same platform and may leave now."""
        return await self._found(
            WITH_CONTENT, {"content": content_id, "platform": platform, "now": now, "limit": limit}
        )

    async def of_kind_to(
        self, kind: str, platform: str, recipient_key: str, now: datetime, limit: int
    ) -> Sequence[QueuedMessage]:
        """What of a kind may leave to one recipient now, or waits only for their next minute; the oldest first."""
        values = {"kind": kind, "platform": platform, "recipient": recipient_key, "now": now, "limit": limit}
        return await self._found(OF_KIND_TO, values)

    async def _found(self, question: Prepared, values: Mapping[str, Any]) -> list[QueuedMessage]:
        await flush_changes(self._session)
        return [QueuedMessage(*row) for row in await question.run(self._session, values)]

    async def waiting_for(self, platform: str, content_id: int) -> Sequence[QueuedMessage]:
        """What waits for a file's upload; see `UPLOAD`."""
        query = select(*QUEUED).where(*_for_upload(platform, content_id)).order_by(OutboxMessage.id)
        return [QueuedMessage(*row) for row in await self._session.execute(query)]

    async def release(self, platform: str, content_id: int, now: datetime) -> None:
        """The file has been uploaded: what waited for it may leave."""
        await self._session.execute(
            update(OutboxMessage)
            .where(*_for_upload(platform, content_id))
            .values(not_before=now, reason=None)
            .execution_options(synchronize_session=False)
        )

    async def start(self, ids: Sequence[int], call_id: int, now: datetime) -> None:
        """They are on their way with this call."""
        await START.run(self._session, {"ids": ids, "call": call_id, "now": now})

    async def settle(self, ids: Sequence[int], phase: Phase, now: datetime, reason: str | None = None) -> None:
        if ids:
            await SETTLE.run(self._session, {"ids": ids, "to": phase, "now": now, "why": reason})

    async def wait(
        self, ids: Sequence[int], until: datetime, *, counted: bool = False, reason: str | None = None
    ) -> None:
        if ids:
            await WAIT.run(self._session, {"ids": ids, "until": until, "more": int(counted), "why": reason})

    async def bring_back(self, now: datetime, slack: timedelta) -> int:
        """What waits since a moment that has not come yet was made by a clock that was ahead: it may leave now.

        How many messages those were; a difference of `slack` means nothing.
        """
        done = await self._session.execute(
            update(OutboxMessage)
            .where(MAY_LEAVE, OutboxMessage.not_before > now, OutboxMessage.created_at > now + slack)
            .values(not_before=now, created_at=now)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        return len(done.all())

    async def part(self, ids: Sequence[int]) -> None:
        """Each of them leaves in a call of its own from now on."""
        await PART.run(self._session, {"ids": ids})

    async def doubt(self, call_id: int) -> None:
        await DOUBT.run(self._session, {"call": call_id})

    async def of_call(self, call_id: int) -> Sequence[QueuedMessage]:
        return (await self.of_calls([call_id])).get(call_id, [])

    async def of_calls(self, call_ids: Sequence[int]) -> dict[int, list[QueuedMessage]]:
        """Call → its messages that are under way."""
        await flush_changes(self._session)
        found: dict[int, list[QueuedMessage]] = {}
        for call_id, *message in await OF_CALLS.run(self._session, {"calls": call_ids}):
            found.setdefault(call_id, []).append(QueuedMessage(*message))
        return found

    async def drop_of_kind(self, kind: str, beginning: str, reason: str, now: datetime) -> None:
        """Nothing of this kind whose subject begins so will leave."""
        await self._session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.kind == kind,
                OutboxMessage.subject.startswith(beginning, autoescape=True),
                MAY_LEAVE,
            )
            .values(phase=Phase.DROPPED, reason=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )

    async def drop_of_deliveries(self, delivery_ids: Sequence[int], reason: str, now: datetime) -> None:
        await self._session.execute(
            update(OutboxMessage)
            .where(one_of(OutboxMessage.delivery_id, delivery_ids), MAY_LEAVE)
            .values(phase=Phase.DROPPED, reason=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )

    async def backlog(self) -> Mapping[str, int]:
        """Phase → messages, of those that are not settled; however many are, they are not looked at.

        What is under way, or in doubt, is with a call that is open.
        """
        to_send = select(OutboxMessage.phase, func.count()).where(MAY_LEAVE).group_by(OutboxMessage.phase)
        open_calls = text("call_id IN (SELECT id FROM call WHERE state <> 'settled')")
        under_way = OutboxMessage.phase.in_([Phase.IN_FLIGHT, Phase.DOUBTFUL])
        left = select(OutboxMessage.phase, func.count()).where(open_calls, under_way).group_by(OutboxMessage.phase)
        return dict((await self._session.execute(to_send.union_all(left))).all())

    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest waiting message could have left."""
        query = select(func.min(OutboxMessage.not_before)).where(MAY_LEAVE, OutboxMessage.not_before <= now)
        return await self._session.scalar(query)
