"""What stands around the item page: headers, static files, proofs, what is closed, what logs show."""

import re
from pathlib import Path

import pytest

from bot.inbound.web import redact
from tests.handlers.pages.site import Site, open_site


@pytest.mark.faults("WEB4", "WEB10", "WEB14")
async def test_browsers_are_told_to_keep_it_to_themselves(site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    async with site.client() as browser:
        for path, status in ((f"/i/{token}", 200), ("/i/x", 404), ("/", 404), ("/nothing", 404)):
            async with browser.get(path) as answer:
                headers = answer.headers
                assert answer.status == status
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert "noindex" in headers["X-Robots-Tag"]
            assert headers["Server"] == "branchbot"
            assert "Strict-Transport-Security" not in headers


@pytest.mark.faults("WEB4")
async def test_a_page_names_nobody_else_and_no_absolute_address(site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    async with site.client() as browser, browser.get(f"/i/{token}") as answer:
        html = await answer.text()
    addresses = re.findall(r'(?:href|src|action)="([^"]+)"', html)
    assert len(addresses) >= 4
    assert all(address.startswith(("../static/", f"{token}/", "data:,")) for address in addresses)


async def test_static_files_are_kept_for_a_year_by_their_content(site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    async with site.client() as browser:
        async with browser.get(f"/i/{token}") as answer:
            found = re.findall(r'"\.\.(/static/[^"]+)"', await answer.text())
        assert len(found) == 3
        for path in found:
            async with browser.get(path) as answer:
                assert answer.status == 200
                assert "max-age=31536000, immutable" in answer.headers["Cache-Control"]
                assert answer.headers["Content-Encoding"] == "gzip"
                tag = answer.headers["ETag"]
            async with browser.get(path, headers={"If-None-Match": tag}) as answer:
                assert answer.status == 304
            async with browser.get(path, headers={"Accept-Encoding": "identity"}) as answer:
                assert "Content-Encoding" not in answer.headers
            async with browser.get(path.partition("?")[0] + "?v=old") as answer:
                assert answer.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "../frame.py", "..%2fframe.py", "weui/LICENSE.txt", "%2e%2e/body.py"])
async def test_only_what_pages_need_is_served(site: Site, name: str) -> None:
    async with site.client() as browser, browser.get(f"/static/{name}") as answer:
        assert answer.status == 404


async def test_proofs_of_the_domain(tmp_path: Path) -> None:
    (tmp_path / "WW_verify_aB3dE.txt").write_text("aB3dE")
    (tmp_path / "MP_verify_x.txt").write_text("x")
    (tmp_path / "WW_verify_long.txt").write_text("x" * 5000)
    (tmp_path / "WW_verify_.txt").write_text("no")
    (tmp_path / "config.toml").write_text("secret")
    async with open_site(tmp_path) as site, site.client() as browser:
        for path, words in (("/WW_verify_aB3dE.txt", "aB3dE"), ("/MP_verify_x.txt", "x")):
            async with browser.get(path) as answer:
                assert (answer.status, await answer.text()) == (200, words)
                assert answer.content_type == "text/plain"
        for path in (
            "/WW_verify_none.txt",
            "/WW_verify_long.txt",
            "/WW_verify_.txt",
            "/config.toml",
            "/WW_verify_..%2fconfig.txt",
            "/XX_verify_a.txt",
        ):
            async with browser.get(path) as answer:
                assert answer.status == 404


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/login?code=1"])
async def test_the_console_is_closed(site: Site, path: str) -> None:
    async with site.client() as browser:
        for method in ("GET", "POST"):
            async with browser.request(method, path) as answer:
                assert (answer.status, await answer.text()) == (403, "")


@pytest.mark.faults("WEB19")
async def test_a_page_that_fails_says_no_more_than_a_number(site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    async with site.client() as browser:
        async with browser.get(f"/i/{token}") as answer:
            assert answer.status == 200
        async with site.database.writing() as connection:
            await connection.exec_driver_sql("ALTER TABLE item RENAME TO item_gone")
        async with browser.get(f"/i/{token}") as answer:
            html = await answer.text()
            assert answer.status == 500
    assert re.search(r"编号 \d{8} ", html)
    for detail in ("Traceback", "sqlite", "aiohttp", "item_gone"):
        assert detail not in html


async def test_pages_speak_english_too(tmp_path: Path) -> None:
    async with open_site(tmp_path, locale="en") as site, site.client() as browser:
        token = await site.item()
        site.login_page.person = "Li"
        async with browser.get(f"/i/{token}") as answer:
            html = await answer.text()
    assert '<html lang="en">' in html
    assert "Please confirm that you received it" in html


@pytest.mark.faults("WEB10")
async def test_words_of_an_item_are_never_markup(site: Site) -> None:
    token = await site.item(title='<script>alert(1)</script>"', link="javascript:alert(1)", body="<b>x</b>")
    site.login_page.person = "Li"
    async with site.client() as browser, browser.get(f"/i/{token}") as answer:
        html = await answer.text()
    assert "<script>alert" not in html
    assert "<b>x" not in html
    assert "javascript:" not in html


async def test_a_link_shows_where_it_leads(site: Site) -> None:
    site.login_page.person = "Li"
    async with site.client() as browser:
        for link, place in (
            ("https://example.org/a?b=1", "example.org"),
            ("http://example.org:8080/", "example.org:8080"),
            ("https://аpple.com/", "xn--pple-43d.com"),
            ("https://user@example.org/", "example.org"),
        ):
            token = await site.item(link=link)
            async with browser.get(f"/i/{token}") as answer:
                assert f'<span class="out__place">{place}</span>' in await answer.text()


@pytest.mark.faults("WEB4")
@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/i/12-abc", "/i/*"),
        ("/i/12-abc/ack", "/i/*/ack"),
        ("/bot/i/12-abc/read", "/bot/i/*/read"),
        ("/static/page.css", "/static/page.css"),
        ("/", "/"),
    ],
)
def test_paths_in_logs_carry_no_token(path: str, shown: str) -> None:
    assert redact(path) == shown
