"""The difference between not sent and not answered, over real sockets."""

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.clock import ManualClock
from bot.platforms.http import Answer, Http, NoAnswer, NotSent, Patience, Skew, dump, open_session

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)
QUERY = {"access_token": "sesame"}


@asynccontextmanager
async def raw(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """A server of bare sockets."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield "http://{}:{}".format(*server.sockets[0].getsockname())


@asynccontextmanager
async def http(base: str, **options: Any) -> AsyncIterator[Http]:
    client = Http(base, ManualClock(NOW), **options)
    try:
        yield client
    finally:
        await client.close()


def saying(answer: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return talk


class SilentResolver(AbstractResolver):
    """A name server that never answers."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        await asyncio.Event().wait()
        return []

    async def close(self) -> None:
        pass


class FailingResolver(SilentResolver):
    """A name server that knows nobody."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError("no such name")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.mark.faults("OUT32")
async def test_nobody_listens() -> None:
    async with http(f"http://127.0.0.1:{_free_port()}") as client:
        with pytest.raises(NotSent, match=r"^cgi-bin/x: ClientConnectorError$"):
            await client.call("cgi-bin/x", QUERY, body=b"{}")


@pytest.mark.faults("OUT32")
async def test_no_tls_behind_an_https_address() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with raw(plain) as base, http(base.replace("http:", "https:")) as client:
        with pytest.raises(NotSent):
            await client.call("x", QUERY, body=b"{}")


@pytest.mark.faults("OUT32", "OUT33")
@pytest.mark.parametrize("resolver", [SilentResolver, FailingResolver])
async def test_no_name_server(resolver: type[AbstractResolver]) -> None:
    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver()))

    async with http("http://platform.example", session=session, patience=Patience(connect=SHORT)) as client:
        with pytest.raises(NotSent):
            await client.call("x", QUERY, body=b"{}")


@pytest.mark.faults("OUT2")
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"not http at all\r\n\r\n",
    ],
)
async def test_the_connection_ends_without_an_answer(answer: bytes) -> None:
    async with raw(saying(answer)) as base, http(base) as client:
        with pytest.raises(NoAnswer):
            await client.call("x", QUERY, body=b"{}")


@pytest.mark.faults("OUT33")
async def test_a_slow_answer() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw(silent) as base, http(base, patience=Patience(call=SHORT)) as client:
        with pytest.raises(NoAnswer):
            await client.call("x", QUERY, body=b"{}")


@pytest.mark.faults("OUT32")
async def test_redirects_are_not_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with raw(saying(answer)) as base, http(base) as client:
        assert (await client.call("x", QUERY, body=b"{}")).status == 302


@pytest.mark.faults("TOK9")
async def test_failures_do_not_carry_the_query() -> None:
    async with http(f"http://127.0.0.1:{_free_port()}") as client:
        with pytest.raises(NotSent) as failed:
            await client.call("x", QUERY, body=b"{}")
    error = failed.value
    assert error.__context__ is None
    assert error.__cause__ is None
    assert "sesame" not in "".join(traceback.format_exception(error)) + repr(error)


async def test_an_endless_answer_is_not_kept() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 65536)
            await writer.drain()

    async with raw(endless) as base, http(base) as client:
        with pytest.raises(NoAnswer):
            await client.call("x", {})


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}/base/".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


async def test_what_a_call_looks_like() -> None:
    seen = []

    async def handle(request: web.Request) -> web.Response:
        seen.append((request.method, request.path_qs, request.content_type, await request.read()))
        response = web.json_response({"errcode": 0}, headers={"Date": "Mon, 23 Nov 2026 01:02:00 GMT"})
        response.set_cookie("a", "b")
        return response

    async with serving(handle) as base, http(base) as client:
        answer = await client.call("cgi-bin/x", {"a": "1 党"}, body='{"a":"党"}'.encode())
        assert answer.json() == {"errcode": 0}
        assert answer.content_type == "application/json"
        await client.call("cgi-bin/y", {})
        assert client.skew.offset == timedelta(minutes=2)
    assert seen == [
        ("POST", "/base/cgi-bin/x?a=1+%E5%85%9A", "application/json", '{"a":"党"}'.encode()),
        ("GET", "/base/cgi-bin/y", "application/octet-stream", b""),
    ]


async def test_four_calls_and_one_more_at_once() -> None:
    running = most = 0
    full = asyncio.Event()

    async def handle(request: web.Request) -> web.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 5:
            full.set()
        await full.wait()
        running -= 1
        return web.json_response({})

    async with serving(handle) as base, http(base) as client:
        await asyncio.gather(*(client.call("x", {}, body=b"{}") for _ in range(12)))
    assert most == 5


async def test_certificates_are_verified() -> None:
    session = open_session()
    try:
        assert isinstance(session.connector, aiohttp.TCPConnector)
        assert session.connector._ssl is True
        assert not session.trust_env
    finally:
        await session.close()


@pytest.mark.faults("OUT17")
def test_json_without_escapes() -> None:
    assert dump({"b": "党😀", "a": 'x"\n', "c": "\ud800y"}) == '{"b":"党😀","a":"x\\"\\n","c":"y"}'.encode()


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b'"x"', b"{", b"\xff", b"[" * 100_000])
def test_only_an_object_is_an_answer(body: bytes) -> None:
    assert Answer(200, "application/json", body).json() is None


@pytest.mark.faults("CB7")
@pytest.mark.parametrize(
    ("dates", "offset"),
    [
        ([], 0),
        ([None, "", "soon", "Mon, 23 Nov 2026 01:00:30"], 0),
        (["Mon, 23 Nov 2026 01:00:30 GMT"], 30),
        (["Mon, 23 Nov 2026 08:00:00 +0800"], -3600),
        (["Mon, 23 Nov 2026 01:00:30 GMT", "Mon, 23 Nov 2026 00:59:50 GMT", "nonsense"], -10),
    ],
)
def test_the_platforms_clock(dates: list[str | None], offset: int) -> None:
    skew = Skew()
    for date in dates:
        skew.learn(date, NOW)
    assert skew.now(ManualClock(NOW)) == NOW + timedelta(seconds=offset)


@pytest.mark.faults("CB7", "CLK7")
def test_a_clock_that_is_set_does_not_move_the_platforms_time() -> None:
    clock, skew = ManualClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)), Skew()
    skew.learn("Mon, 23 Nov 2026 02:00:00 GMT", clock.now(), clock.elapsed())
    clock.jump(-timedelta(days=1))
    clock.advance(timedelta(minutes=1))
    assert skew.now(clock) == datetime(2026, 11, 23, 2, 1, tzinfo=UTC)
