"""`/healthz`, `/readyz` and `/metrics`: whether it lives, whether it works, and in figures."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import REGISTRY

_dump = partial(json.dumps, ensure_ascii=False)

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else the reason in a few words."""
Reasons = Callable[[], Sequence[tuple[str, str]]]
"""(cause, a sentence) of everything that is wrong."""


def add_health(app: web.Application, checks: Mapping[str, Check], reasons: Reasons) -> None:
    """Serves the three; `checks` and `reasons` are asked at every `/readyz`."""

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        found: dict[str, str] = {}
        for name, check in checks.items():
            try:
                reason = await check()
            except Exception as error:
                reason = type(error).__name__
            found[name] = reason or "ok"
        why = [{"cause": cause, "words": words} for cause, words in reasons()]
        well = not why and all(reason == "ok" for reason in found.values())
        answer = {"status": "ok" if well else "failing", "checks": found, "reasons": why}
        return web.json_response(answer, status=200 if well else 503, dumps=_dump)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
