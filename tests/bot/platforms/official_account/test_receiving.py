"""Who may come in, in each mode, and the answer in the same wrapping."""

from datetime import timedelta

import aiohttp
import pytest

from bot.clock import ManualClock
from bot.platforms.envelope import Signatures
from bot.simulator.account import Wrapping
from bot.simulator.account_envelope import AccountEnvelope
from bot.simulator.envelope import Sealed
from bot.simulator.twin import Twin
from bot.update import UpdateKind
from tests.bot.platforms.official_account.standins import IDS, SEAL, Door, account, settings

XML = (
    "<xml><ToUserName>gh_0a1b2c3d4e5f</ToUserName><FromUserName>oAbc</FromUserName>"
    "<CreateTime>1795395600</CreateTime><MsgType>text</MsgType><Content>您好</Content><MsgId>1</MsgId></xml>"
)


def stamp(clock: ManualClock, off: timedelta = timedelta()) -> str:
    return str(int((clock.now() + off).timestamp()))


def sealed(clock: ManualClock, xml: str = XML, off: timedelta = timedelta()) -> Sealed:
    return AccountEnvelope(IDS).sealed(xml, "oAbc", stamp(clock, off))


def test_the_published_signature() -> None:
    Signatures("BranchTok1").verify("a9bb3c56dc53ed246d5669435285e630e8b8671d", "1790000000", "nonce42")


async def test_the_handshake(door: Door, twin: Twin) -> None:
    assert await twin.account.push.verify("47102 +/=<b>") == (200, b"47102 +/=<b>")
    assert door.refused == []


@pytest.mark.faults("CB11")
@pytest.mark.parametrize("wrapping", [Wrapping.SAFE, Wrapping.COMPATIBLE])
async def test_words_and_the_answer(door: Door, twin: Twin, wrapping: Wrapping) -> None:
    twin.account.wrapping, door.says = wrapping, "已收到，编号 Q34"
    phone = twin.account.resident("王阿姨")

    assert await phone.says("医保怎么转移？") == "已收到，编号 Q34"
    (update,) = door.heard
    assert (update.text, update.user_id) == ("医保怎么转移？", SEAL.close(phone.openid))
    assert phone.heard() == ["已收到，编号 Q34"]

    door.says = None
    assert await phone.taps_menu("ask") is None
    assert [callback.errors for callback in twin.account.push.sent] == [[], []]


@pytest.mark.faults("CB11")
async def test_beside_a_sealed_message_clear_words_count_for_nothing(
    door: Door, twin: Twin, clock: ManualClock
) -> None:
    lies = {"FromUserName": "oOther", "MsgType": "text", "Content": "替我删除", "MsgId": 2}
    both = AccountEnvelope(IDS).sealed(XML, "oAbc", stamp(clock), lies)

    assert (await twin.account.push.post(both))[0] == 200
    assert [update.text for update in door.heard] == ["您好"]


@pytest.mark.faults("CB10")
async def test_plain_words_only_where_the_configuration_says_so(
    door: Door, twin: Twin, base: str, clock: ManualClock
) -> None:
    twin.account.wrapping, door.says = Wrapping.PLAIN, "好"
    phone = twin.account.resident("王阿姨")
    assert await phone.says("您好") is None
    assert (door.heard, set(door.refused)) == ([], {"plain"})

    for keys in ({}, {"encoding_aes_key": None}):
        door.platform = account(settings(base, allow_plain=True, **keys), clock)
        assert await phone.says("您好") == "好"
    assert [update.kind for update in door.heard] == [UpdateKind.TEXT] * 2

    without_key = (await twin.account.push.post(sealed(clock)))[0]
    assert (without_key, door.refused[-1]) == (403, "missing")


@pytest.mark.faults("CB18")
async def test_nothing_that_is_said_becomes_an_element(door: Door, twin: Twin) -> None:
    phone = twin.account.resident("王阿姨")
    for says, heard in (
        ("a]]><MsgType>image</MsgType>", "a]]><MsgType>image</MsgType>"),
        ("控\x00制\x1b字符", "控制字符"),
        ('看<a href="https://evil.example">这里</a>', '看＜a href="https://evil.example">这里＜/a>'),
        ("党" * 683, "党" * 681 + "…"),
    ):
        door.says = says
        assert await phone.says("?") == heard
    assert not door.platform.fits("党" * 683)
    assert door.platform.fits("党" * 682)
    assert not door.platform.fits(" ")


@pytest.mark.faults("CB7", "CB8", "CB9", "CB12", "CB13", "CB14")
async def test_what_is_forged_stale_foreign_or_broken_is_refused_alike(
    door: Door, twin: Twin, clock: ManualClock
) -> None:
    good, envelope = sealed(clock), AccountEnvelope(IDS)
    query, body = good.query, good.body

    def other(**keys: str) -> Sealed:
        return AccountEnvelope(IDS, **keys).sealed(XML, "oAbc", stamp(clock))

    wrong = {
        "signature": Sealed({**query, "msg_signature": "0" * 40}, body),
        "format": Sealed({**query, "timestamp": "soon"}, body),
        "missing": Sealed({key: value for key, value in query.items() if key != "msg_signature"}, body),
        "stale": sealed(clock, off=-timedelta(minutes=6)),
        "owner": other(app_id="wx00somebodyelse0"),
        "doctype": Sealed(query, b"<!DOCTYPE x><xml><Encrypt>a</Encrypt></xml>"),
        "plain": Sealed({**envelope.query(stamp(clock)), "openid": "oAbc"}, XML.encode()),
    }
    for why, request in wrong.items():
        assert await twin.account.push.post(request) == (403, b""), why
    assert door.refused == list(wrong)

    for request in (
        sealed(clock, off=timedelta(minutes=6)),
        other(token="OtherToken"),
        other(encoding_aes_key="0" * 43),
        Sealed(query, b'{"Encrypt":"abc"}'),
        Sealed(query, b"<xml><Encrypt>%%%</Encrypt></xml>"),
        Sealed(query, b"\xff\xfe"),
        Sealed({}, b""),
        sealed(clock, "<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>"),
    ):
        assert await twin.account.push.post(request) == (403, b"")
    assert door.heard == []
    assert await twin.account.push.post(good) == (200, b"success")


@pytest.mark.faults("CB15", "CB25")
async def test_too_much_and_other_methods(door: Door, twin: Twin, clock: ManualClock) -> None:
    url = twin.account.callback_url or ""
    assert (await twin.account.push.post(Sealed(sealed(clock).query, b"x" * 300_000)))[0] == 413
    async with aiohttp.ClientSession() as client:
        for method, status in (("GET", 403), ("PUT", 405), ("OPTIONS", 405)):
            async with client.request(method, url) as answer:
                assert answer.status == status
                assert await answer.read() in (b"", b"405: Method Not Allowed")
        echo = {"echostr": "x" * 300, **AccountEnvelope(IDS).query(stamp(clock))}
        async with client.get(url, params=echo) as answer:
            assert answer.status == 403
