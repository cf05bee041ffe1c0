import hashlib
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.simulator.groups import Group
from bot.simulator.twin import Twin

from .conftest import Line, markdown, push, stream


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
