"""How much was said lately, and to whom: what limits are measured with, restarts included."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, and_, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import among, one_of
from storage.calls import Call
from storage.enums import Phase, Priority
from storage.outbox import HAS_LEFT, MAY_LEAVE, TO_SOMEBODY, OutboxMessage
from storage.prepared import Prepared

LONGEST_WAIT = timedelta(days=7)
"""How old a reminder message can be when it leaves; older ones are not looked at."""


@dataclass(frozen=True, slots=True)
class Paced:
    """What one recipient got lately: everything in the last minute, and what the bot started by itself."""

    all_in_minute: int
    own_in_minute: int
    talk_in_minute: int
    """Of these, what people say."""
    own_in_day: int


def _had_enough() -> Prepared:
    """As `PacingStore.counts_since` tells."""
    own = OutboxMessage.priority > int(Priority.REPLY)
    recent = OutboxMessage.started_at > bindparam("minute")
    counts = {
        "all_in_minute": func.count(case((recent, OutboxMessage.call_id)).distinct()),
        "own_in_minute": func.count(case((and_(recent, own), OutboxMessage.call_id)).distinct()),
        "talk_in_minute": func.count(
            case((and_(recent, own, among(OutboxMessage.kind, "talk")), OutboxMessage.call_id)).distinct()
        ),
        "own_in_day": func.count(case((own, OutboxMessage.call_id)).distinct()),
    }
    return Prepared(
        select(OutboxMessage.recipient_key, *counts.values())
        .where(
            OutboxMessage.platform == bindparam("platform"),
            among(OutboxMessage.recipient_key, "recipients"),
            OutboxMessage.started_at > bindparam("day"),
            OutboxMessage.started_at <= bindparam("until"),
            TO_SOMEBODY,
            OutboxMessage.kind != "recall",
            HAS_LEFT,
        )
        .group_by(OutboxMessage.recipient_key)
        .having(or_(*(count >= bindparam(name, type_=Integer()) for name, count in counts.items())))
    )


_HAD_ENOUGH = _had_enough()


class PacingStore:
    """Reads only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def counts_since(
        self,
        platform: str,
        keys: Sequence[str],
        minute: datetime,
        day: datetime,
        until: datetime,
        enough: Paced,
        *,
        talk: Collection[str] = (),
    ) -> dict[str, Paced]:
        """Recipient → what went to them since `minute` and since `day`; changed cards and recalls are no messages.

        What left after `until` left by a clock that was ahead: it would keep them waiting until that day comes.
        Only of those who had `enough` in one way or another: of a thousand that is nearly nobody. Several of ours that
        left in one request are one for whoever got it. `talk` are the kinds that bring what people say.
        """
        limits = asdict(enough) | {"talk": list(talk), "minute": minute, "day": day, "until": until}
        rows = await _HAD_ENOUGH.run(self._session, {"platform": platform, "recipients": keys, **limits})
        return {key: Paced(*counts) for key, *counts in rows}

    async def sent_to(self, platform: str, key: str, since: datetime) -> int:
        """How many messages left for one recipient from then on, those included of which nobody knows whether."""
        query = select(func.count()).where(
            OutboxMessage.platform == platform,
            OutboxMessage.recipient_key == key,
            OutboxMessage.started_at >= since,
            TO_SOMEBODY,
            HAS_LEFT,
        )
        return await self._session.scalar(query) or 0

    async def reminded_since(
        self, member_ids: Iterable[int], day: datetime, week: datetime
    ) -> dict[int, tuple[int, int]]:
        """Member → (reminder messages since `day`, since `week`), those still queued included.

        What had to wait counts when it left, not when it was made, and by the platform's clock: ours may have been
        wrong when it did.
        """
        left_at = func.coalesce(Call.first_at, OutboxMessage.started_at, OutboxMessage.created_at)
        today = func.sum(case((left_at >= day, 1), else_=0))
        query = (
            select(OutboxMessage.member_id, today, func.count())
            .outerjoin(Call, Call.id == OutboxMessage.call_id)
            .where(
                OutboxMessage.kind == "digest",
                one_of(OutboxMessage.member_id, set(member_ids)),
                OutboxMessage.created_at >= week - LONGEST_WAIT,
                left_at >= week,
                OutboxMessage.phase.not_in([Phase.DROPPED, Phase.REFUSED]),
            )
            .group_by(OutboxMessage.member_id)
        )
        return {m: (int(d or 0), w) for m, d, w in (await self._session.execute(query)) if m is not None}

    async def waiting_digests(self, member_ids: Iterable[int], now: datetime) -> set[int]:
        """The members for whom a reminder message has been made that has not left yet."""
        query = select(OutboxMessage.member_id).where(
            OutboxMessage.kind == "digest",
            one_of(OutboxMessage.member_id, set(member_ids)),
            OutboxMessage.created_at >= now - LONGEST_WAIT,
            MAY_LEAVE,
        )
        return {member_id for member_id in await self._session.scalars(query) if member_id is not None}

    async def digests_on(self, member_ids: Sequence[int], day: str) -> dict[int, int]:
        """Member → reminder messages of a local day (`2026-11-23`), whatever became of them."""
        query = (
            select(OutboxMessage.member_id, func.count())
            .where(
                OutboxMessage.kind == "digest",
                one_of(OutboxMessage.member_id, member_ids),
                OutboxMessage.created_at >= datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1),
                OutboxMessage.subject.contains(f":{day}:"),
            )
            .group_by(OutboxMessage.member_id)
        )
        return {m: n for m, n in (await self._session.execute(query)) if m is not None}
