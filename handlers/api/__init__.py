"""JSON for other systems under `/api/v1`: what is asked for is looked up in one table of routes."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from bot.clock import Clock
from bot.config.sections import ApiTokenConfig
from bot.errors import UserError
from bot.inbound.rates import Rate
from bot.inbound.visitors import client_address, networks
from bot.inbound.web import add_security_headers
from bot.services.register import Units
from bot.services.settings import Settings
from bot.services.submissions import answered_before, digest_of, keep_answer
from handlers.api import branches, items, members, questions, submissions
from handlers.api.answers import DOCUMENT, guard, success
from handlers.api.calls import Call, Route, read_body, read_key, read_number, read_place, read_query, refuse_body
from handlers.api.document import document
from handlers.api.refusals import Refused
from handlers.api.tokens import CLIENT, Client, Tokens

PREFIX = "/api/v1"
PER_MINUTE, STRANGERS = 600, 60
"""Requests of one token, and of one address without a token."""
ROUTES: tuple[Route[Any], ...] = (
    *items.ROUTES,
    *submissions.ROUTES,
    *members.ROUTES,
    *branches.ROUTES,
    *questions.ROUTES,
)


def add_api(
    app: web.Application,
    *,
    database: Units,
    settings: Settings,
    tokens: Sequence[ApiTokenConfig],
    clock: Clock,
    on_commit: Callable[[], None],
    per_minute: int = PER_MINUTE,
    trusted_proxies: Sequence[str] = (),
    https: bool = True,
) -> None:
    """Serves the API below `/api/v1`; without tokens it answers everybody with 401.

    `on_commit` is called after each change: there may be something to send. `per_minute`: requests of one token.
    `https`: this is how the public reaches it.
    """
    known = Rate(clock.elapsed, burst=per_minute, per_minute=per_minute)
    unknown = Rate(clock.elapsed, burst=STRANGERS, per_minute=STRANGERS)
    trusted = networks(trusted_proxies)

    def too_fast(request: web.Request, client: Client | None) -> bool:
        if client is not None:
            return not known.takes(client.name)
        return not unknown.takes(client_address(request, trusted))

    api = web.Application(middlewares=[guard(settings.texts, Tokens(tokens), too_fast)])
    add_security_headers(api, https=https)
    for route in ROUTES:
        view = _view(route, database, settings, clock, on_commit)
        if route.writes:
            api.router.add_post(route.path, view, name=route.name)
        else:
            api.router.add_get(route.path, view, name=route.name)

    async def describe(request: web.Request) -> web.StreamResponse:
        return web.json_response(_described())

    api.router.add_get("/openapi.json", describe, name=DOCUMENT)
    app.add_subapp(PREFIX, api)


@cache
def _described() -> dict[str, object]:
    """Made when somebody asks first: it takes longer than all else that happens at the start."""
    return document(ROUTES, PREFIX)


def _view(
    route: Route[Any], database: Units, settings: Settings, clock: Clock, on_commit: Callable[[], None]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The route as the web server calls it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        client = request[CLIENT]
        number = read_number(request)
        query = read_query(request, route.query)
        of_list, before = read_place(query, route.name, number)
        if route.body is not None:
            return await _made(request, route, route.body, client)
        if route.writes:
            await refuse_body(request)
        opened = database.transaction() if route.writes or route.logged else database.reading()
        async with opened as tx:
            call = Call(tx, settings, clock.now(), number, query, of_list, before, client.name)
            body = await route.view(call)
        if route.writes:
            on_commit()
        return success(body)

    async def _made(
        request: web.Request, route: Route[Any], model: type[BaseModel], client: Client
    ) -> web.StreamResponse:
        """What is made of a body, once for each key: the same answer for the same words."""
        key = read_key(request)
        given, plain = await read_body(request, model)
        query, now = read_query(request, route.query), clock.now()
        try:
            async with database.transaction() as tx:
                said = await answered_before(tx, client.name, key, digest_of(plain), now)
                if said is None:
                    answer = await route.view(Call(tx, settings, now, 0, query, "", None, client.name, given))
                    said = answer.model_dump_json()
                    await keep_answer(tx, client.name, key, said)
        except UserError as error:
            code = error.key.rpartition(".")[2]
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, error.key, code=code, **error.params) from None
        on_commit()
        return web.Response(status=HTTPStatus.CREATED, text=said, content_type="application/json")

    return answer
