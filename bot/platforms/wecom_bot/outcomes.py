"""What an ack means for what was sent (codes: page 90313)."""

from datetime import timedelta

from bot.errors import SendDoubtful, SendLater
from bot.platforms.base import Outcome, Verdict
from bot.platforms.wecom_bot.connection import UNWRITTEN_WAIT
from bot.platforms.wecom_bot.frames import Frame

REQ_ID_REFUSED = frozenset({846604, 846605, 846606, 846608})
"""The request id expired, is none, was answered, or its stream is too old: certainly not shown."""
NOT_ALLOWED = 846607
"""Nobody has written to the bot there yet; as an answer to somebody who has: too fast."""

_TOO_FAST, _TOO_PARALLEL, _BUSY, _NOT_SUBSCRIBED = 45009, 45033, frozenset({-1, 6000}), 846609
_CONFIGURATION = {853000: "bot_credentials", 846601: "bot_mode", 48001: "no_permission", 48002: "no_permission"}
_MEDIA_GONE = 40007
_NOT_IN_GROUP = frozenset({93001, 93006, 93008})
# Definite by the vendor's list: the call failed for good. Every other code is news to us, and a doubt.
_DEFINITE = frozenset(
    {40003, 40008, 40031, 40032, 40033, 40035, 40056, 40057, 40058, 40201, 41001, 41006, 41016, 41033, 42014}
    | {44001, 44004, 45001, 45002, 45008, 45034, 45035, 47001, 47003, 60021, 60111, 82001, 93000, 93004, 93017, 93050}
    | {*range(40004, 40007), *range(42015, 42021), *range(42027, 42052), *range(846600, 846626), 846697}
)
_A_MINUTE = timedelta(minutes=1)
_PROBE = timedelta(minutes=5)


def read(ack: Frame, *, to_person: bool) -> Outcome:
    """The outcome behind an ack. `to_person`: it was for one person, not for a group."""
    code, detail = ack.code, ack.hint
    if code == 0:
        return Outcome(Verdict.ACCEPTED, code=0)
    if code is None:
        return Outcome(Verdict.DOUBTFUL, "no_answer", detail=detail)
    if code == _TOO_FAST:
        return later("rate", _A_MINUTE, code=code, detail=detail)
    if code == _TOO_PARALLEL:
        return later("parallel", timedelta(seconds=2), code=code, detail=detail)
    if code == _NOT_SUBSCRIBED:
        return later("not_connected", UNWRITTEN_WAIT, code=code, detail=detail)
    if code in _BUSY:
        return Outcome(Verdict.LATER, "busy", code=code, detail=detail)
    if code in _CONFIGURATION:
        return configuration(_CONFIGURATION[code], code=code, detail=detail)
    if code == NOT_ALLOWED:
        return Outcome(Verdict.REFUSED, "bot_not_spoken_to", about_person=to_person, code=code, detail=detail)
    if code in _NOT_IN_GROUP:
        return Outcome(Verdict.REFUSED, "bot_not_in_group", code=code, detail=detail)
    if code == _MEDIA_GONE:
        return Outcome(Verdict.REFUSED, "media_gone", code=code, detail=detail)
    if code in _DEFINITE:
        return Outcome(Verdict.REFUSED, str(code), code=code, detail=detail)
    return Outcome(Verdict.DOUBTFUL, "unknown_code", code=code, detail=detail)


def later(reason: str, after: timedelta, *, code: int | None = None, detail: str = "") -> Outcome:
    """Certainly not sent, through nobody's fault: not counted."""
    return Outcome(Verdict.LATER, reason, after=after, counted=False, code=code, detail=detail)


def configuration(reason: str, *, code: int | None = None, detail: str = "") -> Outcome:
    """Nothing leaves until a person mends it; probed every five minutes."""
    return Outcome(Verdict.LATER, reason, after=_PROBE, counted=False, hold=True, alarm=True, code=code, detail=detail)


def of_error(error: SendLater | SendDoubtful) -> Outcome:
    """The outcome of a frame that got no ack."""
    if isinstance(error, SendDoubtful):
        return Outcome(Verdict.DOUBTFUL, error.reason)
    return later(error.reason, error.after)
