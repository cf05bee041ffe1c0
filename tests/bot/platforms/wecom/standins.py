"""What stands in for the far side where the vendor's twin is too well behaved."""

import json
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.config import WeComConfig
from bot.simulator.corp import Corp


class Ticker:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, by: timedelta) -> None:
        self.seconds += by.total_seconds()


class Stub:
    """A server that answers each call with the next of its prepared answers, the last one for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.token()

    def token(self, **answer: Any) -> None:
        self.answers["gettoken"] = [{"errcode": 0, "access_token": "stub-token", "expires_in": 7200, **answer}]

    def count(self, api: str) -> int:
        return sum(called == api for called, _, _ in self.calls)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        api = request.match_info["api"]
        self.calls.append((api, dict(request.query), await request.read()))
        waiting = self.answers[api]
        answer = waiting[0] if len(waiting) == 1 else waiting.pop(0)
        if callable(answer):
            answer = await answer(request)
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.json_response(answer, dumps=lambda value: json.dumps(value, ensure_ascii=False))


def settings(base: str, **changed: Any) -> WeComConfig:
    corp = Corp()
    values = {
        "corp_id": corp.corp_id,
        "agent_id": corp.agent_id,
        "secret": corp.secret,
        "token": corp.token,
        "encoding_aes_key": corp.encoding_aes_key,
        "api_base": base,
        "oauth_base": base,
    }
    return WeComConfig.model_validate({**values, **changed})
