"""How a browser gets its session, and what happens when the login goes another way."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.handlers.pages.site import Site, open_site


async def begin(browser: aiohttp.ClientSession, token: str) -> str:
    """Opens the link without a session; the state that the browser is sent away with."""
    async with browser.get(f"/i/{token}", allow_redirects=False) as answer:
        assert answer.status == 302
        return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


async def come_back(browser: aiohttp.ClientSession, state: str, code: str) -> tuple[int, str]:
    """The status and where it leads."""
    query = {"code": code, "state": state}
    async with browser.get("/oauth/wecom", params=query, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


async def test_the_state_is_letters_and_digits_and_comes_back_here(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser, browser.get(f"/i/{token}", allow_redirects=False) as answer:
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert re.fullmatch(r"[0-9A-Za-z]{32,128}", query["state"][0])
    assert query["redirect_uri"] == [f"{site.base}/oauth/wecom"]
    assert token not in answer.headers["Location"]


async def test_the_cookies_are_signed_and_hidden_from_scripts(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        state = await begin(browser, token)
        query = {"code": site.login_page.code("Li"), "state": state}
        async with browser.get("/oauth/wecom", params=query, allow_redirects=False) as answer:
            cookie = answer.cookies["branchbot"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert int(cookie["max-age"]) == timedelta(days=30).total_seconds()
        assert cookie["secure"] == ""
        other = "X" if cookie.value[0] != "X" else "Y"
    async with site.client() as browser:
        headers = {"Cookie": f"branchbot={other}{cookie.value[1:]}"}
        async with browser.get(f"/i/{token}", headers=headers, allow_redirects=False) as answer:
            assert answer.status == 302


@pytest.mark.faults("WEB9", "WEB14")
async def test_behind_https_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    async with open_site(tmp_path, public_url="https://bot.example.org/branch") as site, site.client() as browser:
        token = await site.item()
        async with browser.get(f"/i/{token}", allow_redirects=False) as answer:
            [cookie] = answer.cookies.values()
            assert "https%3A%2F%2Fbot.example.org%2Fbranch%2Foauth%2Fwecom" in answer.headers["Location"]
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert cookie.key.startswith("__Host-branchbot-")
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


async def test_a_session_ends_after_thirty_days(site: Site) -> None:
    token = await site.item()
    site.login_page.person = "Li"
    async with site.client() as browser:
        async with browser.get(f"/i/{token}") as answer:
            assert answer.status == 200
        site.clock.advance(timedelta(days=29))
        async with browser.get(f"/i/{token}", allow_redirects=False) as answer:
            assert answer.status == 200
        site.clock.advance(timedelta(days=1))
        async with browser.get(f"/i/{token}", allow_redirects=False) as answer:
            assert answer.status == 302


@pytest.mark.faults("WEB5")
async def test_going_back_to_a_used_code_leads_on_to_the_item(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        state = await begin(browser, token)
        code = site.login_page.code("Li")
        for _ in range(2):
            assert await come_back(browser, state, code) == (302, f"../i/{token}")
    assert site.login_page.asked == [code]


@pytest.mark.faults("WEB5")
async def test_a_used_code_starts_anew_once_and_then_stops(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        state = await begin(browser, token)
        status, away = await come_back(browser, state, "used")
        assert status == 302
        again = parse_qs(urlsplit(away).query)["state"][0]
        assert again != state
        assert (await come_back(browser, again, "used"))[0] == 404


@pytest.mark.faults("WEB5")
async def test_the_second_try_may_well_succeed(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        _, away = await come_back(browser, await begin(browser, token), "used")
        again = parse_qs(urlsplit(away).query)["state"][0]
        assert await come_back(browser, again, site.login_page.code("Li")) == (302, f"../i/{token}")


@pytest.mark.faults("WEB6", "WEB21")
async def test_a_state_that_this_browser_did_not_begin_gives_no_session(site: Site) -> None:
    token = await site.item()
    async with site.client() as attacker, site.client() as victim:
        theirs = await begin(attacker, token)
        own = await begin(victim, token)
        for state in (theirs, "", "x" * 32, "../" * 11, own[:16] + "0" * 16):
            query = {"code": site.login_page.code("Wang"), "state": state}
            async with victim.get("/oauth/wecom", params=query, allow_redirects=False) as answer:
                assert answer.status == 400
                assert "请在企业微信中打开" in await answer.text()
                assert not answer.cookies
    assert site.login_page.asked == []


@pytest.mark.faults("WEB6")
async def test_a_login_is_over_after_five_minutes(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        state = await begin(browser, token)
        site.clock.advance(timedelta(minutes=5))
        assert (await come_back(browser, state, site.login_page.code("Li")))[0] == 400


async def test_two_logins_of_one_browser_do_not_meet(site: Site) -> None:
    one, two = await site.item(), await site.item()
    async with site.client() as browser:
        states = [await begin(browser, one), await begin(browser, two)]
        places = [await come_back(browser, state, site.login_page.code("Li")) for state in states]
    assert places == [(302, f"../i/{one}"), (302, f"../i/{two}")]


@pytest.mark.faults("WEB7")
async def test_no_address_of_the_query_is_gone_to(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        state = await begin(browser, token)
        query = {"code": site.login_page.code("Li"), "state": state, "next": "//evil.example", "target": "evil"}
        async with browser.get("/oauth/wecom", params=query, allow_redirects=False) as answer:
            assert answer.headers["Location"] == f"../i/{token}"


@pytest.mark.faults("WEB19")
async def test_when_the_platform_is_silent_the_page_says_so_with_a_number(site: Site) -> None:
    token = await site.item()
    site.login_page.down = True
    async with site.client() as browser, browser.get(f"/i/{token}") as answer:
        html = await answer.text()
        assert answer.status == 503
    assert re.search(r"编号 \d{8} ", html)
    assert "SendLater" not in html


async def test_without_wecom_there_are_no_pages(tmp_path: Path) -> None:
    async with open_site(tmp_path, with_login=False) as site, site.client() as browser:
        token = await site.item()
        for path in (f"/i/{token}", "/oauth/wecom?code=a&state=b"):
            async with browser.get(path) as answer:
                assert answer.status == 404
        async with browser.post(f"/i/{token}/ack") as answer:
            assert answer.status == 404
