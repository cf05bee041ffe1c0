"""What WeCom's answers mean for the one who sent.

Codes: https://developer.work.weixin.qq.com/document/path/90313. Decided by code alone, never by the words beside it,
which change. A code that is not in the table is doubt: neither sent nor refused.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Answer, Json

HOLD = timedelta(minutes=5)
"""How long the app waits before it looks whether the configuration has been mended."""
RATE_WINDOW = timedelta(minutes=1)
"""The shortest of WeCom's windows; a longer one answers the same again, and nothing is counted."""

GET_TOKEN = "gettoken"
CARD_UPDATE = "message/update_template_card"
TOKEN_CODES = frozenset({40001, 40014, 42001, 42007, 42009})
"""The token is refused: one renewal, one repeat. At `gettoken` 40001 says that the secret is wrong."""
LOGIN_CODES = frozenset({40029, 42022})
"""A login code that is wrong, used or too old."""


class Kind(Enum):
    """What the sender does next."""

    BUSY = auto()
    RATE = auto()
    PARALLEL = auto()
    TOKEN = auto()
    CONFIG = auto()
    PERSON = auto()
    REFUSED = auto()
    OURS = auto()
    """Refused, and it is our own mistake: an administrator is told."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code's row. `reason` is a key under `reason.` in the catalogues."""

    kind: Kind
    reason: str


def _rows(kind: Kind, reason: str, *codes: int) -> dict[int, Meaning]:
    return dict.fromkeys(codes, Meaning(kind, reason))


MEANINGS: Mapping[int, Meaning] = {
    **_rows(Kind.BUSY, "busy", -1, 6000),
    **_rows(Kind.RATE, "rate", 45009, 45011),
    **_rows(Kind.PARALLEL, "parallel", 45033),
    **_rows(Kind.TOKEN, "token", *TOKEN_CODES),
    **_rows(Kind.CONFIG, "secret", 40125),
    **_rows(Kind.CONFIG, "corp_or_agent", 40013, 40056, 301002),
    **_rows(Kind.CONFIG, "address_not_trusted", 60020, 40164, 89503),
    **_rows(Kind.CONFIG, "app_disabled", 50003),
    **_rows(Kind.CONFIG, "no_permission", 48001, 48002, 48006, 48009, 60011),
    **_rows(Kind.CONFIG, "no_callback", 43012),
    **_rows(Kind.CONFIG, "domain", 50001),
    **_rows(Kind.CONFIG, "config", 48010, 701099),
    **_rows(Kind.PERSON, "unknown_user", 40003, 40031, 60111),
    **_rows(Kind.PERSON, "not_in_range", 60021, 81013),
    **_rows(Kind.PERSON, "unfollowed", 43004, 43019),
    **_rows(Kind.PERSON, "declined", 43101),
    **_rows(Kind.REFUSED, "spam", 40201),
    **_rows(Kind.REFUSED, "media_gone", 40007),
    **_rows(Kind.REFUSED, "media", *range(40004, 40007), 40009, 41006, 44001, 45001),
    **_rows(Kind.REFUSED, "login", *LOGIN_CODES),
    **_rows(Kind.REFUSED, "card", 42014, 42015, 42016, *range(42017, 42021), *range(42027, 42052)),
    **_rows(Kind.REFUSED, "card_used", 60140),
    **_rows(Kind.REFUSED, "too_late", 42052),
    **_rows(Kind.REFUSED, "content", 40008, 40057, 41001, 41011, 41016, 41033, 45008, 45034, 45035, 82002, 82003),
    **_rows(Kind.REFUSED, "chat", 40050, *range(86001, 86009), 86215, 86216, 49008),
    **_rows(Kind.REFUSED, "chat", 93000, 93001, 93004, 93008, 93017, 93018, 93019, 93050),
    **_rows(Kind.OURS, "content", 40032, 40033, 40035, 40058, 44004, 45002, 47001, 47003, 82001),
}

_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}")


def code_of(payload: Json | None) -> int | None:
    """The answer's code; None when it has none that can be read."""
    code = payload.get("errcode") if payload is not None else None
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,9}", code):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def outcome(answer: Answer, *, api: str, jitter: Callable[[], float] = random.random) -> Outcome:
    """What became of the request to `api`, for all its recipients and for those that it names as left out.

    `jitter` gives numbers from 0 to 1. A card's update is never tried again, so what failed there is refused.
    """
    found = _read(answer, api, jitter)
    return final(found) if api == CARD_UPDATE else found


def not_sent(api: str) -> Outcome:
    """No byte had left."""
    found = Outcome(Verdict.LATER, "network", counted=False)
    return final(found) if api == CARD_UPDATE else found


def no_answer(api: str, http_status: int | None = None) -> Outcome:
    """Bytes left, and nothing that can be understood came back."""
    found = Outcome(Verdict.DOUBTFUL, "no_answer", http_status=http_status)
    return final(found) if api == CARD_UPDATE else found


def final(found: Outcome) -> Outcome:
    """The same without a second try."""
    if found.verdict in (Verdict.ACCEPTED, Verdict.REFUSED):
        return found
    return replace(found, verdict=Verdict.REFUSED, after=None, hold=False)


def _read(answer: Answer, api: str, jitter: Callable[[], float]) -> Outcome:
    payload = answer.json()
    code = code_of(payload)
    if payload is None or code is None or answer.status != 200:
        return no_answer("", answer.status)
    if code == 0:
        return Outcome(
            Verdict.ACCEPTED,
            refused=_left_out(payload),
            http_status=answer.status,
            code=0,
            ref=str(payload.get("msgid") or ""),
        )
    detail = str(payload.get("errmsg") or "")
    meaning = MEANINGS.get(code)
    if code == 40001 and api == GET_TOKEN:
        meaning = Meaning(Kind.CONFIG, "secret")
    if meaning is None:
        return Outcome(Verdict.DOUBTFUL, "unknown_code", detail=detail, http_status=answer.status, code=code)
    found = _outcome_of(meaning, jitter)
    if meaning.reason == "address_not_trusted" and (address := _ADDRESS.search(detail)):
        detail = address[0]
    return replace(found, detail=detail, http_status=answer.status, code=code)


def _outcome_of(meaning: Meaning, jitter: Callable[[], float]) -> Outcome:
    reason = meaning.reason
    match meaning.kind:
        case Kind.BUSY:
            return Outcome(Verdict.LATER, reason)
        case Kind.RATE:
            return Outcome(Verdict.LATER, reason, after=RATE_WINDOW, counted=False, hold=True, alarm=True)
        case Kind.PARALLEL:
            return Outcome(Verdict.LATER, reason, after=timedelta(seconds=1 + 2 * jitter()), counted=False)
        case Kind.TOKEN:
            return Outcome(Verdict.LATER, reason, after=timedelta(minutes=1), counted=False, hold=True, alarm=True)
        case Kind.CONFIG:
            return Outcome(Verdict.LATER, reason, after=HOLD, counted=False, hold=True, alarm=True)
        case Kind.PERSON:
            return Outcome(Verdict.REFUSED, reason, about_person=True)
        case Kind.REFUSED:
            return Outcome(Verdict.REFUSED, reason)
        case Kind.OURS:
            return Outcome(Verdict.REFUSED, reason, alarm=True)


def _left_out(payload: Json) -> dict[str, str]:
    """Recipients of an accepted request who got nothing, case-folded, with the reason."""
    found = dict.fromkeys(_names(payload.get("invaliduser")), "not_in_range")
    found.update(dict.fromkeys(_names(payload.get("unlicenseduser")), "no_licence"))
    return found


def _names(value: object) -> list[str]:
    """Joined by `|` in one call, a list in another."""
    names = value.split("|") if isinstance(value, str) else value if isinstance(value, list) else []
    return [name.strip().casefold() for name in names if isinstance(name, str) and name.strip()]
