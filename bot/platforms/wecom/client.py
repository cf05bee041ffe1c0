"""Calls to WeCom's API, and what became of the messages among them."""

import time
from collections.abc import Callable
from dataclasses import replace

from bot.clock import Clock
from bot.config import WeComConfig
from bot.log import get_logger
from bot.platforms.base import Outcome
from bot.platforms.calls import Calls, Dialect
from bot.platforms.http import Answer, Http, NoAnswer, NotSent
from bot.platforms.tokens import NoToken
from bot.platforms.wecom import codes

log = get_logger("wecom")


class Client(Calls):
    """The app's calls. `api` names one below `/cgi-bin/`, e.g. "message/send"."""

    def __init__(
        self, settings: WeComConfig, clock: Clock, http: Http, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        async def ask_for_token() -> Answer:
            params = {"corpid": settings.corp_id, "corpsecret": settings.secret.get_secret_value()}
            return await http.call(f"cgi-bin/{codes.GET_TOKEN}", params)

        dialect = Dialect("wecom", codes.outcome, codes.TOKEN_CODES, codes.GET_TOKEN, ask_for_token)
        super().__init__(dialect, http, clock, monotonic)
        self._monotonic = monotonic

    async def settle(self, api: str, body: bytes) -> Outcome:
        """Posts the bytes and says what became of them. Never raises for what the network or the platform does."""
        started = self._monotonic()
        try:
            answer = await self.request(api, {}, body=body)
        except NotSent as failure:
            found = codes.not_sent(api)
            log.warning("wecom.not_sent", why=str(failure))
        except NoAnswer as failure:
            found = codes.no_answer(api)
            log.warning("wecom.no_answer", why=str(failure))
        except NoToken as failure:
            found = codes.final(failure.outcome) if api == codes.CARD_UPDATE else failure.outcome
        else:
            found = codes.outcome(answer, api=api)
        if self.tokens.contested:
            found = replace(found, alarm=True, reason=found.reason or "other_program")
        log.info(
            "wecom.call",
            api=api,
            verdict=found.verdict.value,
            code=found.code,
            left_out=len(found.refused),
            seconds=round(self._monotonic() - started, 3),
        )
        return found
