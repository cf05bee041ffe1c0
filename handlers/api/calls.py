"""One call of the API: what was asked, checked, and what is needed to answer it."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema

from bot.services.register import Tx
from bot.services.settings import Settings
from handlers.api.cursors import PATTERN, ForeignCursor, cursor, last_id_of
from handlers.api.models import Answer
from handlers.api.refusals import Refused

MOST_NUMBER = 2**31 - 1
MOST_BODY, MOST_SENT = 1024, 200_000
"""Bytes of a body where none is expected, and where one is."""
READ_WITHIN = timedelta(seconds=10)
KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = r"[!-~]{1,255}"
MOST_ROWS = 500
QUESTION_PATTERN = r"[Qq][1-9][0-9]{0,8}"


def _digits(value: object) -> object:
    """Digits and nothing else: what other readings take for a number (`1_0`, ` 10`, `1.0`) stays a text."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("not a whole number")
    return value


class Query(BaseModel):
    """What may stand behind the question mark; anything else is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(Query):
    """Which page of a list."""

    limit: Annotated[
        int, Field(ge=1, le=MOST_ROWS, description="The most rows of a page."), BeforeValidator(_digits)
    ] = 100
    after: Annotated[
        Annotated[str, Field(pattern=PATTERN)] | SkipJsonSchema[None],
        Field(description="`next` of the page before, of the same list."),
    ] = None


Asked = TypeVar("Asked", bound=Query)
Row = TypeVar("Row")
Sent = TypeVar("Sent", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call(Generic[Asked]):
    """`number` is the item's or question's in the path, or 0; `before` ends the page before, None on the first.

    `of_list` names the list with its filters.
    """

    tx: Tx
    settings: Settings
    now: datetime
    number: int
    query: Asked
    of_list: str
    before: int | None
    client: str = ""
    """The system that calls, by the name of its token."""
    body: BaseModel | None = None

    def body_as(self, model: type[Sent]) -> Sent:
        """What was sent, of the model that the route names."""
        if not isinstance(self.body, model):
            raise TypeError(f"the route takes no {model.__name__}")
        return self.body

    def page(self, rows: Sequence[Row], limit: int, id_of: Callable[[Row], int]) -> tuple[Sequence[Row], str | None]:
        """Of `limit` + 1 rows, where there are as many: those of this page, and the cursor of the next."""
        if len(rows) <= limit:
            return rows, None
        return rows[:limit], cursor(self.of_list, id_of(rows[limit - 1]))


@dataclass(frozen=True, slots=True)
class Route(Generic[Asked]):
    """One line of the API's table. `path` is below the prefix; routes that write are POST."""

    path: str
    name: str
    summary: str
    query: type[Asked]
    answer: type[Answer]
    view: Callable[[Call[Asked]], Awaitable[Answer]]
    writes: bool = False
    logged: bool = False
    """Reading it is written down."""
    body: type[BaseModel] | None = None
    """What it makes something of: it is sent with a key, and asked again with the same key nothing is made twice."""

    @property
    def method(self) -> str:
        return "POST" if self.writes else "GET"

    @property
    def has_number(self) -> bool:
        """Whether the path names an item or a question."""
        return "{" in self.path

    @property
    def has_question(self) -> bool:
        """Whether the path names a question."""
        return "{question}" in self.path


def read_number(request: web.Request) -> int:
    """The number in the path, 0 where there is none. Raises Refused for what nothing can be numbered."""
    question = request.match_info.get("question")
    if question is not None:
        if not re.fullmatch(QUESTION_PATTERN, question):
            raise Refused(HTTPStatus.NOT_FOUND, "api.no_question")
        return int(question[1:])
    text = request.match_info.get("number")
    if text is None:
        return 0
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text) or int(text) > MOST_NUMBER:
        raise Refused(HTTPStatus.NOT_FOUND, "api.no_item")
    return int(text)


def read_query(request: web.Request, model: type[Asked]) -> Asked:
    """What stands behind the question mark. Raises Refused for an unknown, repeated or wrong parameter."""
    known = list(model.model_fields)
    given = [name for name, _ in request.query.items()]
    if len(set(given)) < len(given) or not set(given) <= set(known):
        key = "api.parameters" if known else "api.no_parameters"
        raise Refused(HTTPStatus.BAD_REQUEST, key, known=", ".join(known))
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise Refused(HTTPStatus.BAD_REQUEST, f"api.wrong.{name}") from None


def read_place(query: Query, name: str, number: int) -> tuple[str, int | None]:
    """(the list with its filters, the last row of the page before). Raises Refused for a cursor of another list."""
    filters = query.model_dump(mode="json", exclude={"limit", "after"})
    of_list = json.dumps([name, number, filters], sort_keys=True)
    if not isinstance(query, Paging) or query.after is None:
        return of_list, None
    try:
        return of_list, last_id_of(of_list, query.after)
    except ForeignCursor:
        raise Refused(HTTPStatus.BAD_REQUEST, "api.wrong.after") from None


def read_key(request: web.Request) -> str:
    """The key that makes a repeated request the same request. Raises Refused without one, or with several."""
    given = request.headers.getall(KEY_HEADER, [])
    if len(given) != 1 or not re.fullmatch(KEY_PATTERN, given[0]):
        raise Refused(HTTPStatus.BAD_REQUEST, "api.wrong.key")
    return given[0]


async def read_body(request: web.Request, model: type[Sent]) -> tuple[Sent, object]:
    """What was sent, checked, and as plain JSON. Raises Refused, which names the field that is wrong."""
    text = await _content(request, MOST_SENT)
    try:
        sent, plain = model.model_validate_json(text), json.loads(text)
        if None in plain.values():
            raise ValueError("what is not meant is left out: null could mean anything")
        return sent, plain
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        name = str(place[0]) if place and str(place[0]) in model.model_fields else ""
        key = "api.wrong_field" if name else "api.unprocessable"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, key, field=name) from None
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY) from None


async def refuse_body(request: web.Request) -> None:
    """What takes nothing but its path: a body would be a wish that nobody reads."""
    body = await _content(request, MOST_BODY)
    if body.strip() not in (b"", b"{}"):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "api.no_body")


async def _content(request: web.Request, most: int) -> bytes:
    """The body. Raises Refused for more bytes than that, and for a slow sender."""
    body = b""
    try:
        async with asyncio.timeout(READ_WITHIN.total_seconds()):
            while more := await request.content.read(most):
                body += more
                if len(body) > most:
                    raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None
    return body
