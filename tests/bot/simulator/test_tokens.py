from datetime import timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from bot.clock import ManualClock
from bot.simulator.twin import Twin

from .conftest import Caller


async def test_a_token_lives_two_hours_of_the_twins_clock(caller: Caller, clock: ManualClock) -> None:
    assert (await caller.text("lisi"))["errcode"] == 0
    clock.advance(timedelta(hours=2))
    assert (await caller.text("lisi", "again"))["errcode"] == 42001


async def test_the_same_token_is_given_until_its_end(caller: Caller, clock: ManualClock) -> None:
    first = caller.token
    clock.advance(timedelta(hours=1))
    answer = await caller.log_in()
    assert (answer["access_token"], answer["expires_in"]) == (first, 3600)


@pytest.mark.faults("TOK7")
async def test_a_token_may_be_voided_early(caller: Caller, twin: Twin) -> None:
    twin.void_token()
    assert (await caller.text("lisi"))["errcode"] == 40014
    await caller.log_in()
    assert (await caller.text("lisi"))["errcode"] == 0


@pytest.mark.parametrize(("query", "errcode"), [({"corpsecret": "wrong"}, 40001), ({"corpid": "ww-other"}, 40013)])
async def test_wrong_credentials_are_refused(caller: Caller, query: dict[str, str], errcode: int) -> None:
    assert (await caller.log_in(**query))["errcode"] == errcode


async def test_a_call_without_a_token_is_refused(base: str, session: aiohttp.ClientSession) -> None:
    assert (await Caller(base, session).get("user/get", userid="lisi"))["errcode"] == 41001


async def test_every_answer_carries_the_twins_time(
    base: str, session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    for path in ("/cgi-bin/gettoken", "/page/state", "/nowhere"):
        async with session.get(base + path) as answer:
            assert parsedate_to_datetime(answer.headers["Date"]) == clock.now()


async def test_secrets_and_tokens_are_not_recorded(caller: Caller, twin: Twin) -> None:
    await caller.text("lisi")
    assert all(caller.token not in str(request.query) for request in twin.requests)
    assert all("simulated-app-secret" not in str(request.query) for request in twin.requests)
