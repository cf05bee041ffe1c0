"""Files that people send the bot: fetched from where it was told, opened with their own key."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.platforms.wecom_bot.downloads import download, opened
from bot.simulator.file_keys import file_key, seal, spelled
from bot.update import Medium

KEY = file_key("m1")
WORDS = "会议材料".encode()


@pytest_asyncio.fixture
async def base() -> AsyncIterator[str]:
    async def serve(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name.isdecimal():
            return web.Response(status=int(name), headers={"Location": "/sealed"})
        return web.Response(body=seal(WORDS, KEY), headers={"Content-Disposition": 'attachment; filename="a b.pdf"'})

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/"))


async def test_it_is_opened_and_named(base: str) -> None:
    fetched = await download(Medium("file", f"{base}sealed", spelled(KEY)), 100, loopback=True)
    assert (fetched.content, fetched.name) == (WORDS, "a b.pdf")


@pytest.mark.faults("WEB20")
@pytest.mark.parametrize(
    ("path", "key", "most", "error", "reason"),
    [
        ("sealed", spelled(KEY), 11, SendRefused, "media_size"),
        ("sealed", spelled(file_key("m2")), 100, SendRefused, "media"),
        ("sealed", "k", 100, SendRefused, "media"),
        ("403", spelled(KEY), 100, SendRefused, "media_gone"),
        ("404", spelled(KEY), 100, SendRefused, "media_gone"),
        ("302", spelled(KEY), 100, SendLater, "busy"),
        ("500", spelled(KEY), 100, SendLater, "busy"),
    ],
)
async def test_what_is_not_taken(
    base: str, path: str, key: str, most: int, error: type[SendRefused | SendLater], reason: str
) -> None:
    with pytest.raises(error, match=f"^{reason}$"):
        await download(Medium("file", f"{base}{path}", key), most, loopback=True)


@pytest.mark.faults("WEB20")
@pytest.mark.parametrize("address", ["http://127.0.0.1:1/a", "ftp://example.org/a", "file:///etc/passwd", "", "a"])
async def test_nothing_is_asked_for_without_https(address: str) -> None:
    with pytest.raises(SendRefused, match=r"^media$"):
        await download(Medium("file", address), 100, loopback=False)


async def test_a_broken_connection_is_tried_again() -> None:
    with pytest.raises(SendDoubtful):
        await download(Medium("file", "http://127.0.0.1:1/a"), 100, loopback=True)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(32)])
def test_what_is_no_seal_is_not_opened(sealed: bytes) -> None:
    with pytest.raises(SendRefused):
        opened(sealed, spelled(KEY))
