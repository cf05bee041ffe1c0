"""Frozen requests, delivered to the vendor's stand-in and to servers that misbehave."""

import asyncio
import io
import socket
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot import log
from bot.clock import ManualClock
from bot.errors import SendLater
from bot.message import Button, Card, CardUpdate, Recall, Text
from bot.platforms.base import Identity, Outcome, Verdict, WebhookPlatform
from bot.platforms.wecom.platform import WeCom
from bot.simulator.corp import Corp
from bot.simulator.server import serve
from bot.simulator.twin import Twin
from tests.bot.platforms.wecom.standins import Stub, Ticker, settings

CARD = Card(
    "#12 通知", buttons=(Button("确认收到", action="ack:12", primary=True),), url="https://bot.example.org/i/12"
)
OK = {"errcode": 0, "errmsg": "ok", "msgid": "m1"}


async def say(platform: WeCom, words: str = "通知：周五开会", *recipients: str) -> Outcome:
    return await platform.deliver(platform.compose(Text(words), recipients or ["zhangsan"], "r1"))


async def test_it_is_a_platform_and_an_identity(wecom: WeCom) -> None:
    platform: WebhookPlatform = wecom
    identity: Identity = wecom
    assert platform.name == "wecom"
    assert identity is wecom
    assert platform.limits.repeat_window < timedelta(hours=4)


async def test_a_text_arrives(twin: Twin, wecom: WeCom) -> None:
    found = await say(wecom, "通知：周五开会", "zhangsan", "LiSi")
    assert (found.verdict, found.code, found.http_status, dict(found.refused)) == (Verdict.ACCEPTED, 0, 200, {})
    assert found.ref in twin.sent
    assert [shown.text for shown in twin.shown_to("lisi")] == ["通知：周五开会"]
    assert twin.tokens.issued == 1
    assert twin.broadcasts == []


@pytest.mark.faults("OUT1")
async def test_the_same_bytes_again_are_shown_once(twin: Twin, wecom: WeCom) -> None:
    request = wecom.compose(CARD, ["zhangsan"], "n12-1")
    twin.faults.add("message/send", lose_answer=True)
    lost, again = await wecom.deliver(request), await wecom.deliver(request)
    assert (lost.verdict, again.verdict) == (Verdict.DOUBTFUL, Verdict.ACCEPTED)
    assert len(twin.shown_to("zhangsan")) == 1


@pytest.mark.faults("OUT4", "OUT5")
async def test_those_left_out_are_named(twin: Twin, wecom: WeCom) -> None:
    twin.directory.add("ZhaoLiu", "赵六", licensed=False)
    found = await say(wecom, "hi", "zhangsan", "WangWu", "ZhaoLiu")
    assert found.verdict is Verdict.ACCEPTED
    assert dict(found.refused) == {"wangwu": "not_in_range", "zhaoliu": "no_licence"}


@pytest.mark.faults("OUT6")
async def test_nobody_valid(wecom: WeCom) -> None:
    found = await say(wecom, "hi", "nobody")
    assert (found.verdict, found.reason, found.about_person) == (Verdict.REFUSED, "not_in_range", True)


async def test_a_card_is_changed_once(twin: Twin, wecom: WeCom) -> None:
    assert (await wecom.deliver(wecom.compose(CARD, ["zhangsan"], "n12-1"))).verdict is Verdict.ACCEPTED
    shown = twin.shown_to("zhangsan")[0]
    assert (shown.task_id, shown.buttons[0].text) == ("n12-1", "确认收到")
    assert shown.sent is not None
    code = twin.codes.issue(shown.sent, twin.clock.now(), "ack:12")
    change = wecom.compose(CardUpdate(code, "zhangsan", "已确认", card_id="n12-1"), ["zhangsan"], "u1")
    assert (await wecom.deliver(change)).verdict is Verdict.ACCEPTED
    assert [(button.text, button.enabled) for button in shown.buttons] == [("已确认", False)]
    second = await wecom.deliver(change)
    assert (second.verdict, second.reason) == (Verdict.REFUSED, "card_used")


@pytest.mark.faults("OUT37")
async def test_recall(twin: Twin, wecom: WeCom, clock: ManualClock) -> None:
    first, second = [await say(wecom, words) for words in ("一", "二")]
    assert (await wecom.deliver(wecom.compose(Recall(first.ref), [], "x"))).verdict is Verdict.ACCEPTED
    assert [shown.recalled for shown in twin.shown_to("zhangsan")] == [True, False]
    clock.advance(timedelta(hours=25))
    late = await wecom.deliver(wecom.compose(Recall(second.ref), [], "x"))
    assert (late.verdict, late.reason) == (Verdict.REFUSED, "too_late")


async def test_a_token_voided_early_costs_one_renewal(twin: Twin, wecom: WeCom) -> None:
    await say(wecom, "一")
    twin.void_token()
    assert (await say(wecom, "二")).verdict is Verdict.ACCEPTED
    assert twin.tokens.issued == 2
    assert len(twin.shown_to("zhangsan")) == 2


@pytest.mark.faults("TOK1", "TOK4")
async def test_a_hundred_calls_with_a_dead_token_renew_once(twin: Twin, wecom: WeCom) -> None:
    await say(wecom, "first")
    twin.void_token()
    found = await asyncio.gather(*(say(wecom, f"{n}", "zhangsan", "LiSi") for n in range(20)))
    assert {one.verdict for one in found} == {Verdict.ACCEPTED}
    assert twin.tokens.issued == 2


@pytest.mark.faults("TOK7")
async def test_a_token_worn_out_by_the_clock_is_replaced_in_time(twin: Twin, wecom: WeCom, clock: ManualClock) -> None:
    for day in range(14):
        assert (await say(wecom, f"第 {day} 天")).verdict is Verdict.ACCEPTED
        clock.advance(timedelta(days=1))
    assert twin.tokens.issued == 14
    assert len(twin.requests_to("message/send")) == 14


@pytest.mark.faults("TOK5")
@pytest.mark.parametrize("code", [40001, 40014, 42001, 42007, 42009])
async def test_a_token_refused_twice_pauses_the_app(stub: Stub, stubbed: WeCom, ticker: Ticker, code: int) -> None:
    stub.answers["message/send"] = [{"errcode": code, "errmsg": "no"}]
    found = await say(stubbed)
    assert (found.verdict, found.reason, found.hold, found.alarm) == (Verdict.LATER, "token", True, True)
    assert (found.counted, found.after) == (False, timedelta(minutes=1))
    assert (stub.count("gettoken"), stub.count("message/send")) == (2, 2)
    assert (await say(stubbed)).verdict is Verdict.LATER
    assert (stub.count("gettoken"), stub.count("message/send")) == (2, 2)
    ticker.advance(timedelta(minutes=1))
    stub.answers["message/send"] = [OK]
    assert (await say(stubbed)).verdict is Verdict.ACCEPTED


@pytest.mark.faults("TOK5")
async def test_a_platform_that_never_takes_a_token_is_not_stormed(stub: Stub, stubbed: WeCom, ticker: Ticker) -> None:
    stub.answers["message/send"] = [{"errcode": 40014, "errmsg": "no"}]
    for _ in range(59):
        await say(stubbed)
        ticker.advance(timedelta(minutes=1))
    renewals = 10
    assert stub.count("gettoken") <= 2 * renewals + 1
    assert stub.count("message/send") <= 2 * renewals + 1


@pytest.mark.faults("TOK6")
async def test_another_program_is_noticed(stub: Stub, stubbed: WeCom, ticker: Ticker) -> None:
    stub.answers["message/send"] = [{"errcode": 40001}, OK] * 3 + [OK]
    found = []
    for _ in range(3):
        found.append(await say(stubbed))
        ticker.advance(timedelta(minutes=2))
    assert [one.verdict for one in found] == [Verdict.ACCEPTED] * 3
    assert [(one.alarm, one.reason) for one in found] == [(False, ""), (False, ""), (True, "other_program")]


@pytest.mark.faults("OUT14", "OUT15")
@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        ({"errcode": 40001, "errmsg": "invalid credential"}, "secret", "invalid credential"),
        ({"errcode": 40013, "errmsg": "invalid corpid"}, "corp_or_agent", "invalid corpid"),
        ({"errcode": 60020, "errmsg": "not allow, from ip: 203.0.113.7"}, "address_not_trusted", "203.0.113.7"),
        ({"errcode": 987654, "errmsg": "?"}, "token", "?"),
        ({"errcode": 40035, "errmsg": "bad"}, "content", "bad"),
        ({"errcode": -1, "errmsg": "busy"}, "busy", "busy"),
        ({"errcode": 0, "errmsg": "ok"}, "token", ""),
        (web.Response(status=502, text="<html>"), "network", ""),
    ],
)
async def test_without_a_token_nothing_is_sent(
    stub: Stub, stubbed: WeCom, answer: Any, reason: str, detail: str
) -> None:
    stub.answers["gettoken"] = [answer]
    found = await say(stubbed)
    assert (found.verdict, found.reason, found.detail) == (Verdict.LATER, reason, detail)
    assert found.counted is False
    assert found.hold is (reason in ("secret", "corp_or_agent", "address_not_trusted", "token", "content"))
    assert stub.count("message/send") == 0


@pytest.mark.faults("TOK7")
@pytest.mark.parametrize("expires_in", [None, "7200", 0, -5, True, 1.5])
async def test_an_odd_lifetime_means_two_hours(stub: Stub, stubbed: WeCom, ticker: Ticker, expires_in: Any) -> None:
    stub.token(expires_in=expires_in)
    stub.answers["message/send"] = [OK]
    await say(stubbed)
    ticker.advance(timedelta(minutes=114))
    await say(stubbed)
    assert stub.count("gettoken") == 1


@pytest.mark.faults("OUT2", "OUT31", "OUT32")
@pytest.mark.parametrize(
    "fault", [{"refuse": True}, {"html": True}, {"garbage": True}, {"http_status": 504}, {"errcode": 987654}]
)
async def test_doubt(twin: Twin, wecom: WeCom, fault: dict[str, Any]) -> None:
    twin.faults.add("message/send", **fault)
    assert (await say(wecom)).verdict is Verdict.DOUBTFUL


@pytest.mark.faults("OUT32")
async def test_nobody_at_the_other_end(clock: ManualClock) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    wecom = WeCom(settings(f"http://127.0.0.1:{port}"), clock)
    found = await say(wecom)
    await wecom.close()
    assert (found.verdict, found.reason, found.counted, found.hold) == (Verdict.LATER, "network", False, False)


@pytest.mark.faults("OUT28", "OUT32")
async def test_the_platform_goes_down(twin: Twin, clock: ManualClock) -> None:
    async with serve(twin) as base:
        wecom = WeCom(settings(base), clock)
        await say(wecom)
    with pytest.raises(SendLater, match="network"):
        await wecom.who("code")
    found = await say(wecom)
    await wecom.close()
    assert (found.verdict, found.reason, found.counted) == (Verdict.LATER, "network", False)


async def test_a_failed_card_update_is_over(twin: Twin, wecom: WeCom) -> None:
    change = wecom.compose(CardUpdate("rC9", "zhangsan", "已确认"), ["zhangsan"], "u1")
    twin.faults.add("message/update_template_card", refuse=True)
    assert (await wecom.deliver(change)).verdict is Verdict.REFUSED
    twin.faults.add("gettoken", errcode=40001)
    twin.void_token()
    found = await wecom.deliver(change)
    assert (found.verdict, found.hold) == (Verdict.REFUSED, False)


@pytest.mark.faults("TOK9")
async def test_no_secret_in_logs_answers_or_reprs(stub: Stub, stubbed: WeCom, ticker: Ticker) -> None:
    written = io.StringIO()
    log.configure(stream=written)

    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    corp, seen = Corp(), []
    stub.answers["message/send"] = [{"errcode": 40014}, OK, {"errcode": 48002, "errmsg": "no"}, cut, {"errcode": 77}]
    for n in range(5):
        seen.append(repr(await say(stubbed, f"悄悄话 {n}")))
    stub.answers["gettoken"] = [{"errcode": 40001}, cut]
    for _ in range(2):
        ticker.advance(timedelta(hours=3))
        seen.append(repr(await say(stubbed)))
    text = written.getvalue() + "".join(seen) + repr(stubbed) + repr(vars(stubbed))
    assert "wecom.call" in text
    assert "wecom.no_token" in text
    for secret in (corp.secret, corp.token, corp.encoding_aes_key, "stub-token", "access_token", "悄悄话"):
        assert secret not in text
