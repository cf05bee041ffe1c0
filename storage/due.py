"""What may leave now: the questions that the sender asks of the outbox, many times in a second."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, literal, or_, select
from sqlalchemy.orm import aliased

from storage.among import among
from storage.enums import Phase
from storage.outbox import MAY_LEAVE, QUEUED, OutboxMessage
from storage.prepared import Whether

DOUBT_BLOCKS = timedelta(minutes=1)
"""How long a message of which nobody knows whether it arrived keeps its lane closed for those behind it."""

_DUE = (MAY_LEAVE, OutboxMessage.not_before <= bindparam("now"))
ANY_DUE = {False: Whether(*_DUE), True: Whether(*_DUE, OutboxMessage.quiet.is_(False))}
"""By whether it is quiet."""


def _next_due(quiet_now: bool) -> Select[Any]:
    """As `MessageStore.next_due` tells. Built once: it has three dozen parts."""
    earlier = aliased(OutboxMessage)
    unsettled = or_(
        earlier.phase.in_([Phase.READY, Phase.WAITING, Phase.IN_FLIGHT]),
        and_(earlier.phase == Phase.DOUBTFUL, earlier.started_at > bindparam("blocks_since")),
    )
    blocked = (
        select(literal(1)).where(earlier.lane == OutboxMessage.lane, earlier.id < OutboxMessage.id, unsettled).exists()
    )
    query = (
        select(*QUEUED)
        .where(
            *_DUE,
            OutboxMessage.priority.between(bindparam("least"), bindparam("most")),
            among(OutboxMessage.platform, "platforms"),
            or_(OutboxMessage.lane.is_(None), ~blocked),
        )
        .order_by(OutboxMessage.priority, OutboxMessage.not_before, OutboxMessage.id)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )
    return query.where(OutboxMessage.quiet.is_(False)) if quiet_now else query


NEXT_DUE = {quiet_now: _next_due(quiet_now) for quiet_now in (False, True)}
"""By whether it is quiet; the parameters are `now`, `limit`, `least`, `most`, `platforms` and `blocks_since`."""
