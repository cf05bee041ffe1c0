"""Requests to platforms with their exact bytes, committed before the first byte leaves."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    String,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import among, one_of
from storage.base import Base, BigId, Word, partial_index
from storage.enums import CallState, Phase
from storage.messages import OutboxMessage
from storage.prepared import Prepared, Whether, flush_changes

OPEN = "state <> 'settled'"
_REPORTED = "platform = 'official_account' AND ref IS NOT NULL"
"""As SQL: only a condition that reads like its own lets SQLite use a partial index."""


class Call(Base):
    """One request. It may leave more than once, always with these bytes, as long as nobody knows how it ended."""

    __tablename__ = "call"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(Word)
    api: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    recipients: Mapped[int]
    state: Mapped[str] = mapped_column(Word)
    tries: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime]
    started_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    http_status: Mapped[int | None]
    code: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(Word)
    ref: Mapped[str | None] = mapped_column(String(512))
    """The platform's id of what was sent; a recall names it."""
    carrier: Mapped[str | None] = mapped_column(Word)
    """The instance that sends it, or last did."""
    is_reply: Mapped[bool] = mapped_column(server_default=false())
    """Whether it answers somebody: answers have places of their own."""

    __table_args__ = (
        partial_index("ix_call_open", "next_at", where=OPEN),
        partial_index("ix_call_reported", "ref", where=_REPORTED),
    )


@dataclass(frozen=True, slots=True)
class Carried:
    """A message of an item that left, or may have, with the call that carried it."""

    delivery_id: int | None
    member_id: int | None
    platform: str
    recipient: str
    call_id: int
    ref: str | None
    first_at: datetime


LEFT = (Phase.ACCEPTED, Phase.UNKNOWN, Phase.DOUBTFUL, Phase.IN_FLIGHT)
"""The phases in which a message's bytes have left, or may have."""


class Begun(NamedTuple):
    """A call as far as recording how it ended has to know it."""

    id: int
    platform: str
    recipients: int
    tries: int
    first_at: datetime


_table = Base.metadata.tables["call"]
_ITSELF = _table.c.id == bindparam("call")
_SETTLED = _table.c.state == literal_column(f"'{CallState.SETTLED}'")
_ANSWER: dict[str, ColumnElement[int]] = {"http_status": bindparam("status"), "code": bindparam("answered")}
_IN_FLIGHT = Prepared(
    select(_table.c.id, _table.c.started_at, _table.c.carrier).where(text(OPEN), _table.c.state == CallState.IN_FLIGHT)
)
_ANY_DOUBTFUL = Whether(text(OPEN), Call.state == CallState.DOUBTFUL, Call.next_at <= bindparam("now"))
# Built once: they run for every request.
_RESERVE = Prepared(
    insert(_table)
    .values(
        platform=bindparam("by"),
        api="",
        body=b"",
        digest="",
        recipients=bindparam("people"),
        state=CallState.IN_FLIGHT,
        tries=1,
        first_at=bindparam("now"),
        started_at=bindparam("now"),
        carrier=bindparam("instance"),
        is_reply=bindparam("answers"),
    )
    .returning(_table.c.id)
)
_FREEZE = Prepared(
    update(_table).where(_ITSELF).values(api=bindparam("path"), body=bindparam("bytes"), digest=bindparam("hash"))
)
_GIVE_UP = Prepared(delete(_table).where(_ITSELF))
_OPEN_ONES = Prepared(
    select(*(_table.c[name] for name in Begun._fields))
    .where(among(_table.c.id, "calls"), _table.c.finished_at.is_(None))
    .order_by(_table.c.id)
    .with_for_update()
)
_FINISH = Prepared(
    update(_table)
    .where(_ITSELF)
    .values(
        state=CallState.SETTLED,
        finished_at=bindparam("now"),
        next_at=None,
        outcome=bindparam("ending"),
        ref=bindparam("name"),
        **_ANSWER,
    )
)
_DOUBT = Prepared(
    update(_table).where(_ITSELF, ~_SETTLED).values(state=CallState.DOUBTFUL, next_at=bindparam("again"), **_ANSWER)
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended; `ref` is the platform's id of what was sent, "" where it gave none."""

    call_id: int
    outcome: str
    http_status: int | None = None
    code: int | None = None
    ref: str = ""


class CallStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def reserve(
        self, platform: str, now: datetime, recipients: int, *, carrier: str | None = None, is_reply: bool = False
    ) -> int:
        """A new call, whose id its bytes may name; `freeze` gives it its bytes in the same transaction."""
        values = {"by": platform, "now": now, "people": recipients, "instance": carrier, "answers": is_reply}
        ((call_id,),) = await _RESERVE.run(self._session, values)
        return int(call_id)

    async def freeze(self, call_id: int, api: str, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()
        await _FREEZE.run(self._session, {"call": call_id, "path": api, "bytes": body, "hash": digest})

    async def give_up(self, call_id: int) -> None:
        """No bytes could be made for it: it never was."""
        await _GIVE_UP.run(self._session, {"call": call_id})

    async def open_ones(self, call_ids: Sequence[int]) -> Sequence[Begun]:
        """Those of the calls that nobody has settled, taken for this transaction."""
        return [Begun(*row) for row in await _OPEN_ONES.run(self._session, {"calls": call_ids})]

    async def reported(self, ref: str) -> int | None:
        """The call of the official account that the platform calls so, if there is one."""
        return await self._session.scalar(select(Call.id).where(text(_REPORTED), Call.ref == ref))

    async def carried(self, call_id: int) -> Sequence[tuple[int, str, str]]:
        """(message, kind, subject) of what the platform said that it took with this call."""
        query = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.subject).where(
            OutboxMessage.call_id == call_id, OutboxMessage.phase == Phase.ACCEPTED
        )
        return [(i, kind, subject) for i, kind, subject in await self._session.execute(query)]

    async def turn_down(self, ids: Sequence[int], reason: str, now: datetime) -> None:
        """What the platform took has not arrived after all."""
        await self._session.execute(
            update(OutboxMessage)
            .where(one_of(OutboxMessage.id, ids), OutboxMessage.phase == Phase.ACCEPTED)
            .values(phase=Phase.REFUSED, reason=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )

    async def any_open(self, platform: str) -> bool:
        """Whether a call there has begun, and how it ended has not been stored yet."""
        query = select(Call.id).where(text(OPEN), Call.platform == platform).limit(1)
        return (await self._session.scalar(query)) is not None

    async def finish(self, endings: Sequence[Ending], now: datetime) -> None:
        rows = [
            {
                "call": each.call_id,
                "now": now,
                "ending": each.outcome,
                "status": each.http_status,
                "answered": each.code,
                "name": each.ref or None,
            }
            for each in endings
        ]
        await _FINISH.run_each(self._session, rows)

    async def doubt(self, call_id: int, *, next_at: datetime, http_status: int | None, code: int | None) -> None:
        """Nobody knows how it ended; the same bytes may leave again at `next_at`."""
        values = {"call": call_id, "again": next_at, "status": http_status, "answered": code}
        await _DOUBT.run(self._session, values)

    async def lose(self, call_id: int, now: datetime) -> None:
        """Nobody carries it any more: the same bytes may leave again at once."""
        await self._session.execute(
            update(Call)
            .where(Call.id == call_id, Call.state == CallState.IN_FLIGHT)
            .values(state=CallState.DOUBTFUL, next_at=now)
        )

    async def in_flight(self, started_before: datetime | None, alive: Collection[str] | None = None) -> Sequence[int]:
        """The calls under way. If it is given, those alone that began before then, or whose carrier is not `alive`."""
        await flush_changes(self._session)
        rows = await _IN_FLIGHT.run(self._session, {})  # asked for in order, SQLite would go through all calls
        return sorted(
            call_id
            for call_id, started_at, carrier in rows
            if started_before is None
            or started_at < started_before
            or (alive is not None and carrier is not None and carrier not in alive)
        )

    async def carried_by_others(self, carrier: str) -> dict[tuple[str, bool], int]:
        """(platform, whether they are answers) → the calls of all other instances that are under way."""
        query = select(Call.platform, Call.is_reply, func.count()).where(
            text(OPEN), Call.state == CallState.IN_FLIGHT, Call.carrier.is_distinct_from(carrier)
        )
        counted = await self._session.execute(query.group_by(Call.platform, Call.is_reply))
        return {(platform, is_reply): n for platform, is_reply, n in counted}

    async def any_doubtful(self, now: datetime) -> bool:
        """Whether there is one whose next try is due."""
        return await _ANY_DOUBTFUL.ask(self._session, now=now)

    async def doubtful(self, now: datetime, limit: int, *, elsewhere: Sequence[str] = ()) -> Sequence[Call]:
        """Those whose next try is due, taken for this transaction; what another process has taken is left out.

        `elsewhere` are the platforms that another instance sends by.
        """
        query = select(Call).where(
            text(OPEN), Call.state == CallState.DOUBTFUL, Call.next_at <= now, Call.platform.not_in(elsewhere)
        )
        query = query.order_by(Call.next_at, Call.id).limit(limit).with_for_update(skip_locked=True)
        return (await self._session.scalars(query)).all()

    async def again(self, call: Call, now: datetime, carrier: str | None = None) -> None:
        """The same bytes leave once more."""
        call.carrier, call.is_reply = carrier, False
        call.state, call.started_at, call.tries, call.next_at = CallState.IN_FLIGHT, now, call.tries + 1, None
        await self._session.flush()

    async def refs(self, call_ids: Sequence[int]) -> dict[int, tuple[str | None, str, datetime]]:
        """Call → (platform's id, platform, first sent)."""
        query = select(Call.id, Call.ref, Call.platform, Call.first_at).where(one_of(Call.id, call_ids))
        return {i: (ref, platform, at) for i, ref, platform, at in (await self._session.execute(query))}

    async def open_count(self) -> int:
        query = select(func.count()).select_from(Call).where(text(OPEN))
        return await self._session.scalar(query) or 0

    async def of_item(self, item_id: int, kinds: Sequence[str]) -> Sequence[Carried]:
        """Every message of these kinds about the item that the platform took, or may have taken."""
        query = (
            select(
                OutboxMessage.delivery_id,
                OutboxMessage.member_id,
                OutboxMessage.platform,
                OutboxMessage.recipient,
                Call.id,
                Call.ref,
                Call.first_at,
            )
            .join(Call, Call.id == OutboxMessage.call_id)
            .where(OutboxMessage.item_id == item_id, OutboxMessage.kind.in_(kinds), OutboxMessage.phase.in_(LEFT))
            .order_by(OutboxMessage.id)
        )
        return [Carried(*row) for row in (await self._session.execute(query))]
