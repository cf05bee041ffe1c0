from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from bot.clock import ManualClock
from bot.simulator.twin import Twin

from .conftest import Caller

LOGIN = {
    "appid": "ww00branchbot00",
    "redirect_uri": "https://bot.example.org/oauth/callback?platform=wecom",
    "response_type": "code",
    "scope": "snsapi_base",
    "state": "abc123",
    "agentid": "1000002",
}


async def test_a_browser_comes_back_with_a_code_for_its_owner(caller: Caller) -> None:
    target = await authorize(caller, headers={"X-Simulator-User": "zhangsan"})
    assert target.with_query(None) == URL("https://bot.example.org/oauth/callback")
    assert (target.query["platform"], target.query["state"]) == ("wecom", "abc123")
    answer = await caller.get("auth/getuserinfo", code=target.query["code"])
    assert (answer["errcode"], answer["userid"]) == (0, "ZhangSan")


@pytest.mark.faults("WEB5")
async def test_a_code_works_once_and_for_five_minutes(caller: Caller, clock: ManualClock) -> None:
    code = (await authorize(caller, cookies={"simulator_user": "lisi"})).query["code"]
    assert (await caller.get("auth/getuserinfo", code=code))["userid"] == "lisi"
    assert (await caller.get("auth/getuserinfo", code=code))["errcode"] == 42022
    late = (await authorize(caller, cookies={"simulator_user": "lisi"})).query["code"]
    clock.advance(timedelta(minutes=5, seconds=1))
    assert (await caller.get("auth/getuserinfo", code=late))["errcode"] == 40029
    assert (await caller.get("auth/getuserinfo", code="made-up"))["errcode"] == 40029


@pytest.mark.faults("WEB8")
async def test_strangers_get_an_openid(caller: Caller) -> None:
    for headers in ({}, {"X-Simulator-User": "nobody"}):
        code = (await authorize(caller, headers=headers)).query["code"]
        answer = await caller.get("auth/getuserinfo", code=code)
        assert answer["openid"]
        assert "userid" not in answer


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "ww-other"}, "40013"),
        ({"response_type": "token"}, "40035"),
        ({"scope": "everything"}, "40035"),
        ({"state": "a-b"}, "40035"),
        ({"state": "a" * 129}, "40035"),
        ({"redirect_uri": "//evil.example"}, "50001"),
        ({"redirect_uri": "https://evil.example/oauth"}, "50001"),
        ({"redirect_uri": "https://bot.example.org:8443/oauth"}, "50001"),
    ],
)
async def test_a_login_set_up_wrongly_ends_here(
    caller: Caller, twin: Twin, changes: dict[str, str], errcode: str
) -> None:
    twin.public_url = "https://bot.example.org/"
    url = f"{caller.base}/connect/oauth2/authorize"
    async with caller.session.get(url, params={**LOGIN, **changes}, allow_redirects=False) as answer:
        assert answer.status == 400
        assert errcode in await answer.text()


async def authorize(caller: Caller, **who: Any) -> URL:
    url = f"{caller.base}/connect/oauth2/authorize"
    async with caller.session.get(url, params=LOGIN, allow_redirects=False, **who) as answer:
        assert answer.status == 302
        return URL(answer.headers["Location"])
