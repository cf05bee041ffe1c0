from datetime import timedelta

import aiohttp
import pytest

from bot.clock import ManualClock
from bot.simulator.twin import Twin

from .conftest import Caller

PNG = b"\x89PNG\r\n\x1a\n" + b"\r\n--boundary\r\n" * 3 + bytes(64)


async def test_departments_and_their_people(caller: Caller, twin: Twin) -> None:
    branch = twin.directory.add_department("第一支部")
    group = twin.directory.add_department("第一小组", branch)
    twin.directory.add("zhaoliu", "赵六", (branch, group))
    twin.directory.add("qianqi", "钱七", group, visible=False)
    rows = (await caller.get("department/list"))["department"]
    assert [(row["id"], row["name"], row["parentid"]) for row in rows] == [
        (1, "街道党工委", 0),
        (branch, "第一支部", 1),
        (group, "第一小组", branch),
    ]
    ids = (await caller.get("department/simplelist", id=str(branch)))["department_id"]
    assert [row["id"] for row in ids] == [branch, group]
    people = (await caller.get("user/simplelist", department_id=str(group)))["userlist"]
    assert [(row["userid"], row["name"], row["department"]) for row in people] == [("zhaoliu", "赵六", [branch, group])]


async def test_one_person_as_a_new_app_sees_them(caller: Caller, twin: Twin) -> None:
    person = await caller.get("user/get", userid="ZHANGSAN")
    assert (person["userid"], person["name"], person["status"]) == ("ZhangSan", "张三", 1)
    assert not {"mobile", "email", "avatar"} & person.keys()
    twin.directory.change("lisi", visible=False)
    assert (await caller.get("user/get", userid="lisi"))["errcode"] == 60021
    assert (await caller.get("user/get", userid="nobody"))["errcode"] == 60111
    assert (await caller.get("user/simplelist", department_id="99"))["errcode"] == 60003
    assert (await caller.get("user/simplelist"))["errcode"] == 40035


async def test_the_app_itself(caller: Caller, twin: Twin) -> None:
    twin.public_url = "https://bot.example.org"
    app = await caller.get("agent/get", agentid="1000002")
    assert app["redirect_domain"] == "bot.example.org"
    assert {"userid": "ZhangSan"} in app["allow_userinfos"]["user"]
    assert (await caller.get("agent/get", agentid="7"))["errcode"] == 301002
    assert (await caller.get("agent/get", agentid="x"))["errcode"] == 40056
    assert (await caller.get("getcallbackip"))["ip_list"] == ["127.0.0.1"]


async def test_a_medium_lives_three_days(caller: Caller, clock: ManualClock) -> None:
    uploaded = await upload(caller, "image", "合影.png", PNG)
    assert uploaded["errcode"] == 0
    url, query = f"{caller.base}/cgi-bin/media/get", {"media_id": uploaded["media_id"]}
    async with caller.session.get(url, params={**query, "access_token": caller.token}) as answer:
        assert await answer.read() == PNG
        assert answer.content_type == "image/png"
    clock.advance(timedelta(days=3, seconds=1))
    await caller.log_in()
    assert (await caller.get("media/get", **query))["errcode"] == 40007


@pytest.mark.faults("TOK8")
async def test_a_download_tells_a_dead_token_in_json(caller: Caller, twin: Twin) -> None:
    uploaded = await upload(caller, "image", "合影.png", PNG)
    twin.void_token()
    assert (await caller.get("media/get", media_id=uploaded["media_id"]))["errcode"] == 40014


async def test_a_medium_is_sent_by_its_id(caller: Caller, twin: Twin) -> None:
    media_id = (await upload(caller, "file", "学习材料.pdf", b"%PDF-1.7 ..."))["media_id"]
    body = {"touser": "lisi", "agentid": 1000002, "msgtype": "file", "file": {"media_id": media_id}}
    assert (await caller.post("message/send", body))["errcode"] == 0
    assert (twin.shown_to("lisi")[0].kind, twin.shown_to("lisi")[0].text) == ("file", "学习材料.pdf")


@pytest.mark.faults("OUT21")
@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("hologram", PNG, 40004),
        ("image", b"<svg></svg>", 40004),
        ("file", b"", 44001),
        ("file", b"12345", 40006),
        ("voice", bytes(2 * 1024 * 1024 + 1), 45001),
    ],
)
async def test_what_cannot_be_uploaded(caller: Caller, kind: str, content: bytes, errcode: int) -> None:
    assert (await upload(caller, kind, "a.bin", content))["errcode"] == errcode


async def test_an_upload_without_its_part(caller: Caller) -> None:
    assert (await caller.post("media/upload", b"plain"))["errcode"] == 44001


async def upload(caller: Caller, kind: str, filename: str, content: bytes) -> dict[str, object]:
    form = aiohttp.FormData()
    form.add_field("media", content, filename=filename, content_type="application/octet-stream")
    url, query = f"{caller.base}/cgi-bin/media/upload", {"access_token": caller.token, "type": kind}
    async with caller.session.post(url, params=query, data=form) as answer:
        read: dict[str, object] = await answer.json()
        return read
