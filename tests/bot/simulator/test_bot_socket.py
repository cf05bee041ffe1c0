import asyncio
import hashlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from bot.clock import ManualClock
from bot.simulator.groups import Group
from bot.simulator.twin import Twin

from .conftest import Caller

Connect = Callable[[], Awaitable["Line"]]


class Line:
    """One connection of a hand-made bot."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.asked = 0

    async def hear(self) -> Any:
        message = await self.socket.receive(timeout=5)
        assert message.type is WSMsgType.TEXT, message
        return json.loads(message.data)

    async def send(self, cmd: str, body: object = None, req_id: str = "") -> str:
        self.asked += 1
        req_id = req_id or f"r{self.asked}"
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, **({"body": body} if body is not None else {})}
        await self.socket.send_str(json.dumps(frame, ensure_ascii=False))
        return req_id

    async def ask(self, cmd: str, body: object = None, req_id: str = "") -> Any:
        req_id = await self.send(cmd, body, req_id)
        answer = await self.hear()
        assert answer["headers"]["req_id"] == req_id
        assert "cmd" not in answer
        return answer

    async def subscribe(self, secret: str = "simulated-bot-secret") -> Any:
        return await self.ask("aibot_subscribe", {"bot_id": "simulated-bot", "secret": secret})

    async def code(self, cmd: str, body: object = None, req_id: str = "") -> int:
        answer = await self.ask(cmd, body, req_id)
        return int(answer["errcode"])


@pytest.fixture
async def connect(base: str, session: aiohttp.ClientSession) -> AsyncIterator[Connect]:
    lines: list[Line] = []

    async def connected() -> Line:
        lines.append(Line(await session.ws_connect(base + "/ws", max_msg_size=0)))
        return lines[-1]

    yield connected
    for line in lines:
        await line.socket.close()


@pytest.fixture
async def line(connect: Connect) -> Line:
    line = await connect()
    assert (await line.subscribe())["errcode"] == 0
    return line


@pytest.fixture
def group(twin: Twin) -> Group:
    return twin.group("chat-1", "第一支部群", ["ZhangSan", "lisi"])


def markdown(words: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": words}}


def push(chat_id: str, words: str, chat_type: int = 2) -> dict[str, Any]:
    return {"chatid": chat_id, "chat_type": chat_type, **markdown(words)}


def stream(words: str, *, finish: bool = True, stream_id: str = "s1") -> dict[str, Any]:
    return {"msgtype": "stream", "stream": {"id": stream_id, "finish": finish, "content": words}}


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


async def test_a_stream_replaces_itself_and_ends(line: Line, group: Group) -> None:
    await group.mention("lisi", "写")
    req_id = (await line.hear())["headers"]["req_id"]
    assert await line.code("aibot_respond_msg", stream("一", finish=False), req_id) == 0
    assert await line.code("aibot_respond_msg", stream("一二", stream_id="s2"), req_id) == 846606
    assert await line.code("aibot_respond_msg", stream("一二"), req_id) == 0
    assert await line.code("aibot_respond_msg", stream("一二三"), req_id) == 846606
    assert [shown.text for shown in group.messages[1:]] == ["一二"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "好"}}, 40008),
        ({"msgtype": "stream", "stream": {}}, 40035),
        (stream("长" * 7000), 45002),
        ({"msgtype": "template_card", "template_card": {}}, 42027),
        ({"msgtype": "image", "image": {"media_id": "nothing"}}, 40007),
    ],
)
async def test_bad_answers_are_refused(line: Line, group: Group, body: dict[str, Any], errcode: int) -> None:
    await group.mention("lisi", "写")
    req_id = (await line.hear())["headers"]["req_id"]
    assert await line.code("aibot_respond_msg", body, req_id) == errcode
    assert len(group.messages) == 1


async def test_answers_need_their_question(line: Line, group: Group, clock: ManualClock) -> None:
    assert await line.code("aibot_respond_msg", stream("好"), "unknown") == 846605
    await group.mention("lisi", "写")
    req_id = (await line.hear())["headers"]["req_id"]
    assert await line.code("aibot_respond_update_msg", {}, req_id) == 846605
    clock.advance(timedelta(hours=24, seconds=1))
    assert await line.code("aibot_respond_msg", stream("好"), req_id) == 846604


async def test_nobody_is_pushed_to_before_they_spoke(line: Line, twin: Twin, group: Group) -> None:
    assert await line.code("aibot_send_msg", push("chat-1", "好")) == 846607
    assert await line.code("aibot_send_msg", push("lisi", "好", 1)) == 846607
    await group.mention("lisi", "绑定")
    await line.hear()
    assert await line.code("aibot_send_msg", push("chat-1", "**已绑定**")) == 0
    assert group.messages[-1].text == "**已绑定**"
    await twin.phone("lisi").say_to_bot("你好")
    await line.hear()
    assert await line.code("aibot_send_msg", push("LiSi", "私下说", 1)) == 0
    assert [shown.text for shown in twin.phone("lisi").bot_messages] == ["你好", "私下说"]
    assert twin.phone("lisi").app_messages == []


async def test_pushes_that_cannot_be(line: Line, twin: Twin, group: Group) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    text = {"chatid": "chat-1", "chat_type": 2, "msgtype": "text", "text": {"content": "好"}}
    assert await line.code("aibot_send_msg", text) == 40008
    assert await line.code("aibot_send_msg", push("chat-2", "好")) == 93006
    assert await line.code("aibot_send_msg", push("nobody", "好", 1)) == 93006
    assert await line.code("aibot_send_msg", push("chat-1", "好", 0)) == 0
    group.has_bot = False
    assert await line.code("aibot_send_msg", push("chat-1", "好")) == 93001
    assert not await group.mention("lisi", "在吗")


@pytest.mark.faults("OUT9")
async def test_thirty_a_minute_in_one_conversation(line: Line, twin: Twin, group: Group, clock: ManualClock) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    codes = [await line.code("aibot_send_msg", push("chat-1", f"第 {number} 条")) for number in range(31)]
    assert codes == [0] * 30 + [45009]
    clock.advance(timedelta(minutes=1))
    assert await line.code("aibot_send_msg", push("chat-1", "又一条")) == 0


async def test_a_card_is_clicked_and_updated(line: Line, twin: Twin, group: Group, button_card: dict[str, Any]) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    card = {"chatid": "chat-1", "chat_type": 2, "msgtype": "template_card", "template_card": button_card}
    assert await line.code("aibot_send_msg", card) == 0
    assert await group.click("lisi", None, "确认收到")
    frame = await line.hear()
    req_id, body = frame["headers"]["req_id"], frame["body"]
    assert frame["cmd"] == "aibot_event_callback"
    assert body["event"] == {
        "eventtype": "template_card_event",
        "template_card_event": {"card_type": "button_interaction", "event_key": "ack:12", "task_id": "n12-7f3a-1"},
    }
    assert body["from"] == {"userid": "lisi"}
    counted = {**button_card, "main_title": {"title": "#12 已确认 1 人"}}
    update = {"response_type": "update_template_card", "template_card": counted}
    assert await line.code("aibot_respond_msg", stream("好"), req_id) == 846605
    wrong = {**update, "template_card": {**counted, "task_id": "other"}}
    assert await line.code("aibot_respond_update_msg", wrong, req_id) == 846625
    assert await line.code("aibot_respond_update_msg", update, req_id) == 0
    assert "已确认 1 人" in group.messages[-1].text
    assert await line.code("aibot_respond_update_msg", update, req_id) == 846606


async def test_a_card_may_be_updated_for_one_member(
    line: Line, twin: Twin, group: Group, button_card: dict[str, Any]
) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    card = {"chatid": "chat-1", "chat_type": 2, "msgtype": "template_card", "template_card": button_card}
    await line.code("aibot_send_msg", card)
    await group.click("lisi", None, "ack:12")
    req_id = (await line.hear())["headers"]["req_id"]
    greyed = {**button_card, "replace_text": "已确认"}
    update = {"response_type": "update_template_card", "userids": ["lisi"], "template_card": greyed}
    assert await line.code("aibot_respond_update_msg", update, req_id) == 0
    shown = group.messages[-1]
    assert not shown.buttons_for("LiSi")[0].enabled
    assert shown.buttons_for("zhangsan")[0].enabled
    with pytest.raises(ValueError, match="cannot be pressed"):
        await group.click("lisi", shown, "已确认")


async def test_five_seconds_for_a_card_are_real_ones(
    line: Line, twin: Twin, group: Group, button_card: dict[str, Any], clock: ManualClock
) -> None:
    await group.mention("lisi", "绑定")
    await line.hear()
    card = {"chatid": "chat-1", "chat_type": 2, "msgtype": "template_card", "template_card": button_card}
    await line.code("aibot_send_msg", card)
    update = {"response_type": "update_template_card", "template_card": button_card}
    await group.click("lisi", None, "ack:12")
    req_id = (await line.hear())["headers"]["req_id"]
    clock.advance(timedelta(days=1))
    assert await line.code("aibot_respond_update_msg", update, req_id) == 0
    await group.click("lisi", None, "ack:12")
    req_id = (await line.hear())["headers"]["req_id"]
    twin.bot.asked[req_id].started -= 5.1
    assert await line.code("aibot_respond_update_msg", update, req_id) == 846604


async def test_a_welcome_answers_the_first_opening(line: Line, twin: Twin) -> None:
    await twin.phone("lisi").enter_bot()
    frame = await line.hear()
    assert frame["body"]["event"] == {"eventtype": "enter_chat"}
    welcome = {"msgtype": "text", "text": {"content": "您好"}}
    assert await line.code("aibot_respond_welcome_msg", markdown("您好"), frame["headers"]["req_id"]) == 40008
    assert await line.code("aibot_respond_welcome_msg", welcome, frame["headers"]["req_id"]) == 0
    assert twin.phone("lisi").bot_messages[0].text == "您好"


async def test_a_private_card_is_clicked_on_the_phone(line: Line, twin: Twin, button_card: dict[str, Any]) -> None:
    await twin.phone("lisi").say_to_bot("你好")
    req_id = (await line.hear())["headers"]["req_id"]
    card = {"msgtype": "template_card", "template_card": button_card}
    assert await line.code("aibot_respond_msg", card, req_id) == 0
    await twin.phone("lisi").click(None, "确认收到")
    body = (await line.hear())["body"]
    assert (body["chattype"], body["event"]["eventtype"]) == ("single", "template_card_event")


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


async def test_a_file_is_uploaded_in_pieces(line: Line, twin: Twin, group: Group) -> None:
    content = bytes(range(256)) * 3000
    pieces = [content[: 512 * 1024], content[512 * 1024 :]]
    first = {
        "type": "file",
        "filename": "名单.xlsx",
        "total_size": len(content),
        "total_chunks": 2,
        "md5": hashlib.md5(content).hexdigest(),
    }
    upload_id = (await line.ask("aibot_upload_media_init", first))["body"]["upload_id"]
    assert await line.code("aibot_upload_media_finish", {"upload_id": upload_id}) == 846616
    for index, piece in enumerate(pieces):
        chunk = {"upload_id": upload_id, "chunk_index": index, "base64_data": b64encode(piece).decode()}
        assert await line.code("aibot_upload_media_chunk", chunk) == 0
    media_id = (await line.ask("aibot_upload_media_finish", {"upload_id": upload_id}))["body"]["media_id"]
    assert twin.media.find(media_id, twin.clock.now()).content == content
    await group.mention("lisi", "绑定")
    await line.hear()
    body = {"chatid": "chat-1", "chat_type": 2, "msgtype": "file", "file": {"media_id": media_id}}
    assert await line.code("aibot_send_msg", body) == 0
    assert (group.messages[-1].kind, group.messages[-1].text) == ("file", "名单.xlsx")


async def test_uploads_have_their_rules(line: Line, clock: ManualClock) -> None:
    first: dict[str, Any] = {"type": "file", "filename": "a", "total_size": 9, "total_chunks": 1, "md5": ""}
    init, chunk, finish = (f"aibot_upload_media_{step}" for step in ("init", "chunk", "finish"))
    assert await line.code(init, {**first, "type": "hologram"}) == 846697
    assert await line.code(init, {**first, "total_chunks": 101}) == 846613
    assert await line.code(finish, {"upload_id": "nothing"}) == 846611
    upload_id = (await line.ask(init, first))["body"]["upload_id"]
    piece = {"upload_id": upload_id, "chunk_index": 0, "base64_data": b64encode(b"12345678").decode()}
    assert await line.code(chunk, {**piece, "chunk_index": 1}) == 846612
    assert await line.code(chunk, {**piece, "base64_data": "?"}) == 846612
    assert await line.code(chunk, {**piece, "base64_data": b64encode(bytes(512 * 1024 + 1)).decode()}) == 846613
    assert await line.code(chunk, piece) == 0
    assert await line.code(finish, {"upload_id": upload_id}) == 846616
    clock.advance(timedelta(minutes=31))
    assert await line.code(finish, {"upload_id": upload_id}) == 846611
    codes = [await line.code(init, first) for _ in range(31)]
    assert codes[-2:] == [0, 45009]


async def test_a_frame_that_is_none_ends_the_connection(line: Line) -> None:
    await line.socket.send_str("hello")
    assert (await line.socket.receive(timeout=5)).type is WSMsgType.CLOSE
