"""The directory, logins, files and doctor's questions."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from bot.clock import ManualClock
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.platforms.base import DirectoryDepartment, DirectoryMember
from bot.platforms.wecom.platform import WeCom
from bot.simulator.contacts import open_userid
from bot.simulator.twin import Twin
from bot.update import Medium
from tests.bot.platforms.wecom.standins import Stub, settings

MEDIUM, MOST = Medium("file", "m"), 1000
FAILURES = (SendLater, SendRefused, SendDoubtful)


async def test_everybody_of_every_department(twin: Twin, wecom: WeCom) -> None:
    first = twin.directory.add_department("第一支部")
    group = twin.directory.add_department("党小组", parent_id=first)
    twin.directory.add("wangwu", "王五", first)
    twin.directory.add("zhaoliu", "赵六", group)
    departments = await wecom.departments()
    assert DirectoryDepartment(group, "党小组", first) in departments
    assert {one.parent_id for one in departments} - {one.id for one in departments} == {0}
    members = await wecom.members()
    assert {one.user_id for one in members} == {"zhangsan", "LiSi", "wangwu", "zhaoliu"}
    assert DirectoryMember("zhaoliu", "赵六", (group,)) in members


def directory(stub: Stub, departments: list[Any], **users: Any) -> None:
    async def simplelist(request: web.Request) -> web.StreamResponse:
        return web.json_response(users[f"d{request.query['department_id']}"])

    stub.answers["department/list"] = [{"errcode": 0, "department": departments}]
    stub.answers["user/simplelist"] = [simplelist]
    stub.answers["agent/get"] = [{"errcode": 0, "name": "支部助手", "allow_partys": {"partyid": [1]}}]


ROOT, BRANCH = {"id": 1, "name": "街道", "parentid": 0}, {"id": 2, "name": "一支部", "parentid": 1}


def person(user_id: str, *departments: int) -> dict[str, Any]:
    return {"userid": user_id, "name": "某某", "department": list(departments)}


async def test_somebody_of_two_departments_comes_once(stub: Stub, stubbed: WeCom) -> None:
    both = [person("LiSi", 1)], [person("lisi", 2), person("wangwu", 2)]
    users = {f"d{n}": {"errcode": 0, "userlist": rows} for n, rows in enumerate(both, 1)}
    directory(stub, [ROOT, BRANCH], **users)
    assert [(one.user_id, one.departments) for one in await stubbed.members()] == [("LiSi", (1, 2)), ("wangwu", (2,))]


async def test_members_that_are_named_themselves(stub: Stub, stubbed: WeCom) -> None:
    directory(stub, [])
    named = {"user": [{"userid": "a"}, {"userid": "b"}]}
    stub.answers["agent/get"] = [{"errcode": 0, "allow_userinfos": named, "allow_partys": {"partyid": []}}]
    stub.answers["user/get"] = [{"errcode": 0, **person(one, 7)} for one in "ab"]
    assert await stubbed.departments() == []
    assert [one.user_id for one in await stubbed.members()] == ["a", "b"]


@pytest.mark.parametrize(
    "second",
    [
        {"errcode": 60011, "errmsg": "no privilege"},
        {"errcode": 45009, "errmsg": "too fast"},
        {"errcode": -1, "errmsg": "busy"},
        {"errcode": 0},
        {"errcode": 0, "userlist": None},
        {"errcode": 0, "userlist": [None]},
        {"errcode": 0, "userlist": [{"name": "无名"}]},
        {"errcode": 0, "userlist": [{"userid": "c", "name": "c", "department": ["2"]}]},
        {"errcode": 0, "userlist": [{"userid": "c", "name": "c", "department": 2}]},
        {},
    ],
)
async def test_never_a_part_of_the_roster(stub: Stub, stubbed: WeCom, second: dict[str, Any]) -> None:
    directory(stub, [ROOT, BRANCH], d1={"errcode": 0, "userlist": [person("a", 1)]}, d2=second)
    with pytest.raises(FAILURES):
        await stubbed.members()


async def test_never_nobody(stub: Stub, stubbed: WeCom) -> None:
    directory(stub, [ROOT], d1={"errcode": 0, "userlist": []})
    with pytest.raises(SendDoubtful):
        await stubbed.members()
    directory(stub, [])
    with pytest.raises(SendDoubtful):
        await stubbed.departments()


async def test_encrypted_ids_are_converted_once(twin: Twin, wecom: WeCom) -> None:
    known = [open_userid("zhangsan"), open_userid("LiSi")]
    asked = [*known, "woAAAAstranger", known[0]]
    assert await wecom.convert(asked) == {known[0]: "zhangsan", known[1]: "LiSi"}
    assert await wecom.convert(known) == {known[0]: "zhangsan", known[1]: "LiSi"}
    assert len(twin.requests_to("batch/openuserid_to_userid")) == 1
    assert await wecom.convert([]) == {}
    await wecom.convert([f"woAAAA{n}" for n in range(1001)])
    assert len(twin.requests_to("batch/openuserid_to_userid")) == 3


async def authorize(url: str, userid: str) -> dict[str, str]:
    """What comes back with the browser."""
    who = {"X-Simulator-User": userid}
    async with aiohttp.ClientSession(headers=who) as session, session.get(url, allow_redirects=False) as answer:
        target = answer.headers["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


async def test_a_member_logs_in_once_per_code(wecom: WeCom) -> None:
    back = await authorize(wecom.login_url("state42", "https://bot.example.org/login?next=1"), "LiSi")
    assert back["state"] == "state42"
    assert await wecom.who(back["code"]) == "LiSi"
    assert await wecom.who(back["code"]) is None


async def test_a_stranger_is_nobody(wecom: WeCom) -> None:
    back = await authorize(wecom.login_url("s", "https://bot.example.org/login"), "")
    assert await wecom.who(back["code"]) is None


@pytest.mark.parametrize("code", ["", "x" * 513, "a b", "党", "a\n", "made-up"])
async def test_codes_that_are_none(wecom: WeCom, code: str) -> None:
    assert await wecom.who(code) is None


@pytest.mark.parametrize(
    ("answer", "user_id"),
    [
        ({"errcode": 0, "userid": "a"}, "a"),
        ({"errcode": 0, "UserId": "a"}, "a"),
        ({"errcode": 0, "openid": "o"}, None),
        ({"errcode": 0, "userid": ""}, None),
        ({"errcode": 40029}, None),
        ({"errcode": 42022}, None),
    ],
)
async def test_both_spellings(stub: Stub, stubbed: WeCom, answer: dict[str, Any], user_id: str | None) -> None:
    stub.answers["auth/getuserinfo"] = [answer]
    assert await stubbed.who("code") == user_id


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": -1}, SendLater),
        ({"errcode": 48002}, SendLater),
        ({"errcode": 987654}, SendDoubtful),
        ({"errcode": 40035}, SendRefused),
        (web.Response(status=502), SendDoubtful),
    ],
)
async def test_a_login_that_cannot_be_decided(stub: Stub, stubbed: WeCom, answer: Any, error: type[Exception]) -> None:
    stub.answers["auth/getuserinfo"] = [answer]
    with pytest.raises(error):
        await stubbed.who("code")


async def test_questions_fail_in_the_same_three_ways(twin: Twin, wecom: WeCom, clock: ManualClock) -> None:
    twin.faults.add("batch/openuserid_to_userid", lose_answer=True)
    with pytest.raises(SendDoubtful, match="no_answer"):
        await wecom.convert(["woAAAA"])
    twin.void_token()
    twin.faults.add("gettoken", errcode=40001)
    with pytest.raises(SendLater, match="secret") as held:
        await wecom.convert(["woAAAA"])
    assert (held.value.hold, held.value.counted) == (True, False)
    unreachable = WeCom(settings("http://127.0.0.1:1"), clock)
    with pytest.raises(SendLater, match="network") as down:
        await unreachable.members()
    assert (down.value.hold, down.value.counted) == (False, False)
    await unreachable.close()


async def test_the_server_goes_away_between_token_and_question(stub: Stub, stubbed: WeCom) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    stub.answers["media/upload"] = [cut, {"errcode": 0}]
    for _ in range(2):
        with pytest.raises(SendDoubtful):
            await stubbed.upload("file", "a.txt", b"123456")


@pytest.mark.parametrize("state", ["", "a-b", "x" * 129, "党"])
def test_states_that_would_be_lost(wecom: WeCom, state: str) -> None:
    with pytest.raises(ValueError):
        wecom.login_url(state, "https://bot.example.org/")


def test_the_login_address(wecom: WeCom) -> None:
    url = wecom.login_url("s", "https://bot.example.org/a?b=c&d=党")
    assert url.endswith("#wechat_redirect")
    assert parse_qs(urlsplit(url).query) == {
        "appid": ["ww00branchbot00"],
        "redirect_uri": ["https://bot.example.org/a?b=c&d=党"],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["s"],
        "agentid": ["1000002"],
    }


async def test_files_there_and_back(twin: Twin, wecom: WeCom) -> None:
    await wecom.departments()
    twin.void_token()
    media_id = await wecom.upload("file", '名\n单"/.xlsx', b"PK\x03\x04 rows")
    fetched = await wecom.download(Medium("file", media_id), MOST)
    assert (fetched.content, fetched.name) == (b"PK\x03\x04 rows", "名_单__.xlsx")
    with pytest.raises(SendRefused, match="media_size"):
        await wecom.download(Medium("file", media_id), 7)
    medium = twin.media.find(media_id, twin.clock.now())
    assert medium.filename == "名_单__.xlsx"
    assert twin.tokens.issued == 2


@pytest.mark.faults("OUT21")
@pytest.mark.parametrize(("kind", "size"), [("file", 5), ("voice", 2 * 2**20 + 1), ("image", 0)])
async def test_files_that_wecom_would_not_take(wecom: WeCom, kind: str, size: int) -> None:
    with pytest.raises(SendRefused):
        await wecom.upload(kind, "x", b"x" * size)


@pytest.mark.faults("TOK8", "OUT20")
async def test_an_error_is_no_file(stub: Stub, stubbed: WeCom) -> None:
    stub.answers["media/get"] = [{"errcode": 42001, "errmsg": "expired"}, web.Response(body=b"\x00file")]
    assert (await stubbed.download(MEDIUM, MOST)).content == b"\x00file"
    stub.answers["media/get"] = [web.Response(text='{"errcode":40007,"errmsg":"gone"}', content_type="text/plain")]
    with pytest.raises(SendRefused, match="media_gone"):
        await stubbed.download(MEDIUM, MOST)
    stub.answers["media/get"] = [web.Response(status=500, body=b"oops")]
    with pytest.raises(SendDoubtful):
        await stubbed.download(MEDIUM, MOST)


async def test_json_that_a_member_sent_is_a_file(stub: Stub, stubbed: WeCom) -> None:
    body = b'{"errcode": 0, "mine": true}'
    stub.answers["media/get"] = [web.Response(body=body, content_type="application/octet-stream")]
    assert (await stubbed.download(MEDIUM, MOST)).content == body


async def test_doctor_is_content(twin: Twin, wecom: WeCom) -> None:
    assert [(one.ok, one.key, one.params) for one in await wecom.check()] == [
        (True, "wecom_token", {}),
        (True, "wecom_clock", {"seconds": 0}),
        (True, "wecom_agent", {"name": "支部助手"}),
        (True, "wecom_range", {"users": 2, "departments": 0, "tags": 0}),
        (True, "wecom_domain", {"domain": "bot.example.org"}),
    ]


async def test_doctor_finds_the_address_to_trust(twin: Twin, wecom: WeCom) -> None:
    twin.faults.add("gettoken", errcode=60020, errmsg="not allow, from ip: 203.0.113.7")
    assert [(one.ok, one.key, one.params) for one in await wecom.check()] == [
        (False, "wecom_token_failed", {"reason": "address_not_trusted", "detail": "203.0.113.7"})
    ]


@pytest.mark.faults("OUT15")
async def test_doctor_finds_what_is_not_set_up(stub: Stub, stubbed: WeCom, clock: ManualClock) -> None:
    stub.answers["agent/get"] = [
        {"errcode": 0, "name": "助手", "close": 1, "allow_userinfos": None, "redirect_domain": ""},
        {"errcode": 301002, "errmsg": "not your agent"},
    ]
    keys = [(one.ok, one.key) for one in await stubbed.check()]
    assert keys[2:] == [(False, "wecom_agent_closed"), (False, "wecom_range_empty"), (False, "wecom_domain_empty")]
    assert (await stubbed.check())[-1].params == {"reason": "corp_or_agent"}
