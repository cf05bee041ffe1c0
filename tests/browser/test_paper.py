"""The list to be signed, in a real browser and as it comes out of a printer."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from storage.enums import Role
from tests.handlers.pages.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALLEST = 16 / 72 * 96
"""16 pt in CSS pixels."""
FONTS = "[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize))"


@pytest.mark.faults("WEB11")
async def test_the_list_prints_large_with_its_head_on_every_page(chromium: Browser, site: Site, tmp_path: Path) -> None:
    async with site.database.transaction() as tx:
        (above,) = await tx.branches.named("第一支部")
        below = await tx.branches.add("第二支部", above)
        people = [("第一支部", above.id, 3), ("第二支部", below.id, 32)]
        for _, branch_id, count in people:
            for n in range(count):
                member = await tx.members.add(
                    name=f"成员{branch_id}{n:02}",
                    branch_id=branch_id,
                    tier=None,
                    phone=None,
                    platform="wecom",
                    user_id=f"m{branch_id}-{n}",
                    now=site.clock.now(),
                )
                site.members[member.name] = member.id
        await tx.members.set_roles(site.members["Zhang"], {(Role.SECRETARY, above.id)})
    token = await site.item(to=tuple(name for name in site.members if name.startswith("成员")))

    site.login_page.person = "Zhang"
    context = await chromium.new_context(viewport={"width": 1000, "height": 1300})
    page = await context.new_page()
    await page.goto(f"{site.base}/i/{token}/sheet")
    assert page.url.partition("#")[0] == f"{site.base}/i/{token}/sheet"
    assert await page.locator("tbody tr").count() == 35
    assert [await each.inner_text() for each in await page.locator("td.number").all()] == [str(n) for n in range(1, 36)]
    assert min(await page.evaluate(FONTS)) >= SMALLEST - 0.01
    await page.screenshot(path=tmp_path / "sheet.png", full_page=True)
    await page.emulate_media(media="print")
    assert await page.evaluate("document.querySelectorAll('.list').length") == 2
    pdf = await page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    await context.close()

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 4  # one for the small branch, three for the large one
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12]", pdf)

    # Anybody else sees what a wrong link shows.
    site.login_page.person = "Li"
    context = await chromium.new_context()
    page = await context.new_page()
    answer = await page.goto(f"{site.base}/i/{token}/sheet")
    assert answer is not None
    assert answer.status == 404
    there = await page.content()
    assert "成员" not in await page.inner_text("main")
    wrong = await page.goto(f"{site.base}/i/{token[:-1]}x/sheet")
    assert wrong is not None
    assert wrong.status == 404
    assert await page.content() == there
    await context.close()
