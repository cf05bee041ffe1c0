"""Callbacks over real HTTP: the handshake, the three ways in, and everything that must stay outside."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote, urlencode

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from yarl import URL

from bot.clock import ManualClock
from bot.errors import ForgedRequest
from bot.message import Button, Card, CardUpdate
from bot.platforms.base import Posted, Verdict
from bot.platforms.body import read_body
from bot.platforms.envelope import Envelope
from bot.platforms.wecom.platform import WeCom
from bot.platforms.xml import cdata
from bot.simulator.corp import Corp
from bot.simulator.twin import Twin
from bot.update import Update, UpdateKind
from tests.bot.platforms.wecom.standins import Ticker, settings

CORP = Corp()
TEXT = (
    "<xml><ToUserName>ww00branchbot00</ToUserName><FromUserName>zhangsan</FromUserName>"
    "<CreateTime>1795395600</CreateTime><MsgType>text</MsgType><Content>收到 12</Content><MsgId>7</MsgId></xml>"
)


class Door:
    """A web server that does with a callback what the bot does: a 403 without a word for what is forged."""

    def __init__(self, platform: WeCom) -> None:
        self.platform = platform
        self.updates: list[Update] = []
        self.refused: list[str] = []
        self.reply: str | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.method == "GET":
                return self.platform.greet(request)
            (received,) = self.platform.open([Posted(request, await read_body(request))])
            if isinstance(received, ForgedRequest):
                raise received
        except ForgedRequest as forged:
            self.refused.append(forged.why)
            return web.Response(status=403)
        self.updates.append(received)
        (answer,) = self.platform.respond([(received, self.reply)])
        return answer


@asynccontextmanager
async def served(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/wecom", handler, allow_head=False)
    app.router.add_post("/wecom", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}/wecom".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def door(wecom: WeCom, twin: Twin) -> AsyncIterator[Door]:
    door = Door(wecom)
    async with served(door.handle) as url:
        door.url = twin.callback_url = url
        yield door


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(CORP.token, CORP.encoding_aes_key, CORP.corp_id)


def sealed(envelope: Envelope, clock: ManualClock, xml: str = TEXT, **changed: str) -> tuple[dict[str, str], bytes]:
    """Query and body of a right callback, with parts of the query replaced."""
    timestamp, encrypt = str(int(clock.now().timestamp())), envelope.encrypt(xml.encode())
    query = {"timestamp": timestamp, "nonce": "n1"} | {k: v for k, v in changed.items() if k != "msg_signature"}
    query["msg_signature"] = envelope.sign(query["timestamp"], query["nonce"], encrypt)
    query |= changed
    return query, f"<xml><Encrypt>{cdata(encrypt)}</Encrypt></xml>".encode()


async def test_the_vendor_gets_its_echo(twin: Twin, door: Door) -> None:
    assert await twin.app.verify() == (200, b"4710236619054433517")


@pytest.mark.faults("CB24")
@pytest.mark.parametrize("echo", [b"4710236619054433517", b'"quoted"', "\ufeff党\n".encode(), b"", b"\xff\x00"])
async def test_the_echo_is_answered_byte_for_byte(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock, echo: bytes
) -> None:
    timestamp = str(int(clock.now().timestamp()))
    for _ in range(50):
        # Until the base64 has a plus sign, which arrives as a blank when it was not escaped.
        encrypt = envelope.encrypt(echo)
        if "+" in encrypt:
            break
    fixed = urlencode({"timestamp": timestamp, "nonce": "n", "msg_signature": envelope.sign(timestamp, "n", encrypt)})
    for echostr in (quote(encrypt, safe=""), quote(encrypt, safe="+")):
        url = URL(f"{door.url}?{fixed}&echostr={echostr}", encoded=True)
        async with browser.get(url) as answer:
            assert (answer.status, await answer.read()) == (200, echo)
            assert answer.content_type == "text/plain"


async def test_words_clicks_and_openings_come_in(twin: Twin, door: Door) -> None:
    await twin.app.say("LiSi", "收到 12")
    await twin.app.enter("zhangsan")
    await twin.app.media("zhangsan", "voice")
    assert [(update.kind, update.user_id) for update in door.updates] == [
        (UpdateKind.TEXT, "LiSi"),
        (UpdateKind.ENTER, "zhangsan"),
        (UpdateKind.MEDIA, "zhangsan"),
    ]
    assert door.updates[0].text == "收到 12"
    assert door.updates[0].sent_at == twin.clock.now()
    assert twin.callbacks[0].statuses == [200]
    assert twin.callbacks[0].replies == [None]


async def test_a_click_changes_its_card(twin: Twin, door: Door) -> None:
    card = Card("#12 通知", buttons=(Button("确认收到", action="ack:12"),), url="https://bot.example.org/i/12")
    await door.platform.deliver(door.platform.compose(card, ["LiSi", "zhangsan"], "n12-1"))
    await twin.app.click("LiSi", twin.shown_to("LiSi")[0], "ack:12")
    click = door.updates[0]
    assert (click.kind, click.user_id, click.action, click.card_id) == (UpdateKind.CLICK, "LiSi", "ack:12", "n12-1")
    change = CardUpdate(click.card_code, click.user_id, "已确认", card_id=click.card_id)
    assert (await door.platform.deliver(door.platform.compose(change, [], "u1"))).verdict is Verdict.ACCEPTED
    assert [shown.buttons[0].text for shown in twin.shown_to("LiSi")] == ["已确认"]
    assert [shown.buttons[0].text for shown in twin.shown_to("zhangsan")] == ["确认收到"]


@pytest.mark.faults("CB1", "CB2")
async def test_copies_have_one_key(twin: Twin, door: Door) -> None:
    await twin.app.say("zhangsan", "收到", repeat=3, at_once=True)
    await twin.app.say("zhangsan", "收到")
    keys = [update.key for update in door.updates]
    assert len(keys) == 4
    assert len(set(keys)) == 2


@pytest.mark.faults("CB18", "OUT34")
@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("已收到，编号 Q34", "已收到，编号 Q34"),
        ("hi]]></Content><MsgType>image", "hi]]></Content><MsgType>image"),
        ("一\x00二\ud800", "一二"),
        ('<a href="https://evil.example">点</a>', '＜a href="https://evil.example">点＜/a>'),
        ("党" * 682, "党" * 682),
    ],
)
async def test_an_inline_reply_is_shown(twin: Twin, door: Door, reply: str, shown: str) -> None:
    door.reply = reply
    assert door.platform.fits(reply)
    assert await twin.app.say("zhangsan", "问") == shown
    assert twin.callbacks[0].errors == []


def test_what_does_not_fit(wecom: WeCom) -> None:
    assert not wecom.fits("")
    assert not wecom.fits(" \n\x00")
    assert not wecom.fits("党" * 683)
    assert not wecom.fits("<a " * 500), "two more bytes for each link made harmless"


async def test_an_event_of_nobody_is_only_acknowledged(twin: Twin, door: Door) -> None:
    door.reply = "words for nobody"
    assert await twin.app.event("change_contact", ChangeType="delete_user", UserID="lisi") is None


@pytest.mark.faults("CB12")
async def test_a_foreign_owner(door: Door, browser: aiohttp.ClientSession, clock: ManualClock) -> None:
    query, body = sealed(Envelope(CORP.token, CORP.encoding_aes_key, "ww99other"), clock)
    async with browser.post(door.url, params=query, data=body) as answer:
        assert answer.status == 403
    assert door.refused == ["owner"]


@pytest.mark.faults("CB8", "CB9")
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"msg_signature": "0" * 40}, "signature"),
        ({"msg_signature": ""}, "format"),
        ({"msg_signature": "é" * 40}, "format"),
        ({"timestamp": "179539560"}, "format"),
        ({"timestamp": "17953956001"}, "format"),
        ({"nonce": ""}, "format"),
        ({"nonce": "a b"}, "format"),
        ({"nonce": "\x00"}, "format"),
    ],
)
async def test_a_wrong_query(
    door: Door,
    browser: aiohttp.ClientSession,
    envelope: Envelope,
    clock: ManualClock,
    changed: dict[str, str],
    why: str,
) -> None:
    query, body = sealed(envelope, clock, **changed)
    async with browser.post(door.url, params=query, data=body) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
    assert door.refused == [why]


@pytest.mark.faults("CB8", "CB25")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
async def test_missing_and_doubled_parameters(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock, name: str, method: str
) -> None:
    query, body = sealed(envelope, clock)
    query["echostr"] = "AAAA"
    without = [(key, value) for key, value in query.items() if key != name]
    twice = [*query.items(), (name, query[name])]
    for params in (without, twice):
        async with browser.request(method, door.url, params=params, data=body) as answer:
            assert (answer.status, await answer.read()) == (403, b"")
    assert door.refused == ["missing", "missing"]


@pytest.mark.faults("CB25")
@pytest.mark.parametrize(
    ("method", "status"), [("GET", 403), ("POST", 403), ("HEAD", 405), ("PUT", 405), ("OPTIONS", 405)]
)
async def test_a_passer_by(door: Door, browser: aiohttp.ClientSession, method: str, status: int) -> None:
    async with browser.request(method, door.url) as answer:
        assert answer.status == status
        assert await answer.read() in (b"", b"405: Method Not Allowed")


@pytest.mark.faults("CB7")
@pytest.mark.parametrize(
    ("age", "status"), [(0, 200), (299, 200), (-299, 200), (301, 403), (-301, 403), (86400 * 365, 403)]
)
async def test_stale_callbacks(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock, age: int, status: int
) -> None:
    query, body = sealed(envelope, clock, timestamp=str(int(clock.now().timestamp()) - age))
    async with browser.post(door.url, params=query, data=body) as answer:
        assert answer.status == status
    assert door.refused == ([] if status == 200 else ["stale"])


@pytest.mark.faults("CB7")
async def test_the_platforms_clock_decides(
    base: str, twin: Twin, browser: aiohttp.ClientSession, envelope: Envelope, ticker: Ticker
) -> None:
    wrong = ManualClock(twin.clock.now() + timedelta(minutes=20))
    door = Door(WeCom(settings(base), wrong, monotonic=ticker))
    async with served(door.handle) as url:
        twin.callback_url = url
        assert (await twin.app.verify())[0] == 403
        findings = await door.platform.check()
        assert (await twin.app.verify())[0] == 200
    await door.platform.close()
    assert [(one.ok, one.params) for one in findings if one.key == "wecom_clock_off"] == [(False, {"seconds": -1200})]


@pytest.mark.faults("CB11")
async def test_clear_fields_beside_the_sealed_ones_do_not_count(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock
) -> None:
    query, body = sealed(envelope, clock)
    body = body.replace(b"<xml>", b"<xml><FromUserName>secretary</FromUserName><Content>/notice x</Content>")
    async with browser.post(door.url, params=query, data=body) as answer:
        assert answer.status == 200
    assert (door.updates[0].user_id, door.updates[0].text) == ("zhangsan", "收到 12")


@pytest.mark.faults("CB13", "CB14", "CB15", "CB19")
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "xml"),
        (b"{}", "xml"),
        (b"\xff\xfe\x00", "xml"),
        (b"<xml/>", "missing"),
        (b"<xml><Encrypt/></xml>", "signature"),
        (b"<xml><Encrypt>AAAA</Encrypt></xml>", "signature"),
        (b"<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>", "missing"),
        (b"<xml><Encrypt><a/></Encrypt></xml>", "missing"),
        ("<xml><Encrypt>党</Encrypt></xml>".encode(), "format"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', "doctype"),
        (b"<xml>" * 1000, "size"),
        (b"<xml>" + b"<a/>" * 50_000 + b"</xml>", "size"),
    ],
)
async def test_odd_bodies(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock, body: bytes, why: str
) -> None:
    query, _ = sealed(envelope, clock)
    async with browser.post(door.url, params=query, data=body) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
    assert door.refused == [why]


@pytest.mark.faults("CB13")
@pytest.mark.parametrize("encrypt", ["not base64!", "QUJD", "A" * 64])
async def test_signed_but_broken(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock, encrypt: str
) -> None:
    timestamp = str(int(clock.now().timestamp()))
    query = {"timestamp": timestamp, "nonce": "n", "msg_signature": envelope.sign(timestamp, "n", encrypt)}
    body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    async with browser.post(door.url, params=query, data=body) as answer:
        assert answer.status == 403


@pytest.mark.faults("CB15")
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_huge_body_is_cut_off(door: Door, browser: aiohttp.ClientSession, chunked: bool) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(16 * 100):
            sent += 65536
            yield b"x" * 65536

    data = endless() if chunked else b"x" * (256 * 1024 + 1)
    async with browser.post(door.url, data=data) as answer:
        assert (answer.status, await answer.read()) == (413, b"")
        assert answer.headers["Connection"] == "close"
    assert sent < 50 * 2**20


@pytest.mark.faults("CB15")
async def test_a_packed_body_is_cut_off_too(door: Door, browser: aiohttp.ClientSession) -> None:
    bomb = gzip.compress(bytes(16 * 2**20))
    async with browser.post(door.url, data=bomb, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 413


@pytest.mark.faults("CB15")
async def test_the_largest_body_is_read(
    door: Door, browser: aiohttp.ClientSession, envelope: Envelope, clock: ManualClock
) -> None:
    query, body = sealed(envelope, clock)
    started = time.process_time()
    async with browser.post(door.url, params=query, data=body.ljust(256 * 1024)) as answer:
        assert answer.status == 200
    assert time.process_time() - started < 0.5


@pytest.mark.faults("CB15", "CB33")
async def test_a_body_that_does_not_come() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=await read_body(request, within=timedelta(milliseconds=20)))

    async with served(handle) as url:
        host, port = url.removeprefix("http://").split("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /wecom HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer


@pytest.mark.faults("TOK12")
async def test_former_keys_still_open(base: str, clock: ManualClock, browser: aiohttp.ClientSession) -> None:
    old = Envelope("OldTok", "Z" * 42 + "A", CORP.corp_id)
    platform = WeCom(settings(base), clock, previous_keys=[("OldTok", "Z" * 42 + "A")])
    door = Door(platform)
    query, body = sealed(old, clock)
    async with served(door.handle) as url, browser.post(url, params=query, data=body) as answer:
        assert answer.status == 200
    assert [update.text for update in door.updates] == ["收到 12"]
    await platform.close()
