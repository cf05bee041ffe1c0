import asyncio
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import WSMsgType

from bot.simulator.groups import Group
from bot.simulator.twin import Twin

from .conftest import Caller, Connect, Line, push, stream


async def test_a_wrong_secret_is_refused(connect: Connect, twin: Twin) -> None:
    line = await connect()
    assert (await line.subscribe("wrong"))["errcode"] == 853000
    assert await line.code("aibot_send_msg", push("chat-1", "好")) == 846609
    assert await line.code("ping") == 846609
    assert not twin.bot.connected
    assert all(b"wrong" not in request.body for request in twin.requests)


async def test_pings_are_answered(line: Line, twin: Twin) -> None:
    assert await line.ask("ping") == {"headers": {"req_id": "r2"}, "errcode": 0, "errmsg": "ok"}
    twin.bot.silent_pings = True
    await line.send("ping")
    assert await line.code("aibot_nonsense") == 846610


async def test_a_mention_reaches_the_bot_and_its_answer_the_group(line: Line, twin: Twin, group: Group) -> None:
    assert await group.mention("zhangsan", "/notice 周五开会")
    frame = await line.hear()
    body = frame["body"]
    assert frame["cmd"] == "aibot_msg_callback"
    assert body["text"] == {"content": "@支部助手 /notice 周五开会"}
    assert (body["chatid"], body["chattype"], body["from"]) == ("chat-1", "group", {"userid": "ZhangSan"})
    assert body["msgid"]
    assert await line.code("aibot_respond_msg", stream("写好了"), frame["headers"]["req_id"]) == 0
    assert [(shown.sender, shown.text) for shown in group.messages] == [
        ("member", "@支部助手 /notice 周五开会"),
        ("bot", "写好了"),
    ]


async def test_words_without_a_mention_are_not_heard(line: Line, group: Group, twin: Twin) -> None:
    await group.say("lisi", "大家好")
    await group.mention("lisi", "你好")
    assert (await line.hear())["body"]["text"]["content"] == "@支部助手 你好"
    assert len(group.messages) == 2


@pytest.mark.faults("CB30", "CB31")
async def test_a_newer_connection_kicks_the_old(line: Line, connect: Connect, twin: Twin, group: Group) -> None:
    newer = await connect()
    await newer.subscribe()
    assert (await line.hear())["body"]["event"] == {"eventtype": "disconnected_event"}
    assert (await line.socket.receive(timeout=5)).type is WSMsgType.CLOSE
    assert twin.bot.kicks == 1
    assert await group.mention("lisi", "你好")
    assert (await newer.hear())["cmd"] == "aibot_msg_callback"


@pytest.mark.faults("CB32")
async def test_what_is_said_while_nobody_listens_is_lost(
    line: Line, connect: Connect, twin: Twin, group: Group
) -> None:
    closing = asyncio.create_task(twin.bot.disconnect())
    closed = await line.socket.receive(timeout=5)
    assert (closed.type, closed.data) == (WSMsgType.CLOSE, 1000)
    await closing
    assert not await group.mention("lisi", "在吗")
    again = await connect()
    await again.subscribe()
    await group.mention("lisi", "回来了")
    assert (await again.hear())["body"]["text"]["content"].endswith("回来了")


async def test_a_connection_breaks_without_a_word(line: Line, twin: Twin) -> None:
    twin.bot.cut()
    message = await line.socket.receive(timeout=5)
    assert message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR)
    await twin.until(lambda: not twin.bot.connected)


async def test_connections_and_subscriptions_may_be_refused(connect: Connect, twin: Twin) -> None:
    twin.bot.subscribe_errcode = 846601
    assert (await (await connect()).subscribe())["errcode"] == 846601
    twin.bot.refuse = True
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await connect()


async def test_acks_may_be_lost_while_commands_work(line: Line, twin: Twin, group: Group) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    twin.bot.silent_acks = True
    await line.send("aibot_send_msg", push("chat-1", "悄悄的"))
    assert await line.code("ping") == 0
    assert group.messages[-1].text == "悄悄的"


async def test_faults_are_set_by_command(line: Line, twin: Twin, group: Group) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    twin.faults.add("aibot_send_msg", errcode=45009)
    assert await line.code("aibot_send_msg", push("chat-1", "一")) == 45009
    twin.faults.add("aibot_send_msg", delay=timedelta(milliseconds=20))
    late = await line.send("aibot_send_msg", push("chat-1", "二"))
    assert await line.code("ping") == 0
    assert (await line.hear())["headers"]["req_id"] == late
    twin.faults.add("aibot_send_msg", lose_answer=True)
    await line.send("aibot_send_msg", push("chat-1", "三"))
    assert (await line.socket.receive(timeout=5)).type is not WSMsgType.TEXT
    assert [shown.text for shown in group.messages[1:]] == ["二", "三"]
    assert [request.errcode for request in twin.requests_to("aibot_send_msg")] == [45009, 0, 0]


async def test_senders_may_be_encrypted(line: Line, twin: Twin, group: Group, caller: Caller) -> None:
    twin.bot.encrypted_ids = True
    await group.mention("zhangsan", "绑定")
    sender = (await line.hear())["body"]["from"]["userid"]
    assert sender.startswith("wo")
    answer = await caller.post("batch/openuserid_to_userid", {"open_userid_list": [sender, "wo-unknown"]})
    assert answer["userid_list"] == [{"open_userid": sender, "userid": "ZhangSan"}]
    assert answer["invalid_open_userid_list"] == ["wo-unknown"]


async def test_a_frame_that_is_none_ends_the_connection(line: Line) -> None:
    await line.socket.send_str("hello")
    assert (await line.socket.receive(timeout=5)).type is WSMsgType.CLOSE
