import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.clock import ManualClock
from bot.simulator.server import serve
from bot.simulator.twin import Twin

from .conftest import Caller


async def test_a_refusal_is_answered_so_often_as_asked(caller: Caller, twin: Twin) -> None:
    twin.faults.add(api="message/send", times=2, errcode=-1)
    codes = [(await caller.text("lisi"))["errcode"] for _ in range(3)]
    assert codes == [-1, -1, 0]
    assert len(twin.shown_to("lisi")) == 1
    assert [request.errcode for request in twin.requests_to("message/send")] == codes


@pytest.mark.faults("OUT14")
async def test_an_untrusted_address_is_named(caller: Caller, twin: Twin) -> None:
    twin.faults.add(errcode=60020)
    assert "203.0.113.7" in (await caller.text("lisi"))["errmsg"]
    twin.faults.add(errcode=60020, errmsg="from ip: 198.51.100.4")
    assert (await caller.text("lisi"))["errmsg"] == "from ip: 198.51.100.4"


@pytest.mark.faults("OUT2")
@pytest.mark.parametrize(("fault", "shown"), [("lose_answer", 1), ("refuse", 0)])
async def test_a_connection_is_cut_after_or_before_acting(caller: Caller, twin: Twin, fault: str, shown: int) -> None:
    twin.faults.add("message/send", lose_answer=fault == "lose_answer", refuse=fault == "refuse")
    with pytest.raises(aiohttp.ClientError):
        await caller.text("lisi")
    assert len(twin.shown_to("lisi")) == shown
    assert len(twin.requests_to("message/send")) == 1
    assert (await caller.text("lisi"))["errcode"] == 0


@pytest.mark.faults("OUT2", "OUT31")
async def test_answers_that_are_no_answers(caller: Caller, twin: Twin) -> None:
    url, query = f"{caller.base}/cgi-bin/message/send", {"access_token": caller.token}
    body = json.dumps({"touser": "lisi", "agentid": 1000002, "msgtype": "text", "text": {"content": "hi"}})
    for index, (status, words) in enumerate([(502, "<html>"), (503, ""), (200, '{"errcode": 0')]):
        if index == 0:
            twin.faults.add("message/send", html=True)
        elif index == 1:
            twin.faults.add("message/send", http_status=503)
        else:
            twin.faults.add("message/send", garbage=True)
        async with caller.session.post(url, params=query, data=body) as answer:
            text = await answer.text()
            assert answer.status == status
            assert text.startswith(words)
            with pytest.raises(ValueError):
                json.loads(text)
    assert len(twin.shown_to("lisi")) == 1


async def test_an_error_status_may_come_after_the_act(caller: Caller, twin: Twin) -> None:
    twin.faults.add("message/send", http_status=504, act=True)
    with pytest.raises(aiohttp.ContentTypeError):
        await caller.text("lisi")
    assert len(twin.shown_to("lisi")) == 1


@pytest.mark.faults("OUT33")
async def test_a_slow_answer_comes_after_the_act(caller: Caller, twin: Twin) -> None:
    twin.faults.add("message/send", delay=timedelta(seconds=30))
    waiting = asyncio.create_task(caller.text("lisi"))
    await twin.until(lambda: len(twin.shown_to("lisi")) == 1)
    assert not waiting.done()
    waiting.cancel()
    twin.faults.clear()


@pytest.mark.faults("OUT11")
async def test_a_call_limit_blocks_for_its_window(caller: Caller, twin: Twin, clock: ManualClock) -> None:
    twin.limits.limit("user/get", 2)
    codes = [(await caller.get("user/get", userid="lisi"))["errcode"] for _ in range(3)]
    clock.advance(timedelta(seconds=59))
    codes.append((await caller.get("user/get", userid="lisi"))["errcode"])
    clock.advance(timedelta(seconds=1))
    codes.append((await caller.get("user/get", userid="lisi"))["errcode"])
    assert codes == [0, 0, 45009, 45009, 0]
    twin.limits.unlimit("user/get")


async def test_a_sliding_second_need_not_block(caller: Caller, twin: Twin, clock: ManualClock) -> None:
    twin.limits.limit("message/send", 1, per=timedelta(seconds=1), block=timedelta())
    codes = []
    for _ in range(4):
        codes.append((await caller.text("lisi"))["errcode"])
        clock.advance(timedelta(milliseconds=500))
    assert codes == [0, 45009, 0, 45009]


@pytest.mark.faults("OUT12")
async def test_too_many_calls_at_once(caller: Caller, twin: Twin) -> None:
    twin.limits.concurrent = 1
    twin.faults.add("message/send", delay=timedelta(seconds=30))
    slow = asyncio.create_task(caller.text("lisi"))
    await twin.until(lambda: len(twin.shown_to("lisi")) == 1)
    assert (await caller.text("lisi"))["errcode"] == 45033
    slow.cancel()


@pytest.fixture
async def logged(clock: ManualClock, tmp_path: Path) -> AsyncIterator[tuple[Caller, Twin, Path]]:
    path = tmp_path / "judge" / "events.jsonl"
    twin = Twin(clock, log=path)
    twin.directory.add("lisi", "李四")
    async with serve(twin) as base, aiohttp.ClientSession() as session:
        caller = Caller(base, session)
        await caller.log_in()
        yield caller, twin, path


async def test_the_log_has_each_event_before_its_answer(logged: tuple[Caller, Twin, Path]) -> None:
    caller, twin, path = logged
    checked = {"enable_duplicate_check": 1}
    answer = await caller.text("lisi|nobody", **checked)
    await caller.text("lisi|nobody", **checked)
    twin.faults.add("message/send", lose_answer=True)
    with pytest.raises(aiohttp.ClientError):
        await caller.text("lisi", "另一条")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    sending = [line for line in lines if line.get("api") != "gettoken"]
    assert [line["event"] for line in sending] == [
        "request", "shown", "answer",
        "request", "suppressed", "answer",
        "request", "shown", "answer",
    ]  # fmt: skip
    assert sending[1]["userids"] == ["lisi"]
    assert sending[1]["msgid"] == sending[4]["msgid"] == answer["msgid"]
    assert [line["lost"] for line in sending if line["event"] == "answer"] == [False, False, True]
    whole = path.read_text(encoding="utf-8")
    assert caller.token not in whole
    assert "simulated-app-secret" not in whole
