"""Response codes: the right to change a card once, within three days."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.refusal import Refusal
from bot.simulator.shown import Sent

LIFETIME = timedelta(hours=72)


@dataclass(slots=True)
class ResponseCode:
    """What a code may change: the cards of one request. `key` is the pressed button, "" for the sending's own code.

    `sent` None: somebody else's click, and nobody sees the card here.
    """

    sent: Sent | None
    at: datetime
    key: str = ""
    used: bool = False


class ResponseCodes:
    """All codes ever given. One that begins with `foreign` is good, too, once: somebody else makes clicks."""

    def __init__(self) -> None:
        self._codes: dict[str, ResponseCode] = {}
        self.foreign = ""

    def issue(self, sent: Sent, now: datetime, key: str = "") -> str:
        """A fresh code for the cards of this request."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = ResponseCode(sent, now, key)
        return code

    def find(self, code: str, now: datetime) -> ResponseCode:
        """Looks a code up without using it. Raises Refusal 60140 when unknown, used or older than 72 h."""
        found = self._codes.get(code)
        if found is None and self.foreign and code.startswith(self.foreign):
            found = self._codes[code] = ResponseCode(None, now)
        if found is None or found.used or now - found.at > LIFETIME:
            raise Refusal(60140)
        return found
