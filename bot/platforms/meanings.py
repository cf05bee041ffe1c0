"""What a platform's error code means for the one who sent; each adapter has its own table of such meanings."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Json

HOLD = timedelta(minutes=5)
"""How long a platform waits before it looks whether the configuration has been mended."""
RATE_WINDOW = timedelta(minutes=1)
"""The shortest of the platforms' windows; a longer one answers the same again, and nothing is counted."""

NOT_SENT = Outcome(Verdict.LATER, "network", counted=False)
"""No byte had left."""
NO_ANSWER = Outcome(Verdict.DOUBTFUL, "no_answer")
"""Bytes left, and nothing that can be understood came back."""

_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}")


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


def rows(kind: Kind, reason: str, *codes: int) -> dict[int, Meaning]:
    """The rows of codes that mean the same."""
    return dict.fromkeys(codes, Meaning(kind, reason))


def code_of(payload: Json | None) -> int | None:
    """The answer's code; None when it has none that can be read."""
    code = payload.get("errcode") if payload is not None else None
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,9}", code):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def refusal(
    meaning: Meaning | None, *, code: int, words: str, http_status: int, jitter: Callable[[], float] = random.random
) -> Outcome:
    """What an answer with a code other than 0 comes to; no meaning is doubt. `words` are the platform's own.

    `jitter` gives numbers from 0 to 1.
    """
    if meaning is None:
        return Outcome(Verdict.DOUBTFUL, "unknown_code", detail=words, http_status=http_status, code=code)
    if meaning.reason in ("address_not_trusted", "address_not_listed") and (address := _ADDRESS.search(words)):
        words = address[0]
    return replace(_outcome_of(meaning, jitter), detail=words, http_status=http_status, code=code)


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
