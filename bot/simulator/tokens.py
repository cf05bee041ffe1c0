"""Access tokens of the app and of the official account: given, expired, voided early."""

import secrets
from datetime import datetime, timedelta

from bot.simulator.refusal import Refusal


class Tokens:
    """One token at a time for the secret of `owner`: the corp id, or the app id.

    `lifetime` and `always_new` may be changed by a test.
    """

    def __init__(self, owner: str, secret: str) -> None:
        self._owner = owner
        self._secret = secret
        self.lifetime = timedelta(seconds=7200)
        self.always_new = False
        """Whether each request for a token gives another one, the earlier staying good until its end."""
        self.issued = 0
        self._ends: dict[str, datetime] = {}
        self._current = ""

    def issue(self, owner: str, secret: str, now: datetime) -> tuple[str, timedelta]:
        """The token and how long it will live. Raises Refusal 40013, 40001."""
        if owner != self._owner:
            raise Refusal(40013)
        if secret != self._secret:
            raise Refusal(40001)
        end = self._ends.get(self._current)
        if end is None or end <= now or self.always_new:
            self._current = secrets.token_urlsafe(48)
            end = self._ends[self._current] = now + self.lifetime
        self.issued += 1
        return self._current, end - now

    def check(self, token: str, now: datetime) -> None:
        """Raises Refusal 41001 without a token, 40014 for an unknown or voided one, 42001 for an expired one."""
        if not token:
            raise Refusal(41001)
        end = self._ends.get(token)
        if end is None:
            raise Refusal(40014)
        if end <= now:
            raise Refusal(42001)

    def void(self) -> None:
        """The platform voids every token before its time."""
        self._ends.clear()
        self._current = ""
