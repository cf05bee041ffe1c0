"""The door of every HTTP call: recording, faults, limits, the token, and the shape of the answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator.faults import Fault
from bot.simulator.record import Recorded
from bot.simulator.refusal import Refusal, words
from bot.simulator.shown import Json
from bot.simulator.tokens import Tokens

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

LARGEST_BODY = 32 * 1024 * 1024

SECRET_PARAMETERS = frozenset({"access_token", "corpsecret", "secret"})
"""Never recorded."""
PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted request."""

    request: web.Request
    query: Mapping[str, str]
    recorded: Recorded

    @property
    def body(self) -> bytes:
        """The exact bytes."""
        return self.recorded.body

    def json(self) -> Json:
        """The body as a JSON object. Raises Refusal 40035."""
        try:
            body = json.loads(self.recorded.body)
        except ValueError as error:
            raise Refusal(40035, "body is no JSON") from error
        if not isinstance(body, dict):
            raise Refusal(40035, "body is no JSON object")
        return body


Act = Callable[[Call], Awaitable[Json | web.Response]]
"""Does what was asked: a JSON object without `errcode` for success, or a ready response. Raises Refusal."""


class Gate:
    """Makes aiohttp handlers of plain acts."""

    def __init__(
        self, twin: Twin, tokens: Tokens | None = None, granted: Callable[[str], bool] = lambda _: True
    ) -> None:
        """`tokens` are those that open this door, the app's unless given; `granted`: which calls are allowed."""
        self.twin = twin
        self._tokens = tokens or twin.tokens
        self._granted = granted
        self._running: Counter[str] = Counter()

    def open(self, api: str, act: Act, *, token: bool = True) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler of one API; `token`: whether an access token is asked for."""

        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.clone(client_max_size=LARGEST_BODY).read()
            query = {
                name: value
                for name, value in request.query.items()
                if name not in ("access_token", "corpsecret", "secret")
            }
            recorded = Recorded(api, body, self.twin.clock.now(), query)
            self.twin.requests.append(recorded)
            self._log_request(recorded, request)
            call = Call(request, request.query, recorded)
            self._running[api] += 1
            try:
                return await self._answer(call, act, token)
            finally:
                self._running[api] -= 1

        return handle

    async def _answer(self, call: Call, act: Act, token: bool) -> web.StreamResponse:
        recorded = call.recorded
        fault = self.twin.faults.take(recorded.api)
        if fault is not None and fault.refuse:
            return self._cut(call)
        answer: Json | web.Response
        if fault is None or fault.acts:
            try:
                answer = await self._act(call, act, token)
            except Refusal as refusal:
                answer = {"errcode": refusal.code, "errmsg": f"{refusal.message}, hint: [simulated]"}
        else:
            answer = {"errcode": 0, "errmsg": "ok"}
        delay = self.twin.latency if fault is None else self.twin.latency + fault.delay
        if delay:
            await self.twin.changes.pause(delay)
        if fault is not None and fault.lose_answer:
            return self._cut(call)
        if fault is not None and (spoilt := _spoilt(fault, answer)) is not None:
            answer = spoilt
        if isinstance(answer, web.Response):
            self._log_answer(recorded)
            return answer
        recorded.errcode = answer["errcode"]
        self._log_answer(recorded)
        return _json(answer)

    async def _act(self, call: Call, act: Act, token: bool) -> Json | web.Response:
        now, api = self.twin.clock.now(), call.recorded.api
        if token:
            self._tokens.check(call.query.get("access_token", ""), now)
        if not self._granted(api):
            raise Refusal(48001)
        limits = self.twin.limits
        if limits.concurrent is not None and self._running[api] > limits.concurrent:
            raise Refusal(45033)
        limits.admit(api, now)
        answer = await act(call)
        return answer if isinstance(answer, web.Response) else {"errcode": 0, "errmsg": "ok", **answer}

    def _cut(self, call: Call) -> web.Response:
        """Ends the connection; the response that is returned can no longer be written."""
        self._log_answer(call.recorded, lost=True)
        if call.request.transport is not None:
            call.request.transport.abort()
        return web.Response()

    def _log_request(self, recorded: Recorded, request: web.Request) -> None:
        binary = request.content_type.startswith("multipart/")
        body = f"{len(recorded.body)} bytes" if binary else recorded.body.decode(errors="replace")
        self.twin.log.write("request", recorded.at, api=recorded.api, query=recorded.query, body=body)

    def _log_answer(self, recorded: Recorded, *, lost: bool = False) -> None:
        now = self.twin.clock.now()
        self.twin.log.write("answer", now, api=recorded.api, errcode=recorded.errcode, lost=lost)


def _spoilt(fault: Fault, answer: Json | web.Response) -> Json | web.Response | None:
    """What is answered instead; None when the fault leaves the answer alone."""
    if fault.html:
        return web.Response(text=PROXY_PAGE, content_type="text/html", status=fault.http_status or 502)
    if fault.http_status is not None:
        return web.Response(status=fault.http_status)
    if fault.garbage:
        whole = json.dumps(answer, ensure_ascii=False) if isinstance(answer, dict) else '{"errcode":0}'
        return web.Response(text=whole[: len(whole) // 2], content_type="application/json")
    if fault.errcode is not None:
        return {"errcode": fault.errcode, "errmsg": fault.errmsg or words(fault.errcode)}
    return None


def _json(answer: Json) -> web.Response:
    return web.json_response(answer, dumps=lambda value: json.dumps(value, ensure_ascii=False))
