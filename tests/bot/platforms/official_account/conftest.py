"""The account's adapter against the vendor's stand-in, over real HTTP, with the clock in hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiohttp import web

from bot.clock import ManualClock
from bot.errors import ForgedRequest
from bot.platforms.base import Posted
from bot.platforms.body import read_body
from bot.platforms.official_account.platform import OfficialAccount
from bot.simulator.server import serve
from bot.simulator.twin import Twin
from tests.bot.platforms.official_account.standins import Door, account, settings

START = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def twin(clock: ManualClock) -> Twin:
    return Twin(clock)


@pytest_asyncio.fixture
async def base(twin: Twin) -> AsyncIterator[str]:
    """Where the stand-in answers."""
    async with serve(twin) as address:
        yield address


@pytest_asyncio.fixture
async def platform(base: str, clock: ManualClock) -> AsyncIterator[OfficialAccount]:
    built = account(settings(base), clock)
    yield built
    await built.close()


@pytest_asyncio.fixture
async def door(platform: OfficialAccount, twin: Twin) -> AsyncIterator[Door]:
    """A web server that admits what the adapter admits, and answers with what it is told to say."""
    door = Door(platform)

    async def receive(request: web.Request) -> web.StreamResponse:
        try:
            if request.method == "GET":
                return door.platform.greet(request)
            (found,) = door.platform.open([Posted(request, await read_body(request))])
            if isinstance(found, ForgedRequest):
                raise found
        except ForgedRequest as error:
            door.refused.append(error.why)
            return web.Response(status=403)
        door.heard.append(found)
        (answer,) = door.platform.respond([(found, door.says)])
        return answer

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_get("/callback", receive, allow_head=False)
    app.router.add_post("/callback", receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    twin.account.callback_url = f"http://{host}:{port}/callback"
    yield door
    await runner.cleanup()
