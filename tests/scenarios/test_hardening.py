"""What strangers meet: headers on every answer, limits for those who ask too fast, nothing that hangs."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.inbound import web as pages
from bot.inbound.forgers import FORGERIES
from handlers.api import STRANGERS
from tests.world import World, build

STRANGER = {"X-Forwarded-For": "8.8.8.8"}
OTHER = {"X-Forwarded-For": "8.8.4.4"}
FORGED = "/wecom/callback?msg_signature=" + "0" * 40 + "&timestamp=1764000000&nonce=1"
BODY = b"<xml><Encrypt>AAAA</Encrypt></xml>"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Behind a proxy on this machine."""
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, server={"trusted_proxies": ["127.0.0.1"]}) as built:
        yield built


ADDRESSES = {
    "/wecom/callback": "whoever has the token",
    "/official-account/callback": "whoever has the token",
    "/i/{token}": "the item's audience",
    "/i/{token}/read": "the item's audience, from our own page",
    "/i/{token}/ack": "the item's audience, from our own page",
    "/i/{token}/sheet": "who may enter receipts of the item",
    "/i/{token}/{action}": "the item's audience, from our own page",
    "/i/{token}/{name}": "the item's audience",
    "/i/{token}/f/{number}": "the item's audience",
    "/questions": "everybody",
    "/oauth/wecom": "whoever began a login in this browser",
    "/static/{name}": "everybody",
    "/{name}": "everybody",
    "/console{rest}": "nobody",
    "/api/v1": "whoever has a token",
    "/healthz": "everybody",
    "/readyz": "this machine's monitoring; proxies keep it from others",
    "/metrics": "this machine's monitoring; proxies keep it from others",
}
"""Every address and whom it is for. What is new fails the test until it stands here, and its tests somewhere."""


async def test_every_address_is_known(world: World) -> None:
    assert {resource.canonical for resource in world.app.web.router.resources()} == ADDRESSES.keys()
    base = f"http://127.0.0.1:{world.app.config.server.port}"
    async with aiohttp.ClientSession() as client:
        for path in ADDRESSES:
            if path.startswith("/i/"):
                address = path.replace("{token}", "A" * 22).replace("{number}", "1")
                for method in ("GET", "POST"):
                    async with client.request(method, base + address, allow_redirects=False) as response:
                        assert response.status in (404, 405, 429), (method, path)


@pytest.mark.faults("WEB4", "WEB10", "WEB14", "WEB19", "CB25")
async def test_every_answer_tells_browsers_to_keep_it_to_themselves(world: World) -> None:
    base = f"http://127.0.0.1:{world.app.config.server.port}"
    paths = {
        resource.canonical.replace("{token}", "abc").replace("{number}", "1").replace("{question}", "Q1")
        for resource in world.app.web.router.resources()
    }
    paths |= {"/", "/nothing/here", "/console/login", "/WW_verify_abc.txt", "/static/page.css", "/api/v1/items"}
    async with aiohttp.ClientSession() as client:
        for path in sorted(paths):
            for method in ("GET", "HEAD", "POST", "OPTIONS", "TRACE"):
                async with client.request(method, base + path, allow_redirects=False) as response:
                    where = f"{method} {path} {response.status}"
                    assert response.status < 500 or path == "/readyz", where
                    policy = response.headers["Content-Security-Policy"]
                    assert "default-src 'none'" in policy, where
                    assert "unsafe" not in policy, where
                    assert response.headers["X-Content-Type-Options"] == "nosniff", where
                    assert response.headers["Referrer-Policy"] == "no-referrer", where
                    assert response.headers["X-Frame-Options"] == "DENY", where
                    assert response.headers["Server"] == "branchbot", where
                    assert "Access-Control-Allow-Origin" not in response.headers, where
                    text = await response.text()
                    assert "Traceback" not in text, where
                    assert "aiohttp" not in text, where


async def test_pages_carry_no_script_of_their_own() -> None:
    for template in (Path(pages.__file__).parents[2] / "handlers/pages/templates").glob("*.html"):
        text = template.read_text(encoding="utf-8").replace("<script src=", "").casefold()
        for inline in ("<script", " style=", " onclick", " onload", "javascript:"):
            assert inline not in text, (template.name, inline)


@pytest.mark.faults("CB8", "CB34", "WEB15", "WEB16", "WEB17")
async def test_whoever_asks_too_fast_waits_and_nobody_else_does(world: World) -> None:
    (secretary,) = await world.branch()
    base = f"http://127.0.0.1:{world.app.config.server.port}"
    async with aiohttp.ClientSession() as client:

        async def statuses(times: int, method: str, path: str, headers: dict[str, str], **options: bytes) -> set[int]:
            found = set()
            for _ in range(times):
                async with client.request(method, base + path, headers=headers, **options) as response:
                    found.add(response.status)
            return found

        assert await statuses(FORGERIES, "POST", FORGED, STRANGER, data=BODY) == {403}
        assert await statuses(3, "POST", FORGED, STRANGER, data=BODY) == {429}
        assert await statuses(1, "POST", FORGED, OTHER, data=BODY) == {403}
        assert await statuses(FORGERIES + 3, "POST", FORGED, {}, data=BODY) == {403}, "the proxy itself is nobody"
        assert await secretary.says("待办"), "what is genuine is heard"
        assert await statuses(STRANGERS, "GET", "/api/v1/items", STRANGER) == {401}
        assert await statuses(1, "GET", "/api/v1/items", STRANGER) == {429}
        assert await statuses(1, "GET", "/api/v1/items", OTHER) == {401}
        world.clock.advance(timedelta(minutes=2))
        assert await statuses(1, "POST", FORGED, STRANGER, data=BODY) == {403}
        assert await statuses(1, "GET", "/api/v1/items", STRANGER) == {401}


@pytest.mark.faults("CB15", "CB33")
async def test_more_than_a_body_may_have_is_not_read(world: World) -> None:
    base = f"http://127.0.0.1:{world.app.config.server.port}"
    async with aiohttp.ClientSession() as client:
        for path in (FORGED, "/i/abc/ack", "/api/v1/items"):
            async with client.post(base + path, data=b"x" * 400_000) as response:
                assert response.status in (401, 413), path
