from datetime import timedelta
from typing import Any

import pytest

from bot.simulator.twin import Twin

from .conftest import Caller, Receiver


async def test_faults_are_set_from_another_process(caller: Caller, twin: Twin) -> None:
    assert await switch(caller, "faults", {"api": "message/send", "times": 2, "errcode": -1, "delay": 0.01}) == 200
    assert (await caller.text("lisi"))["errcode"] == -1
    async with caller.session.delete(f"{caller.base}/control/faults") as answer:
        assert answer.status == 200
    assert (await caller.text("lisi"))["errcode"] == 0
    assert await switch(caller, "void-token", {}) == 200
    assert (await caller.text("lisi"))["errcode"] == 40014


async def test_people_and_the_callback_are_set(caller: Caller, twin: Twin, receiver: Receiver) -> None:
    twin.callback_url = None
    assert await switch(caller, "callback", {"url": receiver.url}) == 200
    assert await switch(caller, "people", {"userid": "zhaoliu", "name": "赵六"}) == 200
    assert (await caller.text("zhaoliu"))["invaliduser"] == ""
    await twin.phone("zhaoliu").say("收到")
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(("what", "body"), [("faults", {"nonsense": 1}), ("people", {}), ("callback", {})])
async def test_what_cannot_be_set_is_told(caller: Caller, what: str, body: dict[str, Any]) -> None:
    assert await switch(caller, what, body) == 400


async def test_every_answer_may_take_its_time(caller: Caller, twin: Twin) -> None:
    twin.latency = timedelta(milliseconds=20)
    assert (await caller.text("lisi"))["errcode"] == 0


async def switch(caller: Caller, what: str, body: dict[str, Any]) -> int:
    async with caller.session.post(f"{caller.base}/control/{what}", json=body) as answer:
        return answer.status
