"""JSON for other systems under `/api/v1`: what is asked for is looked up in one table of routes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from bot.clock import Clock
from bot.config.sections import ApiTokenConfig
from bot.services.register import Units
from bot.services.settings import Settings
from handlers.api import branches, items, members
from handlers.api.answers import DOCUMENT, guard, success
from handlers.api.calls import Call, Route, read_number, read_place, read_query, refuse_body
from handlers.api.document import document
from handlers.api.tokens import Tokens

PREFIX = "/api/v1"
ROUTES: tuple[Route[Any], ...] = (*items.ROUTES, *members.ROUTES, *branches.ROUTES)


def add_api(
    app: web.Application,
    *,
    database: Units,
    settings: Settings,
    tokens: Sequence[ApiTokenConfig],
    clock: Clock,
    on_commit: Callable[[], None],
) -> None:
    """Serves the API below `/api/v1`; without tokens it answers everybody with 401.

    `on_commit` is called after each change: there may be something to send.
    """
    api = web.Application(middlewares=[guard(settings.texts, Tokens(tokens))])
    for route in ROUTES:
        view = _view(route, database, settings, clock, on_commit)
        if route.writes:
            api.router.add_post(route.path, view, name=route.name)
        else:
            api.router.add_get(route.path, view, name=route.name)
    described = document(ROUTES, PREFIX)

    async def describe(request: web.Request) -> web.StreamResponse:
        return web.json_response(described)

    api.router.add_get("/openapi.json", describe, name=DOCUMENT)
    app.add_subapp(PREFIX, api)


def _view(
    route: Route[Any], database: Units, settings: Settings, clock: Clock, on_commit: Callable[[], None]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The route as the web server calls it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        number = read_number(request)
        query = read_query(request, route.query)
        of_list, before = read_place(query, route.name, number)
        if route.writes:
            await refuse_body(request)
        opened = database.transaction() if route.writes else database.reading()
        async with opened as tx:
            call = Call(tx, settings, clock.now(), number, query, of_list, before)
            body = await route.view(call)
        if route.writes:
            on_commit()
        return success(body)

    return answer
