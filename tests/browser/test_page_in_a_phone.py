"""From the card in a phone to the receipt: the page inside the app, with the platform's own login."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from storage.enums import DeliveryState
from tests.world import build

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_member_opens_the_card_and_confirms_on_the_page(chromium: Browser, tmp_path: Path) -> None:
    real = {"oauth_base": "https://open.weixin.qq.com"}  # the phone answers for it: nothing leaves this machine
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, wecom=real) as world:
        secretary, li = await world.branch(members=["Li"])
        number = await world.published(secretary, "/通知 周五开会\n请带笔记本")
        path = world.app.settings.links.item_url(number)
        path = path[path.index("/i/") :]
        context = await chromium.new_context(viewport={"width": 360, "height": 780}, has_touch=True)
        page = await context.new_page()
        await page.goto(f"{world.base}/browser/{li.userid}{path}")
        assert await page.get_by_role("heading").inner_text() == "周五开会"
        await page.tap("button")
        await page.get_by_text(re.compile("^已于 .+ 确认$")).wait_for()
        await page.goto(f"{world.base}/browser/nobody{path}")
        assert await page.get_by_role("heading").inner_text() == "找不到这个页面"
        await context.close()
        async with world.reading() as tx:
            delivery = await tx.deliveries.get(number, li.member_id)
        assert delivery is not None
        assert delivery.state == DeliveryState.ACKNOWLEDGED
