"""What may leave now: the questions that the sender asks of the outbox, many times in a second."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Integer, and_, bindparam, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from storage.among import among
from storage.enums import Phase, Priority
from storage.outbox import MAY_LEAVE, PACE, QUEUED, TO_SOMEBODY, OutboxMessage
from storage.prepared import Prepared

DOUBT_BLOCKS = timedelta(minutes=1)
"""How long a message of which nobody knows whether it arrived keeps its lane closed for those behind it."""

_NOW = OutboxMessage.not_before <= bindparam("now")
_LIMIT = bindparam("limit", type_=Integer())


def _may_leave(quiet_now: bool, priority: ColumnElement[int]) -> ColumnElement[bool]:
    """Of one priority, so that what is not due yet is not looked at: the index has it behind what is."""
    due = and_(MAY_LEAVE, _NOW, OutboxMessage.priority == priority, among(OutboxMessage.platform, "platforms"))
    return and_(due, OutboxMessage.quiet.is_(False)) if quiet_now else due


def _due(quiet_now: bool) -> Prepared:
    """The priorities of which something may leave, by a platform among `platforms`."""
    each = (literal(int(priority)) for priority in Priority)
    return Prepared(
        union_all(*(select(p).where(select(literal(1)).where(_may_leave(quiet_now, p)).exists()) for p in each))
    )


def _next_due(quiet_now: bool) -> Prepared:
    """As `MessageStore.next_due` tells, of one priority."""
    earlier = aliased(OutboxMessage)
    phases = (Phase.READY, Phase.WAITING, Phase.IN_FLIGHT)
    before_its_end: list[ColumnElement[str]] = [literal_column(f"'{phase}'") for phase in phases]
    unsettled = or_(
        earlier.phase.in_(before_its_end),
        and_(earlier.phase == Phase.DOUBTFUL, earlier.started_at > bindparam("blocks_since")),
    )
    blocked = (
        select(literal(1)).where(earlier.lane == OutboxMessage.lane, earlier.id < OutboxMessage.id, unsettled).exists()
    )
    return Prepared(
        select(*QUEUED)
        .where(
            _may_leave(quiet_now, bindparam("priority", type_=Integer())),
            or_(OutboxMessage.lane.is_(None), ~blocked),
        )
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
        .limit(_LIMIT)
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )


DUE = {quiet_now: _due(quiet_now) for quiet_now in (False, True)}
"""By whether it is quiet; the parameters are `now` and `platforms`."""
NEXT_DUE = {quiet_now: _next_due(quiet_now) for quiet_now in (False, True)}
"""By whether it is quiet; the parameters are `now`, `limit`, `priority`, `platforms` and `blocks_since`."""


def _taken(*conditions: ColumnElement[bool]) -> Prepared:
    """What may leave by a platform, and in no lane, the oldest first."""
    alone = (OutboxMessage.platform == bindparam("platform"), OutboxMessage.lane.is_(None), MAY_LEAVE)
    query = select(*QUEUED).where(*conditions, *alone).order_by(OutboxMessage.id).limit(_LIMIT)
    return Prepared(query.with_for_update(skip_locked=True))


WITH_CONTENT = _taken(OutboxMessage.content_id == bindparam("content"), _NOW)
OF_KIND_TO = _taken(
    OutboxMessage.kind == bindparam("kind"),
    OutboxMessage.recipient_key == bindparam("recipient"),
    TO_SOMEBODY,
    or_(_NOW, OutboxMessage.reason == PACE),
)
