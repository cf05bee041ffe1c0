"""`/healthz`, `/readyz` and `/metrics`: whether it lives, whether it works, and in figures."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import REGISTRY

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else the reason in a few words."""


def add_health(app: web.Application, checks: Mapping[str, Check]) -> None:
    """Serves the three; `checks` are asked at every `/readyz`."""

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
        well = all(reason == "ok" for reason in found.values())
        return web.json_response({"status": "ok" if well else "failing", "checks": found}, status=200 if well else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
