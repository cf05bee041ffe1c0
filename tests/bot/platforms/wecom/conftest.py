"""The app's adapter against the vendor's stand-in, over real HTTP, with the clock in hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiohttp import web

from bot.clock import ManualClock
from bot.platforms.wecom.platform import WeCom
from bot.simulator.server import serve
from bot.simulator.twin import Twin
from tests.bot.platforms.wecom.standins import Stub, Ticker, settings

START = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
def twin(clock: ManualClock) -> Twin:
    twin = Twin(clock, public_url="https://bot.example.org")
    twin.directory.add("zhangsan", "张三")
    twin.directory.add("LiSi", "李四")
    return twin


@pytest_asyncio.fixture
async def base(twin: Twin) -> AsyncIterator[str]:
    """Where the stand-in answers."""
    async with serve(twin) as address:
        yield address


@pytest_asyncio.fixture
async def wecom(base: str, clock: ManualClock, ticker: Ticker) -> AsyncIterator[WeCom]:
    platform = WeCom(settings(base), clock, monotonic=ticker)
    yield platform
    await platform.close()


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest_asyncio.fixture
async def stubbed(stub: Stub, clock: ManualClock, ticker: Ticker) -> AsyncIterator[WeCom]:
    """The adapter in front of the stub."""
    app = web.Application(client_max_size=64 * 2**20)
    app.add_routes([web.route("*", "/cgi-bin/{api:.+}", stub.handle)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    platform = WeCom(settings(f"http://{host}:{port}"), clock, monotonic=ticker)
    yield platform
    await platform.close()
    await runner.cleanup()
