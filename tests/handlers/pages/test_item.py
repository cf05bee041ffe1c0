"""The page of an item over HTTP: who sees it, who does not, and what is recorded."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import unquote

import aiohttp
import pytest

from bot.message import Text, dump
from bot.services import amending, corrections
from bot.services.written import Written
from storage.enums import DeliveryState, ItemKind, ItemStatus, Phase, Priority, ReceiptKind, Require, Source
from tests.handlers.pages.site import START, Site, settings

FETCH = {"Sec-Fetch-Site": "same-origin", "Accept": "*/*"}
FORM = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html,application/xhtml+xml", "Origin": "null"}


async def open_page(site: Site, browser: aiohttp.ClientSession, token: str, person: str = "Li") -> tuple[int, str]:
    """What a person sees who opens the link: status and HTML, the login included."""
    site.login_page.person = person
    async with browser.get(f"/i/{token}") as answer:
        return answer.status, await answer.text()


def form_token(html: str) -> str:
    found = re.search(r'data-form-token="([0-9a-f]{40})"', html)
    assert found is not None
    return found.group(1)


async def post(
    browser: aiohttp.ClientSession, token: str, what: str, form: str, headers: dict[str, str] = FETCH, **more: str
) -> tuple[int, aiohttp.ClientResponse]:
    data = {"form_token": form, **more}
    answer = await browser.post(f"/i/{token}/{what}", data=data, headers=headers, allow_redirects=False)
    return answer.status, answer


async def test_a_member_is_led_through_the_login_to_the_item(site: Site) -> None:
    token = await site.item(due_at=START, version=2)
    async with site.client() as browser:
        status, html = await open_page(site, browser, token)
    assert status == 200
    for words in ("关于召开支部大会的通知", "#1", "第一支部", "第 2 版", "请确认收到", "截止：11月23日（周一）09:12"):
        assert words in html
    assert "各位成员：<br>" in html


@pytest.mark.faults("WEB2")
async def test_looking_records_nothing(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        await open_page(site, browser, token)
        for method in ("GET", "HEAD"):
            async with browser.request(method, f"/i/{token}", headers={"Sec-Purpose": "prefetch"}) as answer:
                assert answer.status == 200
    assert await site.receipts(token) == []
    assert (await site.delivery(token)).state == DeliveryState.QUEUED
    assert site.commits == []


@pytest.mark.parametrize(
    ("what", "kind", "state", "words"),
    [
        ("read", ReceiptKind.READ, DeliveryState.READ, "已于 11月23日（周一）09:12 阅读"),
        ("ack", ReceiptKind.ACK, DeliveryState.ACKNOWLEDGED, "已于 11月23日（周一）09:12 确认"),
    ],
)
async def test_a_receipt_is_recorded_with_its_source(
    site: Site, what: str, kind: ReceiptKind, state: DeliveryState, words: str
) -> None:
    token = await site.item()
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
        status, answer = await post(browser, token, what, form_token(html))
        assert (status, unquote(answer.headers["X-Done"])) == (204, words)
    [receipt] = await site.receipts(token)
    assert (receipt.kind, receipt.source, receipt.at) == (kind, Source.PAGE, START)
    assert (await site.delivery(token)).state == state
    assert site.commits == [START]


async def test_pressing_twice_counts_once(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
        form = form_token(html)
        both = await asyncio.gather(post(browser, token, "ack", form), post(browser, token, "ack", form))
        site.clock.advance(START - START.replace(hour=0))
        status, answer = await post(browser, token, "ack", form)
        assert [each[0] for each in both] == [204, 204]
        assert (status, unquote(answer.headers["X-Done"])) == (204, "已于 11月23日（周一）09:12 确认")
        _, html = await open_page(site, browser, token)
    assert len(await site.receipts(token)) == 1
    assert "已于 11月23日（周一）09:12 确认" in html
    assert "<form" not in html


async def test_a_form_leads_back_to_the_page(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
        data = {"form_token": form_token(html)}
        async with browser.post(f"/i/{token}/ack", data=data, headers=FORM, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, f"../{token}")
        async with browser.post(f"/i/{token}/ack", data=data, headers=FORM) as answer:
            assert "已于 11月23日（周一）09:12 确认" in await answer.text()
    assert len(await site.receipts(token)) == 1


async def test_a_late_receipt_still_counts(site: Site) -> None:
    token = await site.item(status=ItemStatus.CLOSED, due_at=START.replace(day=20))
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
        assert "已经过了截止时间" in html
        status, _ = await post(browser, token, "ack", form_token(html))
    assert status == 204


async def test_nothing_is_asked_where_nothing_is_required(site: Site) -> None:
    token = await site.item(require=Require.NONE)
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
    assert "供您了解，不用回复" in html
    assert "<form" not in html


async def test_a_withdrawn_item_says_so_and_takes_no_receipt(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser, site.client() as other:
        _, html = await open_page(site, browser, token)
        async with site.database.transaction() as tx:
            await tx.items.change_status(1, [ItemStatus.PUBLISHED], ItemStatus.WITHDRAWN)
        status, _ = await post(browser, token, "ack", form_token(html))
        assert status == 410
        status, html = await open_page(site, browser, token)
        assert status == 200
        assert "#1「关于召开支部大会的通知」已经撤回" in html
        assert "各位成员" not in html
        assert (await open_page(site, other, token, "Wang"))[0] == 404
    assert await site.receipts(token) == []


@pytest.mark.faults("WEB1", "WEB3", "WEB8", "WEB11")
async def test_everything_that_is_not_there_looks_the_same(site: Site) -> None:
    token = await site.item()
    draft, waiting, dropped = [
        await site.item(to=("Li", "Wang"), status=status)
        for status in (ItemStatus.DRAFT, ItemStatus.SCHEDULED, ItemStatus.DROPPED)
    ]
    altered = token[:-1] + ("a" if token[-1] != "a" else "b")
    seen = set()
    async with site.client() as browser:
        for link in (
            token,
            draft,
            waiting,
            dropped,
            altered,
            f"2-{token[2:]}",
            site.links.token(999),
            "x",
            "1-",
            "...",
        ):
            seen.add(await open_page(site, browser, link, "Wang"))
    for person in ("", "Nobody"):
        async with site.client() as browser:
            seen.add(await open_page(site, browser, token, person))
            seen.add(await open_page(site, browser, altered, person))
    assert [status for status, _ in seen] == [404]
    assert await site.receipts(token) == []


@pytest.mark.faults("WEB1")
async def test_a_receipt_for_a_forwarded_link_counts_for_nobody(site: Site) -> None:
    mine, other = await site.item(to=("Wang",)), await site.item()
    async with site.client() as browser:
        _, html = await open_page(site, browser, mine, "Wang")
        assert (await post(browser, other, "ack", form_token(html)))[0] == 404
    assert await site.receipts(other) == []


@pytest.mark.faults("WEB11")
async def test_a_member_who_left_sees_nothing_more(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        assert (await open_page(site, browser, token))[0] == 200
        async with site.database.transaction() as tx:
            member = await tx.members.get(site.members["Li"])
            assert member is not None
            member.status = "left"
        assert (await open_page(site, browser, token))[0] == 404


@pytest.mark.faults("WEB9")
@pytest.mark.parametrize(
    ("headers", "given"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, None),
        ({"Sec-Fetch-Site": "same-site"}, None),
        ({"Origin": "https://evil.example"}, None),
        ({"Origin": "nonsense"}, None),
        ({}, {"form_token": "0" * 40}),
        ({"Origin": "null"}, {"form_token": ""}),
        ({}, {"form_token": "\u00e9"}),
        ({"Referer": "https://evil.example/"}, {}),
        ({"Sec-Fetch-Mode": "navigate"}, {}),
        ({"Content-Type": "text/plain", "Origin": "null"}, "form_token="),
    ],
)
async def test_a_post_from_elsewhere_records_nothing(
    site: Site, headers: dict[str, str], given: dict[str, str] | str | None
) -> None:
    token = await site.item()
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
        data = {"form_token": form_token(html)} if given is None else given
        async with browser.post(f"/i/{token}/ack", data=data, headers=headers) as answer:
            assert answer.status == 403
    assert await site.receipts(token) == []


@pytest.mark.faults("WEB9")
async def test_the_token_of_another_session_is_no_good(site: Site) -> None:
    token = await site.item()
    async with site.client() as one, site.client() as other:
        _, html = await open_page(site, one, token)
        await open_page(site, other, token)
        assert (await post(other, token, "ack", form_token(html)))[0] == 403
        assert (await post(one, token, "ack", form_token(html), {"Origin": site.base}))[0] == 204


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}])
async def test_a_session_without_a_foreign_page_is_enough(site: Site, headers: dict[str, str]) -> None:
    token = await site.item()
    async with site.client() as browser:
        await open_page(site, browser, token)
        async with browser.post(f"/i/{token}/ack", headers=headers) as answer:
            assert answer.status == 204


async def test_a_post_needs_a_session(site: Site) -> None:
    token = await site.item()
    async with site.client() as browser:
        assert (await post(browser, token, "ack", "0" * 40))[0] == 401
        status, answer = await post(browser, token, "ack", "0" * 40, FORM)
        assert (status, answer.headers["Location"]) == (303, f"../{token}")
        assert (await post(browser, "1-x", "ack", "0" * 40))[0] == 404


async def test_a_corrected_item_says_what_changed_and_keeps_what_it_said(site: Site) -> None:
    token = await site.item(body="周五三点开会。请准时。")
    number = site.links.item_of(token) or 0
    async with site.client() as browser:
        _, html = await open_page(site, browser, token)
        old_form = form_token(html)
        assert 'name="version" value="1"' in html
        await correct(site, number, body="周五四点开会。请准时。", major=True)
        status, _ = await post(browser, token, "ack", old_form, version="1")
        assert status == 410, "the words that they saw are not what is asked about now"
        status, _ = await post(browser, token, "read", old_form)
        assert status == 410, "a page from before says no version"
        assert await site.receipts(token) == []
        _, html = await open_page(site, browser, token)
        for words in ("第 2 版", "11月23日（周一）09:14 更正", "改为：周五【三→四】点开会。"):
            assert words in html
        for words in ("第 1 版，11月23日（周一）09:00 发出", "周五三点开会。"):
            assert words in html
        status, answer = await post(browser, token, "ack", form_token(html), version="2")
        assert (status, unquote(answer.headers["X-Done"])) == (204, "已于 11月23日（周一）09:12 确认")
    assert [(receipt.kind, receipt.version) for receipt in await site.receipts(token)] == [("ack", 2)]
    assert (await site.delivery(token)).state == DeliveryState.ACKNOWLEDGED


async def correct(site: Site, number: int, *, body: str, major: bool) -> None:
    """The item gets its next version at once."""
    now, rules = site.clock.now(), settings(site.links)
    async with site.database.transaction() as tx:
        item = await tx.items.get(number)
        assert item is not None
        await tx.messages.queue_deliveries(
            number,
            kind="item",
            accounts="wecom",
            platform="wecom",
            prefix="",
            body=dump(Text("周五三点开会。")),
            priority=Priority.ITEM,
            quiet=False,
            now=now,
        )
        left = await tx.messages.ids("item", [str(delivery) for delivery, _ in await tx.lists.open_ids(number)])
        await tx.messages.settle(list(left.values()), Phase.ACCEPTED, now)
        written = Written(ItemKind(item.kind), body=body)
        version = await corrections.write(tx, rules, item.author_id, item, written, source="wecom", now=now)
        version.major = major
        await amending.schedule(tx, rules, version, actor_id=item.author_id, source="wecom", now=now)
        assert await amending.bring_due(tx, rules, number, version.number, now=now + timedelta(minutes=2))
