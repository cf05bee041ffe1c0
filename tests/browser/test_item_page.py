"""The item page in a real browser: when it reports, what a tap does, and whether older eyes can read it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request

from storage.enums import ItemStatus, ReceiptKind, Require
from tests.browser.prefix_proxy import PrefixProxy
from tests.handlers.pages.site import START, Site, open_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
MEASURE = (Path(__file__).parent / "measure.js").read_text()
VISIBILITY = """
    window.seen = false;
    Object.defineProperty(document, "visibilityState", { get: () => (window.seen ? "visible" : "hidden") });
"""
LONG = "\n\n".join(
    [
        "各位成员：",
        "定于 **11月30日（周一）19:00** 召开支部大会，材料见 https://example.org/materials/2026/a-very-long-name.html。",
        "## 会议内容",
        "1. 学习文件\n2. 讨论事项",
        "> 预计一个半小时。",
        "| 时间 | 内容 | 地点 | 主持 |\n| --- | --- | --- | --- |\n| 19:00 | 签到 | 三楼会议室 | 支部书记 |",
        *["请大家提前安排好工作，按时参加。"] * 12,
    ]
)
DONE = "已于 11月23日（周一）09:12 确认"


@asynccontextmanager
async def opened(
    chromium: Browser, site: Site, token: str, *, person: str = "Li", base: str = "", **options: Any
) -> AsyncIterator[Page]:
    """The page as this person opens it from a message."""
    site.login_page.person = person
    context = await chromium.new_context(**{**PHONE, **options})
    page = await context.new_page()
    await page.goto(f"{base or site.base}/i/{token}")
    yield page
    await context.close()


@pytest.mark.faults("WEB2")
async def test_the_read_is_reported_once_the_page_was_really_in_view(chromium: Browser, site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    context = await chromium.new_context(**PHONE)
    page = await context.new_page()
    await page.clock.install(time=START)
    await page.clock.pause_at(START + timedelta(seconds=1))  # from here on only we make it go
    await page.add_init_script(VISIBILITY)
    posts: list[str] = []

    def remember(request: Request) -> None:
        if request.method == "POST":
            posts.append(request.url.rpartition("/")[2])

    page.on("request", remember)
    await page.goto(f"{site.base}/i/{token}")
    await page.clock.run_for(60_000)
    assert posts == []
    turn = "seen => { window.seen = seen; document.dispatchEvent(new Event('visibilitychange')); }"
    await page.evaluate(turn, True)
    await page.clock.run_for(900)
    await page.evaluate(turn, False)
    await page.clock.run_for(60_000)
    assert posts == []
    await page.evaluate(turn, True)
    async with page.expect_response("**/read") as answer:
        await page.clock.run_for(1_000)
    assert (await answer.value).status == 204
    await page.evaluate(turn, False)
    await page.evaluate(turn, True)
    await page.clock.run_for(60_000)
    assert posts == ["read"]
    assert [receipt.kind for receipt in await site.receipts(token)] == [ReceiptKind.READ]
    assert await page.locator("button").inner_text() == "确认收到"
    await context.close()


async def test_a_tap_confirms_without_leaving_the_page(chromium: Browser, site: Site) -> None:
    token = await site.item()
    async with opened(chromium, site, token) as page:
        await page.evaluate("window.same = true")
        await page.tap("button")
        await page.get_by_text(DONE).wait_for()
        assert await page.evaluate("window.same")
        assert await page.locator("button").count() == 0
        await page.reload()
        assert await page.get_by_text(DONE).is_visible()
        assert await page.locator("button").count() == 0
    assert ReceiptKind.ACK in [receipt.kind for receipt in await site.receipts(token)]


async def test_the_button_works_without_scripts(chromium: Browser, site: Site) -> None:
    token = await site.item()
    async with opened(chromium, site, token, java_script_enabled=False) as page:
        assert await site.receipts(token) == []
        await page.tap("button")
        await page.get_by_text(DONE).wait_for()
        assert page.url == f"{site.base}/i/{token}"
    assert [receipt.kind for receipt in await site.receipts(token)] == [ReceiptKind.ACK]


async def test_reading_is_enough_where_only_that_is_asked(chromium: Browser, site: Site) -> None:
    token = await site.item(require=Require.READ)
    async with opened(chromium, site, token) as page:
        await page.get_by_text("已于 11月23日（周一）09:12 阅读").wait_for()
        assert await page.locator("button").count() == 0


async def test_trouble_on_the_way_is_said_and_the_next_tap_works(chromium: Browser, site: Site) -> None:
    token = await site.item()
    async with opened(chromium, site, token) as page:
        await page.route("**/ack", lambda route: route.abort())
        await page.tap("button")
        await page.get_by_text("刚才没有记上，请再点一次。").wait_for()
        assert await page.locator("button").inner_text() == "确认收到"
        await page.unroute("**/ack")
        await page.tap("button")
        await page.get_by_text(DONE).wait_for()
        assert not await page.get_by_role("alert").is_visible()


async def test_an_item_withdrawn_meanwhile_says_so_after_the_tap(chromium: Browser, site: Site) -> None:
    token = await site.item()
    async with opened(chromium, site, token) as page:
        async with site.database.transaction() as tx:
            await tx.items.change_status(1, [ItemStatus.PUBLISHED], ItemStatus.WITHDRAWN)
        await page.tap("button")
        await page.get_by_text("这一条已经撤回").wait_for()
        assert "各位成员" not in await page.content()


@pytest.mark.faults("WEB1")
async def test_a_forwarded_link_shows_nothing(chromium: Browser, site: Site) -> None:
    token = await site.item()
    for person in ("Wang", ""):
        async with opened(chromium, site, token, person=person) as page:
            assert await page.get_by_role("heading").inner_text() == "找不到这个页面"
            content = await page.content()
            assert "支部大会" not in content
            assert "第一支部" not in content
    assert await site.receipts(token) == []


@pytest.mark.faults("WEB10")
async def test_the_browser_refuses_nothing_that_the_page_needs(chromium: Browser, site: Site) -> None:
    token = await site.item(body=LONG, link="https://example.org/a")
    context = await chromium.new_context(**PHONE)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    site.login_page.person = "Li"
    await page.goto(f"{site.base}/i/{token}")
    await page.tap("button")
    await page.get_by_text(DONE).wait_for()
    assert said == []
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("done", [False, True])
async def test_older_eyes_can_read_it(chromium: Browser, site: Site, scheme: str, done: bool) -> None:
    token = await site.item(body=LONG, link="https://example.org/a", due_at=START - timedelta(days=1), version=2)
    async with opened(chromium, site, token, color_scheme=scheme) as page:
        if done:
            await page.tap("button")
            await page.get_by_text(DONE).wait_for()
        pieces = await page.evaluate(MEASURE)
        paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(pieces) > 20
    assert [piece for piece in pieces if piece["size"] < 18] == []
    assert [piece for piece in pieces if piece["contrast"] < 4.5] == []
    assert [piece for piece in pieces if piece["inBody"] and piece["line"] < 1.69] == []
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_plain_pages_can_be_read_too(chromium: Browser, site: Site, scheme: str) -> None:
    token = await site.item()
    async with opened(chromium, site, token, person="Wang", color_scheme=scheme) as page:
        pieces = await page.evaluate(MEASURE)
    assert len(pieces) == 2
    assert [piece for piece in pieces if piece["size"] < 18 or piece["contrast"] < 4.5] == []


@pytest.mark.parametrize("options", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_button_is_large_and_always_in_view(chromium: Browser, site: Site, options: dict[str, Any]) -> None:
    token = await site.item(body=LONG, link="https://example.org/a")
    async with opened(chromium, site, token, **options) as page:
        height = options["viewport"]["height"]
        for target in (page.locator("button"), page.locator("a.out")):
            box = await target.bounding_box()
            assert box is not None
            assert box["height"] >= 48
            assert box["width"] >= 48
        box = await page.locator("button").bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= height - box["height"]
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        link, bar = await page.locator("a.out").bounding_box(), await page.locator(".bar").bounding_box()
        assert link is not None
        assert bar is not None
        assert link["y"] + link["height"] <= bar["y"]


@pytest.mark.parametrize("zoom", ["page", "text"])
async def test_large_print_fits_into_a_narrow_phone(chromium: Browser, site: Site, zoom: str) -> None:
    token = await site.item(body=LONG, link="https://a-rather-long-name.example.org/a", due_at=START)
    # Twice as large: half the room, or only the letters.
    width = 180 if zoom == "page" else 360
    async with opened(chromium, site, token, viewport={"width": width, "height": 390}, is_mobile=False) as page:
        if zoom == "text":
            await page.evaluate("document.documentElement.style.fontSize = '225%'")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.tap("button")
        await page.get_by_text(DONE).wait_for()


async def test_it_works_under_a_path_of_a_proxy(chromium: Browser, tmp_path: Path) -> None:
    proxy = PrefixProxy()
    async with open_site(tmp_path, public_url=proxy.base) as site, proxy.running():
        proxy.target = site.base
        token = await site.item()
        async with opened(chromium, site, token, base=proxy.base) as page:
            assert page.url.startswith(f"{proxy.base}/i/{token}")
            await page.tap("button")
            await page.get_by_text(DONE).wait_for()
            assert await page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "27px"
        one = await site.item()
        async with opened(chromium, site, one, base=proxy.base, java_script_enabled=False) as page:
            await page.tap("button")
            await page.get_by_text(DONE).wait_for()
    assert proxy.strays == []
