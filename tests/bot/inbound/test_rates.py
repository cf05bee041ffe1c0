"""How fast somebody may ask, and who holds a connection without a word."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.clock import ManualClock
from bot.inbound import rates
from bot.inbound import web as pages
from bot.inbound.browsers import Browsers
from bot.inbound.doors import Doors
from bot.inbound.rates import Rate
from bot.inbound.visitors import is_public
from storage.database import Database
from tests.world import free_port


class Elapsed:
    def __init__(self) -> None:
        self.now = timedelta()

    def __call__(self) -> timedelta:
        return self.now


@pytest.mark.faults("WEB15")
def test_a_bucket_fills_again_and_others_have_their_own() -> None:
    elapsed = Elapsed()
    rate = Rate(elapsed, burst=3, per_minute=60)
    assert [rate.takes("a") for _ in range(5)] == [True, True, True, False, False]
    assert rate.is_empty("a")
    assert rate.takes("b")
    elapsed.now += timedelta(seconds=2)
    assert [rate.takes("a") for _ in range(3)] == [True, True, False]
    elapsed.now += timedelta(days=1)
    assert [rate.takes("a") for _ in range(4)] == [True, True, True, False]


@pytest.mark.faults("WEB15")
def test_visitors_beyond_number_are_forgotten() -> None:
    rate = Rate(Elapsed(), burst=1, per_minute=1)
    for visitor in range(rates.REMEMBERED + 5):
        rate.takes(str(visitor))
    assert not rate.is_empty("0")
    assert rate.is_empty(str(rates.REMEMBERED))


@pytest.mark.faults("WEB15", "WEB16")
def test_an_office_behind_one_address_may_open_a_page_together() -> None:
    clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
    site = pages.Web(
        Database("postgresql+asyncpg://nobody@127.0.0.1/never"),
        clock,
        secret=b"s" * 32,
        public_url="https://bot.example.org",
        identity=None,
        trusted_proxies=[],
        on_commit=lambda: None,
    )
    cookies = web.Response()
    Browsers(b"s" * 32, clock, secure=True).remember(cookies, "li")
    [(name, morsel)] = cookies.cookies.items()
    assert name == "__Host-branchbot"
    assert (morsel["secure"], morsel["httponly"], morsel["path"], morsel["samesite"]) == (True, True, "/", "Lax")
    assert not morsel["domain"]
    stranger = make_mocked_request("GET", "/")
    member = make_mocked_request("GET", "/", headers={"Cookie": f"{name}={morsel.value}"})
    for request, most in ((stranger, pages.ADDRESS_BURST), (member, pages.VIEWER_BURST)):
        assert not any(site.too_fast(request) for _ in range(most))
        assert site.too_fast(request)
    clock.advance(timedelta(minutes=1))
    assert not site.too_fast(stranger)


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", False), ("2001:4860::/64", True), ("", False), ("x", False)],
)
def test_which_addresses_are_of_the_open_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.faults("CB33", "WEB15")
async def test_a_connection_that_never_says_a_whole_request_is_closed() -> None:
    app, port, now = web.Application(), free_port(), 100.0

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    doors = Doors(runner, lambda: now)
    app.on_response_prepare.append(doors.spoke)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        slow, slow_out = await asyncio.open_connection("127.0.0.1", port)
        slow_out.write(b"GET / HTTP/1.1\r\nHost: ")
        quick, quick_out = await asyncio.open_connection("127.0.0.1", port)
        quick_out.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await quick.readline()).startswith(b"HTTP/1.1 200")
        assert doors.look() == 0
        now += 10
        slow_out.write(b"a")
        assert doors.look() == 0
        now += 6
        assert doors.look() == 1
        async with asyncio.timeout(20):
            with suppress(ConnectionResetError):
                assert await slow.read() == b"", "the end"
        quick_out.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(20):
            assert (await quick.read()).count(b"HTTP/1.1 200") == 1, "whoever has spoken may rest"
        for out in (slow_out, quick_out):
            out.close()
    finally:
        await runner.cleanup()
