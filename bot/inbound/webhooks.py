"""The HTTP side of platforms that call us: verified, stored, and only then answered."""

import time
from collections.abc import Callable, Sequence

from aiohttp import web

from bot.errors import ForgedRequest
from bot.inbound.forgers import Forgers
from bot.inbound.web import UNSEEN
from bot.inbound.writer import Writer
from bot.log import get_logger
from bot.metrics import CALLBACK_SECONDS, CALLBACKS
from bot.platforms.base import Alarm, Posted, WebhookPlatform
from bot.platforms.body import read_body
from bot.update import Update

log = get_logger("inbound.webhooks")

INLINE_BYTES = 2048
"""The longest text that a passive reply carries."""


class _Webhook:
    """A platform's callbacks as an entrance."""

    def __init__(self, platform: WebhookPlatform, heard: Callable[[str, int], None]) -> None:
        self._platform = platform
        self._heard = heard

    def open(self, given: Sequence[Posted]) -> Sequence[Update | Exception]:
        opened = self._platform.open(given)
        if genuine := sum(isinstance(each, Update) for each in opened):
            self._heard(self._platform.name, genuine)
        return opened

    def answer(self, said: Sequence[tuple[Update, str | None]]) -> Sequence[web.Response]:
        return self._platform.respond(said)


def add_webhook(
    app: web.Application,
    path: str,
    platform: WebhookPlatform,
    writer: Writer,
    alarm: Alarm,
    heard: Callable[[str, int], None],
    forgers: Forgers,
) -> None:
    """Serves a platform's callbacks at `path`. `alarm` is raised when somebody else's callbacks come here.

    `heard` is told the platform, and how many that were genuine.
    """

    entrance = _Webhook(platform, heard)
    stored = CALLBACKS.labels(platform.name, "stored")

    async def greet(request: web.Request) -> web.Response:
        if (answer := forgers.turned_away(request)) is not None:
            return answer
        try:
            return platform.greet(request)
        except ForgedRequest as error:
            return await refuse(request, error)

    async def receive(request: web.Request) -> web.Response:
        started = time.perf_counter()
        if (turned_away := forgers.turned_away(request)) is not None:
            return turned_away
        body = await read_body(request)
        try:
            answer = await writer.submit_in_time(
                entrance,
                Posted(request, body),
                size=len(body),
                inline_bytes=INLINE_BYTES,
                speaks_later=platform.speaks_later,
            )
        except ForgedRequest as error:
            return await refuse(request, error)
        except Exception as error:
            # It is not stored yet: without any answer the platform sends it again, with an error it might not.
            CALLBACKS.labels(platform.name, "late" if isinstance(error, TimeoutError) else "not_stored").inc()
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        stored.inc()
        CALLBACK_SECONDS.observe(time.perf_counter() - started)
        answer[UNSEEN] = True
        return answer

    async def refuse(request: web.Request, error: ForgedRequest) -> web.Response:
        CALLBACKS.labels(platform.name, "forged").inc()
        forgers.note(request)
        log.warning("callback.refused", platform=platform.name, why=error.why)
        if error.why == "owner":
            await alarm("foreign_callback", platform=platform.name)
        return web.Response(status=403)

    app.router.add_get(path, greet, allow_head=False)
    app.router.add_post(path, receive)
