"""What WeCom's answers mean for the one who sent.

Codes: https://developer.work.weixin.qq.com/document/path/90313. Decided by code alone, never by the words beside it,
which change. A code that is not in the table is doubt: neither sent nor refused.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Answer, Json
from bot.platforms.meanings import NO_ANSWER, Kind, Meaning, code_of, refusal, rows

GET_TOKEN = "gettoken"
CARD_UPDATE = "message/update_template_card"
TOKEN_CODES = frozenset({40001, 40014, 42001, 42007, 42009})
"""The token is refused: one renewal, one repeat. At `gettoken` 40001 says that the secret is wrong."""
LOGIN_CODES = frozenset({40029, 42022})
"""A login code that is wrong, used or too old."""


MEANINGS: Mapping[int, Meaning] = {
    **rows(Kind.BUSY, "busy", -1, 6000),
    **rows(Kind.RATE, "rate", 45009, 45011),
    **rows(Kind.PARALLEL, "parallel", 45033),
    **rows(Kind.TOKEN, "token", *TOKEN_CODES),
    **rows(Kind.CONFIG, "secret", 40125),
    **rows(Kind.CONFIG, "corp_or_agent", 40013, 40056, 301002),
    **rows(Kind.CONFIG, "address_not_trusted", 60020, 40164, 89503),
    **rows(Kind.CONFIG, "app_disabled", 50003),
    **rows(Kind.CONFIG, "no_permission", 48001, 48002, 48006, 48009, 60011),
    **rows(Kind.CONFIG, "no_callback", 43012),
    **rows(Kind.CONFIG, "domain", 50001),
    **rows(Kind.CONFIG, "config", 48010, 701099),
    **rows(Kind.PERSON, "unknown_user", 40003, 40031, 60111),
    **rows(Kind.PERSON, "not_in_range", 60021, 81013),
    **rows(Kind.PERSON, "unfollowed", 43004, 43019),
    **rows(Kind.PERSON, "declined", 43101),
    **rows(Kind.REFUSED, "spam", 40201),
    **rows(Kind.REFUSED, "media_gone", 40007),
    **rows(Kind.REFUSED, "media", *range(40004, 40007), 40009, 41006, 44001, 45001),
    **rows(Kind.REFUSED, "login", *LOGIN_CODES),
    **rows(Kind.REFUSED, "card", 42014, 42015, 42016, *range(42017, 42021), *range(42027, 42052)),
    **rows(Kind.REFUSED, "card_used", 60140),
    **rows(Kind.REFUSED, "too_late", 42052),
    **rows(Kind.REFUSED, "content", 40008, 40057, 41001, 41011, 41016, 41033, 45008, 45034, 45035, 82002, 82003),
    **rows(Kind.REFUSED, "chat", 40050, *range(86001, 86009), 86215, 86216, 49008),
    **rows(Kind.REFUSED, "chat", 93000, 93001, 93004, 93008, 93017, 93018, 93019, 93050),
    **rows(Kind.OURS, "content", 40032, 40033, 40035, 40058, 44004, 45002, 47001, 47003, 82001),
}


def outcome(answer: Answer, *, api: str, jitter: Callable[[], float] = random.random) -> Outcome:
    """What became of the request to `api`, for all its recipients and for those that it names as left out.

    `jitter` gives numbers from 0 to 1. A card's update is never tried again, so what failed there is refused.
    """
    found = _read(answer, api, jitter)
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
        return replace(NO_ANSWER, http_status=answer.status)
    if code == 0:
        return Outcome(
            Verdict.ACCEPTED,
            refused=_left_out(payload),
            http_status=answer.status,
            code=0,
            ref=str(payload.get("msgid") or ""),
        )
    meaning = MEANINGS.get(code)
    if code == 40001 and api == GET_TOKEN:
        meaning = Meaning(Kind.CONFIG, "secret")
    words = str(payload.get("errmsg") or "")
    return refusal(meaning, code=code, words=words, http_status=answer.status, jitter=jitter)


def _left_out(payload: Json) -> dict[str, str]:
    """Recipients of an accepted request who got nothing, case-folded, with the reason."""
    found = dict.fromkeys(_names(payload.get("invaliduser")), "not_in_range")
    found.update(dict.fromkeys(_names(payload.get("unlicenseduser")), "no_licence"))
    return found


def _names(value: object) -> list[str]:
    """Joined by `|` in one call, a list in another."""
    names = value.split("|") if isinstance(value, str) else value if isinstance(value, list) else []
    return [name.strip().casefold() for name in names if isinstance(name, str) and name.strip()]
