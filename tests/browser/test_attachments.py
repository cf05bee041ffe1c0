"""An item's files in a real browser: pictures are seen, other files are kept, nothing is wider than a phone."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.rules.pictures import without_notes
from tests import samples
from tests.browser.test_item_page import DESK, PHONE, opened
from tests.handlers.pages.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG_NAME = "关于召开第一支部2026年第四季度组织生活会的通知和会议材料（第二稿）.pdf"
PHOTO = without_notes(samples.photographed(orientation=6), "jpg")


@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
async def test_pictures_are_seen_and_files_are_kept(
    chromium: Browser, site: Site, tmp_path: Path, window: dict[str, object]
) -> None:
    token = await site.item(body="各位成员：\n会场布置见图，议程见附件。")
    files = [("会场.jpg", PHOTO), (LONG_NAME, samples.PDF), ("通话.amr", samples.AMR), ("活动.mp4", samples.MP4)]
    await site.attach(token, *files)
    async with opened(chromium, site, token, **window) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        await page.reload()
        picture = page.locator(".files__picture img")
        await picture.scroll_into_view_if_needed()
        await page.wait_for_function("document.querySelector('.files__picture img').complete")
        assert await picture.get_attribute("alt") == "会场.jpg"
        assert await picture.get_attribute("loading") == "lazy"
        # Lying on its side in the file, upright on the page: 320 x 200 turned by what the camera noted.
        assert await picture.evaluate("each => [each.naturalWidth, each.naturalHeight]") == [200, 320]
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert await page.locator("audio").count() == 1
        assert await page.locator("video").count() == 1
        async with page.expect_download() as started:
            await page.get_by_text(LONG_NAME).click()
        download = await started.value
        assert download.suggested_filename == LONG_NAME
        kept = tmp_path / "kept.pdf"
        await download.save_as(kept)
        assert kept.read_bytes() == samples.PDF
        box = await page.locator(".out_file").first.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        await page.screenshot(path=tmp_path / "attachments.png", full_page=True)
        assert [each for each in complaints if "Content Security Policy" in each] == []
