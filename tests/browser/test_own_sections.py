"""What a meeting, a poll and a sign-up bring to their page, in a real browser."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from storage.enums import ItemKind, Require, Role
from storage.meetings import Meeting
from storage.polls import Poll
from storage.signups import Signup
from tests.browser.test_item_page import opened
from tests.handlers.pages.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("BRANCHBOT_PICTURES", "")
"""A folder for what the pages look like; "" for none."""


async def picture(page: Page, name: str) -> None:
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def of_kind(site: Site, kind: ItemKind, row: Any, **options: Any) -> tuple[str, int]:
    """A new item of a kind with what it keeps: its token and number."""
    token = await site.item(kind=kind, to=("Li", "Zhang"), **options)
    number = site.links.item_of(token)
    assert number is not None
    async with site.database.transaction() as tx:
        await row(tx, number)
    return token, number


async def test_a_meeting_is_answered_and_entered_by_its_page(chromium: Browser, site: Site) -> None:
    begins = site.clock.now() + timedelta(hours=6)

    async def meeting(tx: Any, number: int) -> None:
        tx.meetings.add(Meeting(item_id=number, begins_at=begins, ends_at=None, place="二楼会议室", code="246810"))
        await tx.members.set_roles(site.members["Zhang"], {(Role.SECRETARY, site.branch_id)})

    token, number = await of_kind(site, ItemKind.MEETING, meeting, require=Require.ANSWER, title="支部大会；讨论, 表决")
    async with opened(chromium, site, token) as page:
        await page.get_by_label("请假事由").fill("去医院")
        await picture(page, "meeting")
        await page.get_by_role("button", name="请假").tap()
        await page.get_by_text("您的回复：请假").wait_for()
        await page.get_by_role("button", name="参加").tap()
        await page.get_by_text("您的回复：参加").wait_for()
        assert page.url == f"{site.base}/i/{token}"
        assert await page.locator("img").count() == 0
        got = await page.request.get(f"{site.base}/i/{token}/meeting.ics")
        lines = (await got.text()).split("\r\n")
        assert got.headers["content-type"].startswith("text/calendar")
        assert f"UID:{token}@branchbot" in lines
        assert "SUMMARY:支部大会；讨论\\, 表决" in lines
        assert "DTSTART:20261123T071200Z" in lines
        assert (await page.request.get(f"{site.base}/i/{token}/code.png")).status == 404
    async with opened(chromium, site, token, person="Zhang") as page:
        await page.get_by_text("246810").first.wait_for()
        assert await page.locator("img").evaluate("image => image.naturalWidth") > 100
        await picture(page, "meeting-code")
    site.clock.advance(timedelta(hours=6))
    async with opened(chromium, site, f"{token}?here=246810") as page:
        assert await page.get_by_label("现场的六位签到码").input_value() == "246810"
        await page.get_by_label("现场的六位签到码").fill("111111")
        await page.get_by_role("button", name="签到").tap()
        await page.get_by_text("这个签到码现在不能用").wait_for()
        await picture(page, "meeting-wrong")
        await page.get_by_label("现场的六位签到码").fill("246810")
        await page.get_by_role("button", name="签到").tap()
        await page.get_by_text("已签到").wait_for()
    async with site.database.reading() as tx:
        assert await tx.meetings.was_present(number, site.members["Li"])


async def test_a_poll_is_voted_in_by_its_page(chromium: Browser, site: Site) -> None:
    async def poll(tx: Any, number: int) -> None:
        await tx.polls.add(Poll(item_id=number, most=2, anonymous=True, shown=True), ["周六爬山", "周日参观", "看书"])

    token, number = await of_kind(site, ItemKind.POLL, poll, require=Require.ANSWER, title="周末活动")
    async with opened(chromium, site, token) as page:
        await page.get_by_role("button", name="投票").tap()
        await page.get_by_text("没看懂选哪一项").wait_for()
        await page.get_by_text("A 周六爬山").tap()
        await page.get_by_text("C 看书").tap()
        await picture(page, "poll")
        await page.get_by_role("button", name="投票").tap()
        await page.get_by_text("您已投票").wait_for()
        assert await page.locator("input[name=option]").count() == 0
        assert await page.get_by_text("结束后才看得到结果").is_visible()
        await picture(page, "poll-done")
    async with site.database.reading() as tx:
        found = await tx.polls.get(number)
        assert found is not None
        assert await tx.polls.counts(found) == {0: 1, 1: 0, 2: 1}


async def test_a_place_is_taken_and_given_back_by_its_page(chromium: Browser, site: Site) -> None:
    async def signup(tx: Any, number: int) -> None:
        tx.signups.add(Signup(item_id=number, places=1))

    token, _ = await of_kind(site, ItemKind.SIGNUP, signup, require=Require.READ, title="红色参观")
    async with opened(chromium, site, token) as page:
        await page.get_by_role("button", name="报名").tap()
        await page.get_by_text("您已报名").wait_for()
        await picture(page, "signup")
    async with opened(chromium, site, token, person="Zhang") as page:
        await page.get_by_role("button", name="报名").tap()
        await page.get_by_text("您在候补，前面还有 0 人").wait_for()
        await page.get_by_role("button", name="退出").tap()
        await page.get_by_role("button", name="报名").wait_for()
