"""What the platform tells later about what it took."""

from bot.inbound.reception import ResidentRouter, Visit
from bot.inbound.router import Reply
from bot.rules.resident_words import Said
from bot.services import nudging

router = ResidentRouter()

SUCCESS = "success"
BLOCKED = "block"
_SENT = "SubscribeMsgSentEvent.List"


@router.event("templatesendjobfinish")
async def template_ended(visit: Visit, said: Said) -> Reply | None:
    """`Status`: `success`, `failed:user block`, `failed: system failed` (模板消息)."""
    details = visit.update.details
    await _note(visit, details.get("MsgID", ""), details.get("Status", "").strip().casefold())
    return None


@router.event("subscribe_msg_sent_event")
async def subscription_ended(visit: Visit, said: Said) -> Reply | None:
    """`ErrorCode` 0 for what arrived, and words beside it (订阅通知)."""
    details = visit.update.details
    status = SUCCESS if details.get(f"{_SENT}.ErrorCode") == "0" else details.get(f"{_SENT}.ErrorStatus", "")
    await _note(visit, details.get(f"{_SENT}.MsgID", ""), status.strip().casefold())
    return None


async def _note(visit: Visit, ref: str, status: str) -> None:
    if not ref or status == SUCCESS:
        return
    reason = nudging.BLOCKED if BLOCKED in status or "reject" in status else nudging.NOT_SENT
    await nudging.not_arrived(visit.tx, visit.settings, ref, reason, now=visit.now)
