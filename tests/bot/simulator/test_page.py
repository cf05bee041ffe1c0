import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.clock import ManualClock
from bot.simulator.twin import Twin

from .conftest import Caller, Receiver


async def test_the_state_names_phones_and_group(caller: Caller, twin: Twin, button_card: dict[str, Any]) -> None:
    twin.show_on_page("lisi", "党员")
    twin.group("chat-1", "第一支部群", ["lisi"])
    await caller.card("lisi", button_card)
    await caller.text("lisi", '请看<a href="https://bot.example.org/i/1">全文</a>')
    state = await get(caller, "state?since=0")
    assert state["now"] == "2026-11-23T09:00:00+08:00"
    assert state["clock_movable"] is False
    assert state["version"] == twin.changes.version > 0
    assert state["group"] == {"id": "chat-1", "name": "第一支部群", "messages": []}
    (phone,) = state["phones"]
    assert (phone["userid"], phone["name"], phone["role"]) == ("lisi", "李四", "党员")
    card, text = phone["messages"]
    assert (card["sender"], card["sender_name"], card["kind"]) == ("app", "支部助手", "card")
    assert (card["title"], card["subtitle"]) == ("#12 关于召开支部大会的通知", "请于 11月30日 18:00 前确认")
    assert (card["source"], card["fields"]) == ("第一支部", [["地点", "三楼会议室"]])
    assert card["url"] == "https://bot.example.org/i/abc"
    assert card["buttons"] == [
        {"text": "确认收到", "key": "ack:12", "url": "", "enabled": True, "primary": True},
        {"text": "查看全文", "key": "", "url": "https://bot.example.org/i/abc", "enabled": True, "primary": False},
    ]
    assert text["text"].startswith("请看<a href=")
    assert (card["recalled"], card["at"]) == (False, "2026-11-23T01:00:00+00:00")


async def test_people_speak_and_press_through_the_page(
    caller: Caller, twin: Twin, receiver: Receiver, button_card: dict[str, Any]
) -> None:
    await caller.card("lisi", button_card)
    (shown,) = twin.shown_to("lisi")
    assert await post(caller, "say", {"userid": "lisi", "text": "收到 12"}) == (200, {"ok": True})
    click = {"where": "phone", "userid": "lisi", "message": shown.id, "key": "ack:12"}
    assert await post(caller, "click", click) == (200, {"ok": True})
    assert ["收到 12" in callback.plaintext for callback in twin.callbacks] == [True, False]
    assert "ack:12" in twin.callbacks[1].plaintext
    twin.group("chat-1", "第一支部群")
    assert await post(caller, "mention", {"userid": "lisi", "text": "你好"}) == (200, {"ok": True})
    (message,) = (await get(caller, "state"))["group"]["messages"]
    assert (message["sender"], message["sender_name"], message["text"]) == ("other", "李四", "@支部助手 你好")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("say", {"userid": "nobody", "text": "好"}),
        ("say", {"userid": "lisi", "text": " "}),
        ("say", {"userid": "lisi", "text": "没有地址"}),
        ("say", []),
        ("mention", {"userid": "lisi", "text": "没有群"}),
        ("click", {"where": "phone", "userid": "lisi", "message": "99", "key": "k"}),
        ("click", {"where": "group", "userid": "lisi", "message": "99", "key": "k"}),
        ("click", {"userid": "lisi"}),
        ("clock", {"hours": 1}),
    ],
)
async def test_what_cannot_be_done_is_told(caller: Caller, what: str, body: object) -> None:
    status, answer = await post(caller, what, body)
    assert status == 400
    assert answer["error"]


@pytest.mark.faults("WEB9")
async def test_a_foreign_page_cannot_speak_for_people(caller: Caller, twin: Twin, receiver: Receiver) -> None:
    body = json.dumps({"userid": "lisi", "text": "收到 12"})
    async with caller.session.post(f"{caller.base}/page/say", data=body) as answer:
        assert answer.status == 400
    assert twin.callbacks == []


async def test_the_page_moves_the_clock_forward(caller: Caller, twin: Twin, clock: ManualClock) -> None:
    before = clock.now()
    twin.move_clock = clock.advance
    assert (await post(caller, "clock", {"hours": 24}))[0] == 200
    assert clock.now() - before == timedelta(hours=24)
    assert (await get(caller, "state"))["clock_movable"] is True
    for hours in (-1, 0, 1e9, "nan", "viel"):
        assert (await post(caller, "clock", {"hours": hours}))[0] == 400


async def test_each_change_is_told(caller: Caller, twin: Twin) -> None:
    async with caller.session.get(f"{caller.base}/page/events") as stream:
        assert stream.content_type == "text/event-stream"
        first = await version(stream)
        await caller.text("lisi")
        assert await version(stream) > first
        twin.changes.close()
        rest = await stream.content.read()
        assert rest.count(b"data:") <= 1


async def test_only_the_pages_own_files_are_served(caller: Caller) -> None:
    for path in ("..%2Fpage_api.py", "page_api.py", "nothing.css", ".css"):
        async with caller.session.get(f"{caller.base}/assets/{path}") as answer:
            assert answer.status == 404


async def get(caller: Caller, path: str) -> Any:
    async with caller.session.get(f"{caller.base}/page/{path}") as answer:
        return await answer.json()


async def post(caller: Caller, path: str, body: object) -> tuple[int, Any]:
    async with caller.session.post(f"{caller.base}/page/{path}", json=body) as answer:
        return answer.status, await answer.json()


async def version(stream: aiohttp.ClientResponse) -> int:
    line = await stream.content.readline()
    await stream.content.readline()
    return int(json.loads(line.removeprefix(b"data: "))["version"])
