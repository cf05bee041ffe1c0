"""From phase to phase: how messages that leave change, in statements that are built once."""

from sqlalchemy import String, bindparam, cast, literal, select, update

from storage.among import among
from storage.base import UTCDateTime
from storage.enums import Phase
from storage.outbox import IS_UNDER_WAY, IS_UNSETTLED, QUEUED, OutboxMessage
from storage.prepared import Prepared

_table = OutboxMessage.metadata.tables["message"]
_OURS = update(_table).where(among(_table.c.id, "ids"), IS_UNSETTLED)
_UNTIL = bindparam("until", type_=UTCDateTime())

START = Prepared(
    _OURS.values(phase=Phase.IN_FLIGHT, call_id=bindparam("call"), started_at=bindparam("now", type_=UTCDateTime()))
)
SETTLE = Prepared(
    _OURS.values(phase=bindparam("to"), settled_at=bindparam("now", type_=UTCDateTime()), reason=bindparam("why"))
)
WAIT = Prepared(
    _OURS.values(
        phase=Phase.WAITING, not_before=_UNTIL, tries=_table.c.tries + bindparam("more"), reason=bindparam("why")
    )
)
PART = Prepared(_OURS.values(lane=literal("alone:") + cast(_table.c.id, String)))
DOUBT = Prepared(
    update(_table)
    .where(_table.c.call_id == bindparam("call"), _table.c.phase == Phase.IN_FLIGHT)
    .values(phase=Phase.DOUBTFUL)
)
OF_CALLS = Prepared(
    select(_table.c.call_id, *QUEUED).where(among(_table.c.call_id, "calls"), IS_UNDER_WAY).order_by(_table.c.id)
)
