"""An item on its way to all of its members at once: asked and changed in the database, however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, cast, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import String

from storage.among import one_of
from storage.base import UTCDateTime
from storage.calls import LEFT, Call
from storage.deliveries import Delivery, DeliveryStore
from storage.enums import DeliveryState, Phase
from storage.outbox import MAY_LEAVE, UNSETTLED, OutboxMessage

PUSHES = ("item", "correction")
"""The kinds of message that bring an item's words to a member."""

WORDS = "words"
"""How the kinds of message begin that bring the whole text before the card, where there is no page to open."""


Condition = ColumnElement[bool]
"""Which deliveries, or messages, are meant."""


@dataclass(frozen=True, slots=True)
class PushCall:
    """A request that brought an item to members, or may have."""

    id: int
    platform: str
    ref: str | None
    first_at: datetime


class PushStore:
    def __init__(self, session: AsyncSession, deliveries: DeliveryStore) -> None:
        self._session = session
        self._deliveries = deliveries

    @staticmethod
    def had(item_id: int) -> ColumnElement[bool]:
        """The condition that a delivery's words have left, or may have."""
        return Delivery.id.in_(select(OutboxMessage.delivery_id).where(_left(item_id)))

    def had_version(self, item_id: int, version: int) -> Condition:
        """The condition that a delivery's words have left, and that these were the last."""
        return and_(self.had(item_id), Delivery.version == version)

    def still_first(self, item_id: int) -> Condition:
        """The condition that a delivery's first words have not left and are still wanted."""
        return and_(Delivery.transport == DeliveryState.QUEUED, Delivery.excused_at.is_(None), ~self.had(item_id))

    async def of_delivery(self, delivery_id: int) -> Sequence[tuple[str, str]]:
        """(kind, phase) of the messages by which a delivery was to go out, the first one first."""
        query = select(OutboxMessage.kind, OutboxMessage.phase).where(
            OutboxMessage.kind.in_(PUSHES), OutboxMessage.subject == str(delivery_id)
        )
        return [(kind, phase) for kind, phase in (await self._session.execute(query.order_by(OutboxMessage.id)))]

    async def had_count(self, item_id: int) -> int:
        """How many members had the item, or may have had it."""
        counted = select(func.count()).where(Delivery.item_id == item_id, self.had(item_id))
        return await self._session.scalar(counted) or 0

    async def calls(self, item_id: int) -> Sequence[PushCall]:
        """The requests by which it left; one carries up to a thousand members."""
        carriers = select(OutboxMessage.call_id).where(_left(item_id))
        query = select(Call.id, Call.platform, Call.ref, Call.first_at).where(Call.id.in_(carriers)).order_by(Call.id)
        return [PushCall(*row) for row in (await self._session.execute(query))]

    async def members_of_calls(self, item_id: int, call_ids: Sequence[int]) -> int:
        """How many members these requests brought it to."""
        query = select(func.count(OutboxMessage.delivery_id.distinct())).where(_left(item_id))
        return await self._session.scalar(query.where(OutboxMessage.call_id.in_(call_ids))) or 0

    async def drop(self, item_id: int, reason: str, now: datetime) -> int:
        """Nothing of the item that has not left yet will leave.

        Its members are excused for the reason; how many of them had nothing of it before.
        """
        await self._drop(OutboxMessage.item_id == item_id, reason, now)
        dropped = select(OutboxMessage.delivery_id).where(
            OutboxMessage.item_id == item_id, OutboxMessage.phase == Phase.DROPPED, OutboxMessage.reason == reason
        )
        waiting = and_(
            Delivery.item_id == item_id,
            Delivery.transport == DeliveryState.QUEUED,
            Delivery.excused_at.is_(None),
            Delivery.done_at.is_(None),
            Delivery.id.in_(dropped),
        )
        count = select(func.count()).select_from(Delivery).where(waiting, ~self.had(item_id))
        missed = await self._session.scalar(count) or 0
        await self._deliveries.excuse(waiting, reason, now)
        return missed

    async def replace(self, item_id: int, now: datetime) -> None:
        """What brings words that have been corrected does not leave any more; what takes its place is queued next."""
        brings = or_(OutboxMessage.kind.in_([*PUSHES, "group", "helper"]), OutboxMessage.kind.startswith(WORDS))
        await self._drop(and_(OutboxMessage.item_id == item_id, brings), "corrected", now)

    async def _drop(self, condition: ColumnElement[bool], reason: str, now: datetime) -> None:
        await self._session.execute(
            update(OutboxMessage)
            .where(condition, MAY_LEAVE)
            .values(phase=Phase.DROPPED, reason=reason, settled_at=now)
            .execution_options(synchronize_session=False)
        )

    async def posts(self, item_id: int) -> Sequence[tuple[str, str]]:
        """(platform, recipient) of the groups that the item was posted to, or is about to be."""
        query = select(OutboxMessage.platform, OutboxMessage.recipient).where(
            OutboxMessage.item_id == item_id,
            OutboxMessage.kind == "group",
            OutboxMessage.phase.not_in([Phase.DROPPED, Phase.REFUSED]),
        )
        return [(p, r) for p, r in (await self._session.execute(query.distinct().order_by(OutboxMessage.recipient)))]

    async def recalls(self, item_id: int) -> dict[str, int]:
        """How taking it back went → members: `recalled`, `waiting`, `kept` (nobody tried), or why it failed.

        Somebody who got it by several requests counts with the one that went worst.
        """
        recall = aliased(OutboxMessage)
        ending = case(
            (recall.id.is_(None), "0kept"),
            (recall.phase == Phase.ACCEPTED, "3recalled"),
            (recall.phase.in_(UNSETTLED), "2waiting"),
            else_=literal("1") + func.coalesce(recall.reason, "unknown"),
        )
        subject = literal(f"{item_id}:") + cast(OutboxMessage.call_id, String)
        each = (
            select(func.min(ending).label("ending"))
            .select_from(OutboxMessage)
            .outerjoin(recall, and_(recall.kind == "recall", recall.subject == subject))
            .where(_left(item_id))
            .group_by(OutboxMessage.delivery_id)
            .subquery()
        )
        counted = select(each.c.ending, func.count()).group_by(each.c.ending).order_by(each.c.ending)
        return {ending[1:]: n for ending, n in (await self._session.execute(counted))}

    async def unsettled(self, item_id: int, kinds: Sequence[str]) -> bool:
        """Whether something of these kinds about the item is still on its way."""
        waiting = select(literal(1)).where(
            OutboxMessage.item_id == item_id, OutboxMessage.phase.in_(UNSETTLED), OutboxMessage.kind.in_(kinds)
        )
        return bool(await self._session.scalar(select(exists(waiting))))

    async def settled(self, item_id: int, kind: str) -> dict[str, int]:
        """Phase → messages of a kind about the item that members were to get."""
        query = select(OutboxMessage.phase, func.count()).where(
            OutboxMessage.item_id == item_id, OutboxMessage.kind == kind, OutboxMessage.member_id.is_not(None)
        )
        return dict((await self._session.execute(query.group_by(OutboxMessage.phase))).all())

    async def behind(self, item_id: int, version: int, branch_ids: frozenset[int] | None) -> int:
        """How many of those who had the item have not got these words of it yet; `branch_ids` None means all."""
        query = select(func.count()).where(Delivery.item_id == item_id, Delivery.version < version, self.had(item_id))
        if branch_ids is not None:
            query = query.where(Delivery.branch_id.in_(branch_ids))
        return await self._session.scalar(query) or 0

    async def waiting_count(self, item_id: int) -> int:
        """How many members have not had the item yet and still will."""
        query = select(func.count()).where(Delivery.item_id == item_id, self.still_first(item_id))
        return await self._session.scalar(query) or 0

    async def versions_had(self, item_id: int) -> Sequence[int]:
        """Which words of it those who had it were last sent."""
        query = select(Delivery.version).where(Delivery.item_id == item_id, self.had(item_id)).distinct()
        return sorted(await self._session.scalars(query))

    async def ask_again(self, item_id: int) -> None:
        """What members did counts no more; whoever had the item is to get it anew. Excuses stay."""
        nothing = {"read_at": None, "acknowledged_at": None, "done_at": None}
        of_item = Delivery.item_id == item_id
        answered = or_(Delivery.read_at.is_not(None), Delivery.acknowledged_at.is_not(None))
        await self._deliveries.change(and_(of_item, answered, ~self.had(item_id)), dict(nothing))
        anew = {**nothing, "transport": DeliveryState.QUEUED, "reason": None, "sent_at": None}
        await self._deliveries.change(and_(of_item, self.had(item_id)), anew)

    async def now_brings(self, item_id: int, version: int) -> None:
        """Whoever has not had the item yet will get these words, and no others were meant for them."""
        await self._session.execute(
            update(Delivery)
            .where(Delivery.item_id == item_id, Delivery.transport == DeliveryState.QUEUED, ~self.had(item_id))
            .values(version=version, first_version=version)
            .execution_options(synchronize_session=False)
        )

    async def brought(self, delivery_ids: Sequence[int], version: int) -> None:
        """These members have been sent these words."""
        await self._session.execute(
            update(Delivery)
            .where(one_of(Delivery.id, delivery_ids), Delivery.version < version)
            .values(version=version)
            .execution_options(synchronize_session="fetch")
        )

    async def waiting_among(self, delivery_ids: Sequence[int]) -> set[int]:
        """Those of these deliveries that count as not sent yet."""
        query = select(Delivery.id).where(one_of(Delivery.id, delivery_ids), Delivery.transport == DeliveryState.QUEUED)
        return set(await self._session.scalars(query))

    async def sent_ats(self, item_id: int) -> Sequence[datetime]:
        """The instants at which it was sent to those who still have to do something; one for each request."""
        query = select(Delivery.sent_at).where(
            Delivery.item_id == item_id,
            Delivery.sent_at.is_not(None),
            Delivery.done_at.is_(None),
            Delivery.excused_at.is_(None),
        )
        return [at for at in await self._session.scalars(query.distinct()) if at is not None]

    @staticmethod
    def sent_at(item_id: int, at: datetime) -> ColumnElement[bool]:
        """The condition that a delivery was sent then, and its member still has to do something."""
        return and_(
            Delivery.item_id == item_id,
            Delivery.sent_at == literal(at, UTCDateTime()),
            Delivery.done_at.is_(None),
            Delivery.excused_at.is_(None),
        )


def _left(item_id: int) -> ColumnElement[bool]:
    """The condition that a message brought the item to a member, or may have."""
    return and_(
        OutboxMessage.item_id == item_id,
        OutboxMessage.kind.in_(PUSHES),
        OutboxMessage.phase.in_(LEFT),
        OutboxMessage.delivery_id.is_not(None),
    )
