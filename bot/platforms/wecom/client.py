"""Calls to WeCom's API, and what became of the messages among them."""

import time
from collections.abc import Callable

from bot.clock import Clock
from bot.config import WeComConfig
from bot.platforms.base import Outcome
from bot.platforms.calls import Calls, Dialect
from bot.platforms.http import Answer, Http
from bot.platforms.tokens import Shelf
from bot.platforms.wecom import codes


class Client(Calls):
    """The app's calls. `api` names one below `/cgi-bin/`, e.g. "message/send"."""

    def __init__(
        self,
        settings: WeComConfig,
        clock: Clock,
        http: Http,
        monotonic: Callable[[], float] = time.monotonic,
        shelf: Shelf | None = None,
    ) -> None:
        async def ask_for_token() -> Answer:
            params = {"corpid": settings.corp_id, "corpsecret": settings.secret.get_secret_value()}
            return await http.call(f"cgi-bin/{codes.GET_TOKEN}", params)

        dialect = Dialect("wecom", codes.outcome, codes.TOKEN_CODES, codes.GET_TOKEN, ask_for_token)
        super().__init__(dialect, http, clock, monotonic, shelf)

    async def settle(self, api: str, body: bytes) -> Outcome:
        """See Calls. A card's update is never tried again."""
        found = await super().settle(api, body)
        return codes.final(found) if api == codes.CARD_UPDATE else found
