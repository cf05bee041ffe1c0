import asyncio
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import web

from bot.simulator.envelope import Envelope
from bot.simulator.markup import document
from bot.simulator.shown import Shown
from bot.simulator.twin import Twin

from .conftest import Caller, Receiver


async def test_words_arrive_sealed_with_the_twins_time(twin: Twin, receiver: Receiver) -> None:
    assert await twin.phone("zhangsan").say("收到 ]]> 12") is None
    ((query, body),) = receiver.requests
    assert query["timestamp"] == str(int(twin.clock.now().timestamp()))
    inner = _opened(twin, query, body)
    assert inner.findtext("FromUserName") == "ZhangSan"
    assert inner.findtext("MsgType") == "text"
    assert inner.findtext("Content") == "收到 ]]> 12"
    assert inner.findtext("CreateTime") == query["timestamp"]
    assert int(inner.findtext("MsgId", "")) > 0
    assert inner.findtext("AgentID") == "1000002"
    assert [(shown.sender, shown.text) for shown in twin.shown_to("zhangsan")] == [("me", "收到 ]]> 12")]
    assert twin.callbacks[0].accepted


async def test_a_passive_reply_is_shown(twin: Twin, receiver: Receiver) -> None:
    receiver.answer = _replying(twin, "已收到，编号 Q34")
    assert await twin.phone("lisi").say("何时开会？") == "已收到，编号 Q34"
    assert [(shown.sender, shown.text) for shown in twin.shown_to("lisi")] == [
        ("me", "何时开会？"),
        ("app", "已收到，编号 Q34"),
    ]


async def test_an_unreadable_reply_shows_nothing_and_is_told(twin: Twin, receiver: Receiver) -> None:
    async def success(_: web.Request) -> web.StreamResponse:
        return web.Response(text="success")

    receiver.answer = success
    assert await twin.phone("lisi").say("在吗") is None
    assert len(twin.shown_to("lisi")) == 1
    assert "unreadable" in twin.callbacks[0].errors[0]


@pytest.mark.faults("CB1")
async def test_three_tries_of_the_same_message_when_no_answer_comes(twin: Twin, receiver: Receiver) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    receiver.answer = cut
    assert await twin.phone("lisi").say("在吗") is None
    (callback,) = twin.callbacks
    assert (callback.attempts, callback.statuses, callback.accepted) == (3, [0, 0, 0], False)
    plain = {ElementTree.tostring(_opened(twin, *request)) for request in receiver.requests}
    assert len(plain) == 1
    assert len({query["nonce"] for query, _ in receiver.requests}) == 3


async def test_a_late_answer_counts_as_none(twin: Twin, receiver: Receiver) -> None:
    released = asyncio.Event()

    async def late(_: web.Request) -> web.StreamResponse:
        if len(receiver.requests) == 1:
            await released.wait()
        return web.Response()

    receiver.answer = late
    twin.app.answer_within = timedelta(milliseconds=50)
    await twin.phone("lisi").say("在吗")
    released.set()
    assert twin.callbacks[0].statuses == [0, 200]


async def test_an_error_status_is_tried_again(twin: Twin, receiver: Receiver) -> None:
    async def failing(_: web.Request) -> web.StreamResponse:
        return web.Response(status=500 if len(receiver.requests) < 3 else 200)

    receiver.answer = failing
    twin.app.pause_between = timedelta(milliseconds=5)
    await twin.phone("lisi").enter()
    assert twin.callbacks[0].statuses == [500, 500, 200]


@pytest.mark.faults("CB1", "CB2")
@pytest.mark.parametrize("at_once", [False, True])
async def test_copies_carry_the_same_message(twin: Twin, receiver: Receiver, at_once: bool) -> None:
    receiver.answer = _replying(twin, "好")
    assert await twin.phone("lisi").say("在吗", repeat=3, at_once=at_once) == "好"
    ids = [_opened(twin, *request).findtext("MsgId") for request in receiver.requests]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    assert twin.callbacks[0].replies == ["好", "好", "好"]
    assert [shown.text for shown in twin.shown_to("lisi")] == ["在吗", "好"]


async def test_a_click_names_card_and_key(
    caller: Caller, twin: Twin, receiver: Receiver, button_card: dict[str, Any]
) -> None:
    await caller.card("lisi", button_card)
    await twin.phone("lisi").click(None, "ack:12")
    inner = _opened(twin, *receiver.requests[0])
    fields = ("MsgType", "Event", "EventKey", "TaskId", "CardType")
    assert [inner.findtext(name) for name in fields] == [
        "event",
        "template_card_event",
        "ack:12",
        "n12-7f3a-1",
        "button_interaction",
    ]
    assert inner.findtext("ResponseCode")
    assert inner.find("SelectedItems") is None


async def test_chosen_options_and_the_corner_menu(
    caller: Caller, twin: Twin, receiver: Receiver, button_card: dict[str, Any]
) -> None:
    button_card["action_menu"] = {"desc": "更多", "action_list": [{"text": "请假", "key": "excuse:12"}]}
    await caller.card("lisi", button_card)
    (shown,) = twin.shown_to("lisi")
    await twin.app.click("lisi", shown, "ack:12", selected={"q1": ["a", "b"]})
    await twin.app.click("lisi", shown, "excuse:12")
    chosen, menu = (_opened(twin, *request) for request in receiver.requests)
    assert [option.text for option in chosen.iter("OptionId")] == ["a", "b"]
    assert chosen.findtext("SelectedItems/SelectedItem/QuestionKey") == "q1"
    assert menu.findtext("Event") == "template_card_menu_event"


async def test_only_the_apps_cards_can_be_clicked(twin: Twin, receiver: Receiver) -> None:
    await twin.phone("lisi").say("在吗")
    shown: Shown = twin.shown_to("lisi")[0]
    with pytest.raises(ValueError, match="only a card"):
        await twin.app.click("lisi", shown, "ack:12")
    with pytest.raises(LookupError):
        await twin.phone("lisi").click(None, "确认收到")


async def test_events_and_media_have_their_own_fields(twin: Twin, receiver: Receiver) -> None:
    await twin.phone("lisi").enter()
    await twin.phone("lisi").send("location")
    await twin.app.event("inactive_alert", EffectTime=1790000000)
    await twin.app.event("change_contact", ChangeType="delete_user", UserID="lisi")
    entered, located, alert, left = (_opened(twin, *request) for request in receiver.requests)
    assert entered.findtext("Event") == "enter_agent"
    assert located.findtext("Location_X") == "31.2304"
    assert (alert.findtext("FromUserName"), alert.findtext("EffectTime")) == ("sys", "1790000000")
    assert left.findtext("ChangeType") == "delete_user"


async def test_any_plaintext_can_be_pushed(twin: Twin, receiver: Receiver) -> None:
    await twin.app.push("<xml><MsgType>hologram</MsgType></xml>")
    assert _opened(twin, *receiver.requests[0]).findtext("MsgType") == "hologram"


async def test_the_console_checks_the_address(twin: Twin, receiver: Receiver) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        query = request.query
        parts = {
            "Encrypt": query["echostr"],
            "MsgSignature": query["msg_signature"],
            "TimeStamp": query["timestamp"],
            "Nonce": query["nonce"],
        }
        return web.Response(text=twin.app.envelope.open(document(parts).encode()))

    receiver.answer = echo
    assert await twin.app.verify("echo-5566") == (200, b"echo-5566")


async def test_without_an_address_nothing_can_be_said(twin: Twin) -> None:
    with pytest.raises(RuntimeError, match="callback_url"):
        await twin.phone("lisi").say("在吗")
    await twin.close()


def _opened(twin: Twin, query: dict[str, str], body: bytes) -> ElementTree.Element:
    """The plaintext of a callback, its signature checked."""
    parts = {
        "Encrypt": ElementTree.fromstring(body).findtext("Encrypt", ""),
        "MsgSignature": query["msg_signature"],
        "TimeStamp": query["timestamp"],
        "Nonce": query["nonce"],
    }
    return ElementTree.fromstring(Envelope(twin.corp).open(document(parts).encode()))


def _replying(twin: Twin, words: str) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        timestamp = request.query["timestamp"]
        inner = document({"ToUserName": "lisi", "CreateTime": 1790000000, "MsgType": "text", "Content": words})
        cipher, signature = Envelope(twin.corp).encrypt(inner, timestamp, "n1")
        parts = {"Encrypt": cipher, "MsgSignature": signature, "TimeStamp": int(timestamp), "Nonce": "n1"}
        return web.Response(text=document(parts), content_type="text/xml")

    return answer
