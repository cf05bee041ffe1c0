"""Every answer of the API, success or not: JSON, kept by nobody, said to systems that showed a token."""

import secrets
import time
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel

from bot.errors import UserError
from bot.log import bound, get_logger
from bot.metrics import LIMITED
from bot.texts import Texts
from handlers.api.models import Error, Fault
from handlers.api.refusals import NAMES, Refused
from handlers.api.tokens import CLIENT, Client, Tokens

log = get_logger("handlers.api")

HEADERS = {hdrs.CACHE_CONTROL: "no-store", "X-Content-Type-Options": "nosniff"}


def success(body: BaseModel) -> web.Response:
    return web.Response(text=body.model_dump_json(), content_type="application/json")


def refusal(status: HTTPStatus, code: str, message: str) -> web.Response:
    """No success. The message holds nothing of the request, so that no bytes of a stranger come back."""
    fault = Error(error=Fault(code=code, message=message))
    response = web.Response(status=status, text=fault.model_dump_json(), content_type="application/json")
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        response.headers[hdrs.RETRY_AFTER] = "60"
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return response


TooFast = Callable[[web.Request, Client | None], bool]
DOCUMENT = "openapi"
"""The route that describes the others, which holds nothing of anybody and needs no token."""


def guard(texts: Texts, tokens: Tokens, too_fast: TooFast) -> Middleware:
    """The only way in and out: the token is asked for first, errors are put into words, each call is logged once.

    `too_fast` counts a request of a client, or of nobody known, and says whether it was one too many.
    """

    @web.middleware
    async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        client = tokens.client(request)
        with bound(client=client.name if client else None, route=request.match_info.route.name):
            try:
                response = await _answered(request, handler, texts, client, too_fast)
            except Exception:
                number = f"{secrets.randbelow(10**10):010}"
                log.exception("api.failed", number=number)
                message = texts.say("api.internal_error", number=number)
                response = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, NAMES[HTTPStatus.INTERNAL_SERVER_ERROR], message)
            response.headers.update(HEADERS)
            log.info("api.answered", status=response.status, seconds=round(time.perf_counter() - started, 4))
            return response

    return serve


async def _answered(
    request: web.Request, handler: Handler, texts: Texts, client: Client | None, too_fast: TooFast
) -> web.StreamResponse:
    """Success, or a refusal in words."""
    try:
        if too_fast(request, client):
            LIMITED.labels("api").inc()
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS)
        if client is None and request.match_info.route.name != DOCUMENT:
            raise Refused(HTTPStatus.UNAUTHORIZED)
        known = request.match_info.http_exception is None
        if client is not None and known and request.method == hdrs.METH_POST and not client.may_write:
            raise Refused(HTTPStatus.FORBIDDEN)
        if client is not None:
            request[CLIENT] = client
        return await handler(request)
    except Refused as error:
        return refusal(error.status, error.code, texts.say(error.key, **error.params))
    except UserError as error:
        return _refused_by_service(texts, error)
    except web.HTTPException as error:
        return _refused_by_server(texts, error)


def _refused_by_service(texts: Texts, error: UserError) -> web.Response:
    """What a service refuses: an item that does not exist, or one that is not in the right state for it."""
    if error.key == "api.no_question":
        return refusal(HTTPStatus.NOT_FOUND, NAMES[HTTPStatus.NOT_FOUND], texts.say(error.key))
    if error.key == "item.absent":
        return refusal(HTTPStatus.NOT_FOUND, NAMES[HTTPStatus.NOT_FOUND], texts.say("api.no_item"))
    code = error.key.rpartition(".")[2]
    return refusal(HTTPStatus.CONFLICT, code, texts.say(error.key, **error.params))


def _refused_by_server(texts: Texts, error: web.HTTPException) -> web.Response:
    """What the web server refuses by itself: paths and methods that do not exist."""
    status = HTTPStatus(error.status)
    code = NAMES.get(status, NAMES[HTTPStatus.BAD_REQUEST])
    response = refusal(status, code, texts.say(f"api.{code}"))
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers[hdrs.ALLOW] = ", ".join(sorted(error.allowed_methods))
    return response
