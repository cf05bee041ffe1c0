"""Calls with an access token: one renewal and one repeat when it is refused, and what to make of a failure."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import aiohttp

from bot.clock import Clock
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.log import get_logger
from bot.platforms.base import Outcome, Verdict
from bot.platforms.http import Answer, Http, Json, NoAnswer, NotSent, TooLong, dump
from bot.platforms.meanings import HOLD, NO_ANSWER, NOT_SENT, code_of
from bot.platforms.tokens import PAUSE, NoToken, Shelf, Token, Tokens

_MOST_ERROR_BYTES = 64 * 1024

log = get_logger("platforms")


class Read(Protocol):
    """What an answer to `api` comes to, by the platform's own table."""

    def __call__(self, answer: Answer, *, api: str) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between platforms: its name, its codes, how a token is asked for."""

    name: str
    read: Read
    token_codes: Collection[int]
    token_api: str
    ask_for_token: Callable[[], Awaitable[Answer]]


class Calls:
    """The calls of one app. `api` names one below `/cgi-bin/`, e.g. "message/send"."""

    def __init__(
        self,
        dialect: Dialect,
        http: Http,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        shelf: Shelf | None = None,
    ) -> None:
        self._dialect = dialect
        self._http = http
        self._monotonic = monotonic
        self.tokens = Tokens(self._fetch_token, clock, monotonic, shelf)

    async def settle(self, api: str, body: bytes) -> Outcome:
        """Posts the bytes and says what became of them. Never raises for what the network or the platform does."""
        name, started = self._dialect.name, self._monotonic()
        try:
            answer = await self.request(api, {}, body=body)
        except NotSent as failure:
            found = NOT_SENT
            log.warning(f"{name}.not_sent", why=str(failure))
        except NoAnswer as failure:
            found = NO_ANSWER
            log.warning(f"{name}.no_answer", why=str(failure))
        except NoToken as failure:
            found = failure.outcome
        else:
            found = self._dialect.read(answer, api=api)
        if self.tokens.contested:
            found = replace(found, alarm=True, reason=found.reason or "other_program")
        log.info(
            f"{name}.call",
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
        return self.json_of(await self._raising(api, params or {}, body=body, form=form), api)

    async def fetch(self, api: str, params: Mapping[str, str], most: int) -> Answer:
        """A file of so many bytes at most. An error in JSON is never taken for the file. Raises as `ask`.

        SendRefused's reason is "media_size" for a file of more bytes.
        """
        answer = await self._raising(api, params, most=most)
        if answer.status != 200 or _error_code(answer) is not None:
            raise as_error(self._dialect.read(answer, api=api))
        return answer

    async def request(
        self,
        api: str,
        params: Mapping[str, str],
        *,
        body: bytes | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        most: int | None = None,
    ) -> Answer:
        """The answer, of which only the token was judged. Raises NotSent, NoAnswer, NoToken, and TooLong for a file."""
        path, token = f"cgi-bin/{api}", await self.tokens.get()
        answer = await self._http.call(path, {"access_token": token, **params}, body=body, form=form, most=most)
        if _error_code(answer) not in self._dialect.token_codes:
            return answer
        token = await self.tokens.renew(token)
        answer = await self._http.call(path, {"access_token": token, **params}, body=body, form=form, most=most)
        if _error_code(answer) in self._dialect.token_codes:
            refusal = self._dialect.read(answer, api=api)
            self.tokens.pause(token, refusal)
            raise NoToken(refusal)
        return answer

    def json_of(self, answer: Answer, api: str) -> Json:
        """The answer to a question; there, unlike for a message, no code at all is success too. Raises as `ask`."""
        payload = answer.json()
        if payload is not None and answer.status == 200 and "errcode" not in payload:
            return payload
        found = self._dialect.read(answer, api=api)
        if found.verdict is not Verdict.ACCEPTED:
            log.warning(
                f"{self._dialect.name}.refused",
                api=api,
                reason=found.reason,
                code=found.code,
                http_status=found.http_status,
            )
            raise as_error(found)
        return payload or {}

    async def _raising(
        self,
        api: str,
        params: Mapping[str, str],
        *,
        body: bytes | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        most: int | None = None,
    ) -> Answer:
        try:
            return await self.request(api, params, body=body, form=form, most=most)
        except TooLong:
            raise SendRefused("media_size") from None
        except NotSent:
            found = NOT_SENT
        except NoAnswer:
            found = NO_ANSWER
        except NoToken as failure:
            found = failure.outcome
        log.warning(f"{self._dialect.name}.failed", api=api, reason=found.reason, code=found.code)
        raise as_error(found)

    async def _fetch_token(self) -> Token:
        """Whatever goes wrong here, the call that needs the token was not made: it waits, and nothing is counted."""
        dialect = self._dialect
        try:
            answer = await dialect.ask_for_token()
        except (NotSent, NoAnswer) as failure:
            log.warning(f"{dialect.name}.no_token", why=str(failure))
            raise NoToken(NOT_SENT) from None
        payload = answer.json() or {}
        token, lifetime = payload.get("access_token"), payload.get("expires_in")
        found = dialect.read(answer, api=dialect.token_api)
        good = found.verdict is Verdict.ACCEPTED or (answer.status == 200 and "errcode" not in payload)
        if good and isinstance(token, str) and token:
            if isinstance(lifetime, bool) or not isinstance(lifetime, int) or lifetime <= 0:
                return Token(token, None)
            return Token(token, timedelta(seconds=lifetime))
        log.error(
            f"{dialect.name}.no_token",
            code=found.code,
            reason=found.reason,
            http_status=answer.status,
        )
        if found.verdict is Verdict.LATER:
            raise NoToken(replace(found, counted=False))
        if found.verdict is Verdict.REFUSED:
            raise NoToken(replace(found, verdict=Verdict.LATER, after=HOLD, counted=False, hold=True, alarm=True))
        if found.code is None:
            raise NoToken(replace(found, verdict=Verdict.LATER, reason="network", counted=False))
        raise NoToken(replace(found, verdict=Verdict.LATER, reason="token", after=PAUSE, counted=False, hold=True))


def as_error(found: Outcome) -> SendLater | SendRefused | SendDoubtful:
    """The same as an exception, for whoever asks a question."""
    if found.verdict is Verdict.LATER:
        after = found.after or timedelta(seconds=5)
        return SendLater(found.reason, after=after, counted=found.counted, hold=found.hold)
    if found.verdict is Verdict.REFUSED:
        return SendRefused(found.reason, about_person=found.about_person)
    return SendDoubtful(found.reason)


def _error_code(answer: Answer) -> int | None:
    """The code of an answer in JSON, unless it is 0; None for everything else, a file above all."""
    if len(answer.body) > _MOST_ERROR_BYTES or not answer.content_type.startswith(("application/json", "text/")):
        return None
    return code_of(answer.json()) or None
