"""Calls to the official account's API, and what the account turned out not to be allowed.

Tokens: 获取稳定版接口调用凭据. In its normal mode the call gives every process the same token while it is good.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.config import OfficialAccountConfig
from bot.platforms.base import Outcome, Verdict
from bot.platforms.calls import Calls, Dialect
from bot.platforms.http import Answer, Http, dump
from bot.platforms.official_account import codes
from bot.platforms.tokens import Shelf

LOOK_AGAIN = timedelta(days=1)
"""An account may have been verified since: so long after a refusal the platform is asked once more."""


class Client(Calls):
    """The account's calls. `api` names one below `/cgi-bin/`, e.g. "message/custom/send"."""

    def __init__(
        self,
        settings: OfficialAccountConfig,
        clock: Clock,
        http: Http,
        monotonic: Callable[[], float] = time.monotonic,
        shelf: Shelf | None = None,
    ) -> None:
        async def ask_for_token() -> Answer:
            body = {
                "grant_type": "client_credential",
                "appid": settings.app_id,
                "secret": settings.secret.get_secret_value(),
                "force_refresh": False,
            }
            return await http.call(f"cgi-bin/{codes.TOKEN_API}", {}, body=dump(body))

        dialect = Dialect("official_account", codes.outcome, codes.TOKEN_CODES, codes.TOKEN_API, ask_for_token)
        super().__init__(dialect, http, clock, monotonic, shelf)
        self._clock = clock
        self._refused_at: dict[str, datetime] = {}

    def may(self, api: str) -> bool:
        """Whether the account is allowed the call, as far as it has been seen."""
        refused_at = self._refused_at.get(api)
        return refused_at is None or self._clock.now() - refused_at >= LOOK_AGAIN

    async def settle(self, api: str, body: bytes) -> Outcome:
        """See Calls. What the account is not allowed is not asked again for a day."""
        if not self.may(api):
            return Outcome(Verdict.REFUSED, "not_granted", code=codes.NOT_GRANTED)
        found = await super().settle(api, body)
        if found.code == codes.NOT_GRANTED:
            self._refused_at[api] = self._clock.now()
        elif found.code == 0:
            self._refused_at.pop(api, None)
        return found
