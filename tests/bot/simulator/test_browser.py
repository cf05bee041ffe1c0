from collections.abc import AsyncIterator
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from bot.simulator.app import build_app
from bot.simulator.twin import Twin


class Pages:
    """A bot with a page behind a login, in the same server as the simulator, as in the demo."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.posts: list[tuple[str, str, str, str]] = []
        self.app = web.Application()
        self.app.add_routes([
            web.get("/i/{token}", self.item),
            web.post("/i/{token}", self.confirm),
            web.get("/oauth/callback", self.callback),
            web.get("/away", self.away),
            web.get("/loop", self.loop),
        ])  # fmt: skip
        self.app.add_subapp("/simulator", build_app(twin))

    async def item(self, request: web.Request) -> web.StreamResponse:
        if "who" not in request.cookies:
            raise web.HTTPFound(self.login(request))
        response = web.Response(
            text=f"{request.cookies['who']} {request.path_qs}",
            headers={
                "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
                "X-Frame-Options": "DENY",
            },
        )
        response.set_cookie("seen", "1")
        return response

    def login(self, request: web.Request) -> str:
        back = quote(f"{self.twin.public_url}/oauth/callback", safe="")
        return (
            "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww00branchbot00"
            f"&redirect_uri={back}&response_type=code&scope=snsapi_base&state=s1&agentid=1000002#wechat_redirect"
        )

    async def callback(self, request: web.Request) -> web.StreamResponse:
        found = self.twin.oauth.who(request.query["code"])
        response = web.Response(status=303, headers={"Location": "i/abc"})
        response.headers["Location"] = "../i/abc"
        response.set_cookie("__Host-who", "x", secure=True, httponly=True)
        response.set_cookie("who", str(found.get("userid", "outsider")), secure=True, httponly=True)
        return response

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        headers = request.headers
        form = (await request.post()).get("csrf", "")
        self.posts.append((request.cookies["who"], str(form), headers["Origin"], headers["Sec-Fetch-Site"]))
        raise web.HTTPSeeOther("?done=1")

    async def away(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("https://example.com/")

    async def loop(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/loop")


@pytest.fixture
async def pages(twin: Twin) -> AsyncIterator[Pages]:
    pages = Pages(twin)
    runner = web.AppRunner(pages.app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    twin.public_url = f"http://{host}:{port}"
    yield pages
    await runner.cleanup()
    await twin.close()


async def test_a_phone_opens_a_page_as_its_owner(twin: Twin, pages: Pages) -> None:
    page = await twin.browser("zhangsan").get("/i/abc")
    assert (page.status, page.text) == (200, "ZhangSan /i/abc")
    page = await twin.browser("lisi").get(f"{twin.public_url}/i/abc")
    assert page.text == "lisi /i/abc"
    assert (await twin.browser("ZhangSan").get("/i/abc?page=2")).text == "ZhangSan /i/abc?page=2"
    assert (await twin.browser("nobody").get("/i/abc")).text == "outsider /i/abc"


async def test_a_form_is_posted_from_the_same_origin(twin: Twin, pages: Pages) -> None:
    browser = twin.browser("lisi")
    await browser.get("/i/abc")
    page = await browser.post("/i/abc", {"csrf": "令牌&"})
    assert page.text == "lisi /i/abc?done=1"
    assert pages.posts == [("lisi", "令牌&", twin.public_url, "same-origin")]


async def test_the_frame_keeps_its_prefix_through_every_redirect(
    twin: Twin, pages: Pages, session: aiohttp.ClientSession
) -> None:
    frame = f"{twin.public_url}/simulator/browser/lisi"
    async with session.get(f"{frame}/i/abc") as answer:
        assert answer.status == 200
        assert str(answer.url) == f"{frame}/i/abc"
        assert await answer.text() == "lisi /i/abc"
        assert "X-Frame-Options" not in answer.headers
        assert answer.headers["Content-Security-Policy"] == "default-src 'self';"
        assert "Set-Cookie" not in answer.headers
        assert [hop.status for hop in answer.history] == [302, 303]
    async with session.post(f"{frame}/i/abc", data={"csrf": "t"}) as answer:
        assert str(answer.url) == f"{frame}/i/abc?done=1"
    assert pages.posts[0][:2] == ("lisi", "t")


async def test_no_other_host_is_ever_fetched(twin: Twin, pages: Pages, session: aiohttp.ClientSession) -> None:
    with pytest.raises(LookupError, match=r"example\.com"):
        await twin.browser("lisi").get("/away")
    with pytest.raises(LookupError, match=r"example\.com"):
        await twin.browser("lisi").get("https://example.com/")
    for address in ("//example.com/x", "http://[::1", "https://bot:99999/"):
        with pytest.raises(LookupError):
            await twin.browser("lisi").get(address)
    with pytest.raises(LookupError, match="too many redirects"):
        await twin.browser("lisi").get("/loop")
    base = f"{twin.public_url}/simulator/browser/lisi"
    for path, status in (("/away", 400), ("//example.com/x", 404)):
        async with session.get(base + path) as answer:
            assert answer.status == status
    twin.public_url = None
    async with session.get(f"{base}/i/abc") as answer:
        assert answer.status == 400


async def test_a_bot_that_is_down(twin: Twin, pages: Pages, session: aiohttp.ClientSession) -> None:
    frame = f"{twin.public_url}/simulator/browser/lisi/i/abc"
    twin.public_url = "http://127.0.0.1:9"
    async with session.get(frame) as answer:
        assert answer.status == 502
