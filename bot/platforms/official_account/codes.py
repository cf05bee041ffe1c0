"""What the official account's answers mean for the one who sent.

Codes: 全局返回码 on developers.weixin.qq.com. Decided by code alone, never by the words beside it. A code that is not
in the table is doubt: neither sent nor refused.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Answer
from bot.platforms.meanings import NO_ANSWER, Kind, Meaning, code_of, refusal, rows

TOKEN_API = "stable_token"
TOKEN_CODES = frozenset({40001, 40014, 42001})
"""The token is refused: one renewal, one repeat. At `stable_token` 40001 says that the secret is wrong."""
NOT_GRANTED = 48001
NO_MENU = 46003
NO_SUCH_PERSON = 40003

MEANINGS: Mapping[int, Meaning] = {
    **rows(Kind.BUSY, "busy", -1),
    **rows(Kind.RATE, "rate", 45009, 45011),
    **rows(Kind.TOKEN, "token", *TOKEN_CODES, 41001),
    **rows(Kind.CONFIG, "secret", 40125),
    **rows(Kind.CONFIG, "app_id", 40013),
    **rows(Kind.CONFIG, "address_not_listed", 40164, 61004),
    **rows(Kind.PERSON, "unknown_resident", NO_SUCH_PERSON),
    **rows(Kind.PERSON, "unfollowed", 43004, 43019),
    **rows(Kind.PERSON, "declined", 43101),
    **rows(Kind.REFUSED, "window_closed", 45015),
    **rows(Kind.REFUSED, "window_used", 45047),
    **rows(Kind.REFUSED, "not_granted", NOT_GRANTED),
    **rows(Kind.REFUSED, "login", 40029, 40163),
    **rows(Kind.REFUSED, "media", 40004, 40005, 40006, 40007, 44001, 45001),
    **rows(Kind.REFUSED, "menu", *range(40015, 40028), NO_MENU),
    **rows(Kind.OURS, "template", 40037, 47003),
    **rows(Kind.OURS, "content", 40008, 40033, 40035, 44002, 44004, 45002, 45008, 47001),
}


def outcome(answer: Answer, *, api: str, jitter: Callable[[], float] = random.random) -> Outcome:
    """What became of the request to `api`. `jitter` gives numbers from 0 to 1."""
    payload = answer.json()
    code = code_of(payload)
    if payload is None or code is None or answer.status != 200:
        return replace(NO_ANSWER, http_status=answer.status)
    if code == 0:
        return Outcome(Verdict.ACCEPTED, http_status=answer.status, code=0, ref=str(payload.get("msgid") or ""))
    meaning = Meaning(Kind.CONFIG, "secret") if code == 40001 and api == TOKEN_API else MEANINGS.get(code)
    words = str(payload.get("errmsg") or "")
    return refusal(meaning, code=code, words=words, http_status=answer.status, jitter=jitter)
