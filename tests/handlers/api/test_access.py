"""Who may call the API, what everybody hears who may not, and what every answer carries."""

import io
import json
from collections.abc import Iterator

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from bot import log
from bot.config import check
from bot.errors import ConfigError
from handlers.api import ROUTES, add_api
from tests.handlers.api.system import READ, WRITE, Office, System


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged meanwhile."""
    stream = io.StringIO()
    log.configure(stream=stream)
    yield stream
    structlog.reset_defaults()


PATHS = [(route.method, route.path) for route in ROUTES]


@pytest.mark.faults("WEB17")
@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_a_token_is_asked_for_everywhere(office: Office, method: str, path: str) -> None:
    path = path.format(number=await office.publishes(), question="Q1")
    for authorization in (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {READ[:-1]}",
        f"Bearer {READ}r",
        f"Bearer {READ.upper()}",
        f"Basic {READ}",
        READ,
        f"Bearer {READ}, Bearer {READ}",
        "Bearer 写",
    ):
        answer = await office.system.asks(path, method=method, authorization=authorization)
        assert (answer.status, answer.code) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert READ not in answer.body["error"]["message"]
    assert office.commits == []


@pytest.mark.faults("WEB11", "WEB17")
@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("object_", ["published", "absent"])
async def test_what_each_token_may(office: Office, method: str, path: str, object_: str) -> None:
    published = await office.publishes()
    path = path.format(number=published if object_ == "published" else published + 1, question="Q1")
    found = 404 if "/questions/" in path or (object_ == "absent" and "/items/" in path) else 200

    reads = await office.system.asks(path, method=method, authorization=f"bearer {READ}")
    writes = await office.system.asks(path, method=method, authorization=f"Bearer {WRITE}")

    assert reads.status == (403 if method == "POST" else found)
    assert writes.status == (400 if (method, path) == ("POST", "/items") else found)  # there the key is missing
    if method == "POST":
        assert reads.code == "forbidden"


@pytest.mark.faults("WEB11")
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("POST", "/nothing", 404, "not_found"),
        ("GET", "/items/", 404, "not_found"),
        ("GET", "/items/0", 404, "not_found"),
        ("GET", "/items/-1", 404, "not_found"),
        ("GET", "/items/01", 404, "not_found"),
        ("GET", "/items/1.0", 404, "not_found"),
        ("GET", "/items/１", 404, "not_found"),
        ("GET", "/items/twelve", 404, "not_found"),
        ("GET", "/items/%00", 404, "not_found"),
        ("GET", "/items/%ff", 404, "not_found"),
        ("GET", "/items/2147483648", 404, "not_found"),
        ("GET", "/items/99999999999999999999999", 404, "not_found"),
        ("POST", "/items/1;drop/remind", 404, "not_found"),
        ("DELETE", "/items/1", 405, "method_not_allowed"),
        ("PUT", "/members", 405, "method_not_allowed"),
        ("GET", "/items/1/remind", 405, "method_not_allowed"),
        ("OPTIONS", "/items", 405, "method_not_allowed"),
    ],
)
async def test_paths_that_do_not_exist_answer_in_json(
    office: Office, method: str, path: str, status: int, code: str
) -> None:
    answer = await office.system.asks(path, method=method, authorization=f"Bearer {WRITE}")

    assert (answer.status, answer.code) == (status, code)
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.faults("WEB18")
@pytest.mark.parametrize("action", ["remind", "withdraw"])
@pytest.mark.parametrize(
    ("body", "status"),
    [(None, 200), (b"", 200), (b"{}", 200), (b'{"to": "U1"}', 422), (b"nonsense \xff", 422), (b" " * 2000, 413)],
)
async def test_writing_takes_no_body(office: Office, action: str, body: bytes | None, status: int) -> None:
    number = await office.publishes()

    answer = await office.system.posts(f"/items/{number}/{action}", body)

    assert answer.status == status
    assert len(office.commits) == (status == 200)


async def test_every_answer_is_kept_by_nobody(office: Office) -> None:
    number = await office.publishes()
    for path, authorization in (
        ("/items", f"Bearer {READ}"),
        (f"/items/{number}", f"Bearer {READ}"),
        ("/items/0", f"Bearer {READ}"),
        ("/nothing", f"Bearer {READ}"),
        ("/items?limit=0", f"Bearer {READ}"),
        ("/items", None),
        ("/openapi.json", f"Bearer {READ}"),
    ):
        headers = (await office.system.asks(path, authorization=authorization)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.faults("WEB19")
async def test_a_fault_of_ours_says_the_number_that_is_in_the_log(office: Office, lines: io.StringIO) -> None:
    async with office.database.writing() as connection:
        await connection.execute(text("DROP TABLE role"))

    answer = await office.system.asks("/members")

    assert (answer.status, answer.code) == (500, "internal_error")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    [failed] = [line for line in logged if line["event"] == "api.failed"]
    assert failed["number"] in answer.body["error"]["message"]
    assert "no such table" in failed["exception"]
    assert not {"role", "Traceback", "sqlite"} & set(answer.body["error"]["message"].split())
    assert READ not in lines.getvalue()


@pytest.mark.faults("WEB17")
async def test_without_tokens_nobody_comes_in(office: Office) -> None:
    app = web.Application()
    add_api(
        app,
        database=office.database,
        settings=office.settings,
        tokens=[],
        clock=office.clock,
        on_commit=lambda: None,
    )
    async with TestServer(app) as server, System(str(server.make_url("/"))) as system:
        for authorization in (None, "Bearer ", f"Bearer {READ}"):
            assert (await system.asks("/items", authorization=authorization)).status == 401


@pytest.mark.faults("CFG7")
@pytest.mark.parametrize(
    ("tokens", "key"),
    [
        ([{"name": "a", "token": "r" * 31}], "api.tokens.0.token"),
        ([{"name": "a", "token": READ}, {"name": "b", "token": READ}], "api.tokens"),
        ([{"name": "a", "token": READ, "scope": "wrote"}], "api.tokens.0.scope"),
        ([{"name": "", "token": READ}], "api.tokens.0.name"),
    ],
)
def test_weak_tokens_are_refused_at_the_start(tokens: list[dict[str, str]], key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check({"api": {"tokens": tokens}})

    assert [problem.key for problem in refused.value.problems] == [key]
    assert READ[:31] not in str(refused.value.problems)
