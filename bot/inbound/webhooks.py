"""The HTTP side of platforms that call us: verified, stored, and only then answered."""

import time
from collections.abc import Callable

from aiohttp import web

from bot.errors import ForgedRequest
from bot.inbound.writer import Writer
from bot.log import get_logger
from bot.metrics import CALLBACK_SECONDS, CALLBACKS
from bot.platforms.base import Alarm, WebhookPlatform

log = get_logger("inbound.webhooks")

INLINE_BYTES = 2048
"""The longest text that a passive reply carries."""


def add_webhook(
    app: web.Application,
    path: str,
    platform: WebhookPlatform,
    writer: Writer,
    alarm: Alarm,
    heard: Callable[[str], None],
) -> None:
    """Serves a platform's callbacks at `path`. `alarm` is raised when somebody else's callbacks come here.

    `heard` is told the platform of each that is genuine.
    """

    stored = CALLBACKS.labels(platform.name, "stored")

    async def receive(request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        try:
            update = await platform.receive(request)
        except ForgedRequest as error:
            CALLBACKS.labels(platform.name, "forged").inc()
            log.warning("callback.refused", platform=platform.name, why=error.why)
            if error.why == "owner":
                await alarm("foreign_callback", platform=platform.name)
            return web.Response(status=403)
        if isinstance(update, web.Response):
            return update
        heard(platform.name)
        try:
            reply = await writer.submit_in_time(update, inline_bytes=INLINE_BYTES, speaks_later=platform.speaks_later)
        except Exception as error:
            # It is not stored yet: without any answer the platform sends it again, with an error it might not.
            CALLBACKS.labels(platform.name, "late" if isinstance(error, TimeoutError) else "not_stored").inc()
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        stored.inc()
        CALLBACK_SECONDS.observe(time.perf_counter() - started)
        return platform.respond(update, reply)

    app.router.add_get(path, receive, allow_head=False)
    app.router.add_post(path, receive)
