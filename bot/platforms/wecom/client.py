"""Calls to WeCom's API: the token in the query, one renewal and one repeat, and what to make of a failure."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import aiohttp

from bot.clock import Clock
from bot.config import WeComConfig
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.log import get_logger
from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Answer, Http, Json, NoAnswer, NotSent, dump
from bot.platforms.meanings import HOLD, code_of
from bot.platforms.tokens import PAUSE, NoToken, Token, Tokens
from bot.platforms.wecom import codes

_MOST_ERROR_BYTES = 64 * 1024

log = get_logger("wecom")


class Client:
    """The app's calls. `api` names one below `/cgi-bin/`, e.g. "message/send"."""

    def __init__(
        self, settings: WeComConfig, clock: Clock, http: Http, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._http = http
        self._monotonic = monotonic
        self.tokens = Tokens(self._fetch_token, clock, monotonic)

    async def settle(self, api: str, body: bytes) -> Outcome:
        """Posts the bytes and says what became of them. Never raises for what the network or the platform does."""
        started = self._monotonic()
        try:
            answer = await self._request(api, {}, body=body)
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

    async def ask(
        self,
        api: str,
        params: Mapping[str, str] | None = None,
        *,
        payload: Json | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
    ) -> Json:
        """The answer's JSON when the platform did what was asked.

        Raises SendLater, SendRefused (its reason may be "login") and SendDoubtful.
        """
        body = dump(payload) if payload is not None else None
        return _json_of(await self._raising(api, params or {}, body=body, form=form), api)

    async def fetch(self, api: str, params: Mapping[str, str]) -> bytes:
        """A file's bytes. An error in JSON is never taken for the file. Raises as `ask`."""
        answer = await self._raising(api, params, file=True)
        if answer.status != 200 or _error_code(answer) is not None:
            raise _error(codes.outcome(answer, api=api))
        return answer.body

    async def _raising(
        self,
        api: str,
        params: Mapping[str, str],
        *,
        body: bytes | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        file: bool = False,
    ) -> Answer:
        try:
            return await self._request(api, params, body=body, form=form, file=file)
        except NotSent:
            found = codes.not_sent("")
        except NoAnswer:
            found = codes.no_answer("")
        except NoToken as failure:
            found = failure.outcome
        log.warning("wecom.ask", api=api, reason=found.reason, code=found.code)
        raise _error(found)

    async def _request(
        self,
        api: str,
        params: Mapping[str, str],
        *,
        body: bytes | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        file: bool = False,
    ) -> Answer:
        """The answer, of which only the token was judged. Raises NotSent, NoAnswer, NoToken."""
        path, token = f"cgi-bin/{api}", await self.tokens.get()
        answer = await self._http.call(path, {"access_token": token, **params}, body=body, form=form, file=file)
        if _error_code(answer) not in codes.TOKEN_CODES:
            return answer
        token = await self.tokens.renew(token)
        answer = await self._http.call(path, {"access_token": token, **params}, body=body, form=form, file=file)
        if _error_code(answer) in codes.TOKEN_CODES:
            refusal = codes.outcome(answer, api=api)
            self.tokens.pause(token, refusal)
            raise NoToken(refusal)
        return answer

    async def _fetch_token(self) -> Token:
        """Whatever goes wrong here, the call that needs the token was not made: it waits, and nothing is counted."""
        api, settings = codes.GET_TOKEN, self._settings
        params = {"corpid": settings.corp_id, "corpsecret": settings.secret.get_secret_value()}
        try:
            answer = await self._http.call(f"cgi-bin/{api}", params)
        except (NotSent, NoAnswer) as failure:
            log.warning("wecom.no_token", why=str(failure))
            raise NoToken(Outcome(Verdict.LATER, "network", counted=False)) from None
        found = codes.outcome(answer, api=api)
        payload = answer.json() or {}
        token, lifetime = payload.get("access_token"), payload.get("expires_in")
        if found.verdict is Verdict.ACCEPTED and isinstance(token, str) and token:
            if isinstance(lifetime, bool) or not isinstance(lifetime, int) or lifetime <= 0:
                return Token(token, None)
            return Token(token, timedelta(seconds=lifetime))
        log.error("wecom.no_token", code=found.code, reason=found.reason, http_status=answer.status)
        if found.verdict is Verdict.LATER:
            raise NoToken(replace(found, counted=False))
        if found.verdict is Verdict.REFUSED:
            raise NoToken(replace(found, verdict=Verdict.LATER, after=HOLD, counted=False, hold=True, alarm=True))
        if found.code is None:
            raise NoToken(replace(found, verdict=Verdict.LATER, reason="network", counted=False))
        raise NoToken(replace(found, verdict=Verdict.LATER, reason="token", after=PAUSE, counted=False, hold=True))


def _error_code(answer: Answer) -> int | None:
    """The code of an answer in JSON, unless it is 0; None for everything else, a file above all."""
    if len(answer.body) > _MOST_ERROR_BYTES or not answer.content_type.startswith(("application/json", "text/")):
        return None
    return code_of(answer.json()) or None


def _json_of(answer: Answer, api: str) -> Json:
    """The answer to a question; there, unlike for a message, no code at all is success too."""
    payload = answer.json()
    if payload is not None and answer.status == 200 and "errcode" not in payload:
        return payload
    found = codes.outcome(answer, api=api)
    if found.verdict is not Verdict.ACCEPTED:
        log.warning("wecom.ask", api=api, reason=found.reason, code=found.code, http_status=found.http_status)
        raise _error(found)
    return payload or {}


def _error(found: Outcome) -> SendLater | SendRefused | SendDoubtful:
    if found.verdict is Verdict.LATER:
        after = found.after or timedelta(seconds=5)
        return SendLater(found.reason, after=after, counted=found.counted, hold=found.hold)
    if found.verdict is Verdict.REFUSED:
        return SendRefused(found.reason, about_person=found.about_person)
    return SendDoubtful(found.reason)
