"""What leaves, and what each answer of the platform means for it."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.message import Button, Card, CardUpdate, Recall, Text
from bot.platforms.base import Request, Verdict
from bot.platforms.wecom_bot.frames import Frame
from bot.platforms.wecom_bot.platform import WeComBot
from bot.platforms.wecom_bot.replies import Replies
from tests.bot.platforms.wecom_bot.desk import START, Desk, desk, paced, until
from tests.bot.platforms.wecom_bot.far_side import FarSide, Line, call, payload

GROUP, PERSON = "chat:wrkSFfCgAA-party-group-01", "user:zhangsan"
CARD = Card(
    "#12 主题党日", url="https://bot.example.org/i/12", buttons=(Button("确认收到", action="ack:12", primary=True),)
)


async def ask(d: Desk, line: Line, name: str = "text_group") -> str:
    """Somebody tells the bot something; its request id."""
    await line.push(payload(name))
    return (await d.heard()).reply_to


def reply(bot: WeComBot, req_id: str, chat: str = GROUP, ref: str = "m-7") -> Request:
    return bot.compose_reply(Text("已收到，编号 Q34"), chat, req_id, ref)


@pytest.mark.parametrize(("recipient", "chat_id", "chat_type"), [(GROUP, GROUP[5:], 2), (PERSON, "zhangsan", 1)])
async def test_a_message_names_its_chat_and_the_kind_of_it(
    far: FarSide, recipient: str, chat_id: str, chat_type: int
) -> None:
    async with desk(far) as d:
        line = await d.line()
        request = d.bot.compose(Text("周五开会"), [recipient], "m-1")
        outcome = await d.bot.deliver(request)
        frame = await call(line)
    assert outcome.verdict is Verdict.ACCEPTED
    assert request.api == frame["cmd"] == "aibot_send_msg"
    expected = {"chatid": chat_id, "chat_type": chat_type, "msgtype": "markdown", "markdown": {"content": "周五开会"}}
    assert frame["body"] == json.loads(request.body) == expected


async def test_the_same_message_freezes_to_the_same_bytes(far: FarSide) -> None:
    async with desk(far) as d:
        first, second = (d.bot.compose(CARD, [GROUP], "m-1") for _ in range(2))
        assert first == second
        assert "主题党日".encode() in first.body


@pytest.mark.parametrize("recipient", ["zhangsan", "chat:", "user:", "", "@all"])
async def test_a_recipient_has_a_kind(far: FarSide, recipient: str) -> None:
    async with desk(far) as d:
        with pytest.raises(ValueError, match="recipient of the group bot"):
            d.bot.compose(Text("好"), [recipient], "m-1")


async def test_nothing_leaves_while_it_is_not_connected(far: FarSide) -> None:
    far.subscribe_codes = [None]
    async with desk(far) as d:
        await far.line()
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1"))
    assert (outcome.verdict, outcome.reason, outcome.counted) == (Verdict.LATER, "not_connected", False)
    assert outcome.after == timedelta(seconds=5)
    outcome = await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1"))
    assert outcome.verdict is Verdict.LATER


@pytest.mark.faults("OUT2", "OUT33")
async def test_a_lost_ack_is_a_doubt(far: FarSide) -> None:
    far.codes["aibot_send_msg"] = [None]
    async with desk(far, paced(ack=timedelta(milliseconds=40))) as d:
        line = await d.line()
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1"))
        assert (outcome.verdict, outcome.reason) == (Verdict.DOUBTFUL, "no_answer")
        late = await call(line)
        await line.ack(late)
        assert (await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-2"))).verdict is Verdict.ACCEPTED
    assert d.bot.limits.repeat_window == timedelta()


@pytest.mark.faults("OUT2")
@pytest.mark.parametrize("end", ["close", "drop", "kick"])
async def test_a_connection_that_ends_before_the_ack_is_a_doubt(far: FarSide, end: str) -> None:
    far.held = {"aibot_send_msg"}
    async with desk(far) as d:
        line = await d.line()
        sending = asyncio.create_task(d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1")))
        await call(line)
        if end == "close":
            await line.close()
        elif end == "drop":
            line.drop()
        else:
            await line.push(payload("disconnected"))
        async with asyncio.timeout(10):
            assert (await sending).verdict is Verdict.DOUBTFUL


async def test_acks_find_their_calls_in_any_order(far: FarSide) -> None:
    far.held = {"aibot_send_msg"}
    async with desk(far) as d:
        line = await d.line()
        tasks = [asyncio.create_task(d.bot.deliver(d.bot.compose(Text(str(n)), [GROUP], f"m-{n}"))) for n in range(20)]
        frames = [await call(line) for _ in tasks]
        assert len({frame["headers"]["req_id"] for frame in frames}) == 20
        for frame in reversed(frames):
            odd = int(frame["body"]["markdown"]["content"]) % 2
            await line.ack(frame, 93006 if odd else 0)
        outcomes = await asyncio.gather(*tasks)
    assert [o.verdict for o in outcomes] == [Verdict.ACCEPTED, Verdict.REFUSED] * 10


@pytest.mark.faults("OUT11", "OUT12", "OUT13", "OUT31")
@pytest.mark.parametrize(
    ("code", "verdict", "reason", "after", "counted", "hold"),
    [
        (45009, Verdict.LATER, "rate", timedelta(seconds=60), False, False),
        (45033, Verdict.LATER, "parallel", timedelta(seconds=2), False, False),
        (-1, Verdict.LATER, "busy", None, True, False),
        (853000, Verdict.LATER, "bot_credentials", timedelta(minutes=5), False, True),
        (846609, Verdict.LATER, "not_connected", timedelta(seconds=5), False, False),
        (846607, Verdict.REFUSED, "bot_not_spoken_to", None, True, False),
        (93001, Verdict.REFUSED, "bot_not_in_group", None, True, False),
        (93006, Verdict.REFUSED, "bot_not_in_group", None, True, False),
        (40008, Verdict.REFUSED, "40008", None, True, False),
        (846625, Verdict.REFUSED, "846625", None, True, False),
        (999999, Verdict.DOUBTFUL, "unknown_code", None, True, False),
    ],
)
async def test_each_code_has_its_meaning(
    far: FarSide, code: int, verdict: Verdict, reason: str, after: timedelta | None, counted: bool, hold: bool
) -> None:
    far.codes["aibot_send_msg"] = [code]
    async with desk(far) as d:
        await d.line()
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1"))
    assert (outcome.verdict, outcome.reason, outcome.after) == (verdict, reason, after)
    assert (outcome.counted, outcome.hold, outcome.alarm) == (counted, hold, hold)
    assert (outcome.code, outcome.detail, outcome.about_person) == (code, "hint: [1790000000]", False)


async def test_a_person_who_never_wrote_cannot_be_reached(far: FarSide) -> None:
    far.codes["aibot_send_msg"] = [846607]
    async with desk(far) as d:
        await d.line()
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), [PERSON], "m-1"))
    assert (outcome.verdict, outcome.about_person) == (Verdict.REFUSED, True)


async def test_a_subscription_that_got_lost_is_made_anew(far: FarSide) -> None:
    far.codes["aibot_send_msg"] = [846609]
    async with desk(far) as d:
        await d.line()
        await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1"))
        await d.line()


async def test_an_answer_takes_the_request_id(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        req_id = await ask(d, line)
        assert (await d.bot.deliver(reply(d.bot, req_id))).verdict is Verdict.ACCEPTED
        frame = await call(line)
    assert frame == {
        "cmd": "aibot_respond_msg",
        "headers": {"req_id": "req-text-group"},
        "body": {"msgtype": "stream", "stream": {"id": "m-7", "finish": True, "content": "已收到，编号 Q34"}},
    }


async def test_a_card_answers_as_a_card(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        req_id = await ask(d, line)
        await d.bot.deliver(d.bot.compose_reply(CARD, GROUP, req_id, "m-7"))
        frame = await call(line)
    assert (frame["cmd"], frame["body"]["msgtype"]) == ("aibot_respond_msg", "template_card")
    assert frame["body"]["template_card"]["task_id"] == "m-7"


async def test_a_request_id_is_answered_once(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        req_id = await ask(d, line)
        await asyncio.gather(*(d.bot.deliver(reply(d.bot, req_id, ref=f"m-{n}")) for n in range(3)))
        frames = [await call(line) for _ in range(3)]
    assert sorted(f["cmd"] for f in frames) == ["aibot_respond_msg", "aibot_send_msg", "aibot_send_msg"]
    sent = next(f for f in frames if f["cmd"] == "aibot_send_msg")
    assert sent["headers"]["req_id"] != req_id
    assert sent["body"] == {
        "chatid": GROUP[5:],
        "chat_type": 2,
        "msgtype": "markdown",
        "markdown": {"content": "已收到，编号 Q34"},
    }


async def test_after_a_reconnection_the_answer_goes_as_a_message(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        req_id = await ask(d, line)
        line.drop()
        line = await d.line()
        assert (await d.bot.deliver(reply(d.bot, req_id))).verdict is Verdict.ACCEPTED
        assert (await call(line))["cmd"] == "aibot_send_msg"


async def test_after_a_day_the_answer_goes_as_a_message(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        early, late = await ask(d, line), await ask(d, line, "text_quoting")
        d.clock.advance(timedelta(hours=22, minutes=59))
        await d.bot.deliver(reply(d.bot, early))
        d.clock.advance(timedelta(minutes=1))
        await d.bot.deliver(reply(d.bot, late))
        assert [(await call(line))["cmd"] for _ in range(2)] == ["aibot_respond_msg", "aibot_send_msg"]


@pytest.mark.parametrize("code", [846604, 846605, 846606])
async def test_a_request_id_that_the_platform_refuses_gives_way_to_a_message(far: FarSide, code: int) -> None:
    far.codes["aibot_respond_msg"] = [code]
    async with desk(far) as d:
        line = await d.line()
        assert (await d.bot.deliver(reply(d.bot, await ask(d, line)))).verdict is Verdict.ACCEPTED
        assert [(await call(line))["cmd"] for _ in range(2)] == ["aibot_respond_msg", "aibot_send_msg"]


@pytest.mark.parametrize("code", [45009, 846607])
async def test_an_answer_that_came_too_fast_may_answer_later(far: FarSide, code: int) -> None:
    far.codes["aibot_respond_msg"] = [code]
    async with desk(far) as d:
        line = await d.line()
        request = reply(d.bot, await ask(d, line))
        outcome = await d.bot.deliver(request)
        assert (outcome.verdict, outcome.reason, outcome.after) == (Verdict.LATER, "rate", timedelta(seconds=60))
        assert (await d.bot.deliver(request)).verdict is Verdict.ACCEPTED
        assert [(await call(line))["cmd"] for _ in range(2)] == ["aibot_respond_msg"] * 2


async def test_an_answer_without_an_ack_is_not_said_again_as_a_message(far: FarSide) -> None:
    far.codes["aibot_respond_msg"] = [None]
    async with desk(far, paced(ack=timedelta(milliseconds=40))) as d:
        line = await d.line()
        assert (await d.bot.deliver(reply(d.bot, await ask(d, line)))).verdict is Verdict.DOUBTFUL
        await call(line)
        assert line.calls.empty()


async def test_a_click_is_not_answered_as_a_message_would_be(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        await d.bot.deliver(reply(d.bot, await ask(d, line, "click_group")))
        assert (await call(line))["cmd"] == "aibot_send_msg"


@pytest.mark.parametrize(("waited", "cmd"), [(0, "aibot_respond_welcome_msg"), (6, "aibot_send_msg")])
async def test_who_opens_the_chat_is_welcomed_within_five_seconds(far: FarSide, waited: int, cmd: str) -> None:
    async with desk(far) as d:
        line = await d.line()
        req_id = await ask(d, line, "enter_chat")
        d.clock.advance(timedelta(seconds=waited))
        await d.bot.deliver(d.bot.compose_reply(Text("您好，*支部助手*在此*"), PERSON, req_id, "m-8"))
        frame = await call(line)
    assert frame["cmd"] == cmd
    if not waited:
        assert frame["body"] == {"msgtype": "text", "text": {"content": "您好，*支部助手*在此*"}}


def change(code: str, card: Card | None = CARD, card_id: str = "c-31-1") -> CardUpdate:
    return CardUpdate(code=code, user_id="lilei", done_label="已确认", card_id=card_id, card=card)


async def test_a_card_in_a_group_is_replaced_and_goes_on_working(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        request = d.bot.compose(change(await ask(d, line, "click_group")), [GROUP], "m-9")
        assert (await d.bot.deliver(request)).verdict is Verdict.ACCEPTED
        frame = await call(line)
        assert (await d.bot.deliver(request)).reason == "too_late"
    assert frame["cmd"] == request.api == "aibot_respond_update_msg"
    assert frame["headers"]["req_id"] == "req-click-group"
    assert frame["body"]["response_type"] == "update_template_card"
    assert frame["body"]["template_card"]["task_id"] == "c-31-1"
    assert frame["body"]["template_card"]["button_list"] == [{"text": "确认收到", "style": 1, "key": "ack:12"}]


async def test_a_private_card_keeps_one_button_that_says_done(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        code = await ask(d, line, "click_flat")
        await d.bot.deliver(d.bot.compose(change(code, card_id="c-31-2"), [PERSON], "m-9"))
        frame = await call(line)
    assert frame["body"]["template_card"]["button_list"] == [{"text": "已确认", "style": 2, "key": "ack:12"}]


@pytest.mark.faults("CB29")
@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("five seconds over", "too_late"),
        ("reconnected", "too_late"),
        ("not connected", "too_late"),
        ("a message's id", "too_late"),
        ("no card", "no_card"),
        ("no card id", "no_card"),
    ],
)
async def test_a_card_that_cannot_be_changed_is_left_alone(far: FarSide, why: str, reason: str) -> None:
    async with desk(far) as d:
        line = await d.line()
        code = await ask(d, line, "text_group" if why == "a message's id" else "click_group")
        update = change(code, None if why == "no card" else CARD, "" if why == "no card id" else "c-31-1")
        request = d.bot.compose(update, [GROUP], "m-9")
        if why == "five seconds over":
            d.clock.advance(timedelta(seconds=5))
        if why == "not connected":
            far.subscribe_codes = [None]
            await line.close()
            await until(lambda: not d.bot.connected)
        if why == "reconnected":
            await line.close()
            line = await d.line()
        outcome = await d.bot.deliver(request)
        assert line.calls.empty()
    assert (outcome.verdict, outcome.reason) == (Verdict.REFUSED, reason)


@pytest.mark.parametrize("code", [846604, 846605, 846606, 45009])
async def test_a_card_that_the_platform_does_not_change_is_not_tried_again(far: FarSide, code: int) -> None:
    far.codes["aibot_respond_update_msg"] = [code]
    async with desk(far) as d:
        line = await d.line()
        request = d.bot.compose(change(await ask(d, line, "click_group")), [GROUP], "m-9")
        outcome = await d.bot.deliver(request)
    assert (outcome.verdict, outcome.reason, outcome.code) == (Verdict.REFUSED, "too_late", code)


async def test_nothing_can_be_taken_back(far: FarSide) -> None:
    async with desk(far) as d:
        outcome = await d.bot.deliver(d.bot.compose(Recall("x"), [GROUP], "m-1"))
    assert (outcome.verdict, outcome.reason) == (Verdict.REFUSED, "no_recall")


async def test_a_welcome_may_be_a_card(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        await d.bot.deliver(d.bot.compose_reply(CARD, PERSON, await ask(d, line, "enter_chat"), "m-8"))
        frame = await call(line)
    assert (frame["cmd"], frame["body"]["msgtype"]) == ("aibot_respond_welcome_msg", "template_card")


async def test_a_welcome_that_is_neither_words_nor_a_card_goes_as_a_message(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        await d.bot.deliver(d.bot.compose_reply(Card("您好"), PERSON, await ask(d, line, "enter_chat"), "m-8"))
        assert (await call(line))["cmd"] == "aibot_send_msg"


@pytest.mark.faults("OUT31")
async def test_an_ack_without_a_code_is_a_doubt(far: FarSide) -> None:
    far.held = {"aibot_send_msg"}
    async with desk(far) as d:
        line = await d.line()
        sending = asyncio.create_task(d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1")))
        await line.ack(await call(line), None)
        assert (await sending).verdict is Verdict.DOUBTFUL


async def test_two_answers_to_one_id_are_never_in_the_air_together(far: FarSide) -> None:
    far.held = {"aibot_respond_msg"}
    async with desk(far) as d:
        line = await d.line()
        req_id = await ask(d, line)
        first = asyncio.create_task(d.bot.deliver(reply(d.bot, req_id)))
        frame = await call(line)
        await ask(d, line)
        assert (await d.bot.deliver(reply(d.bot, req_id, ref="m-8"))).verdict is Verdict.LATER
        await line.ack(frame)
        assert (await first).verdict is Verdict.ACCEPTED


async def test_what_meets_a_closing_socket_was_certainly_not_sent(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        connection = d.bot._connection
        assert connection is not None
        response = connection._socket._response
        # The cable is pulled and the news has not arrived yet.
        response.connection.transport.close()
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), [GROUP], "m-1"))
        assert (outcome.verdict, outcome.counted) == (Verdict.LATER, False)
        assert line.calls.empty()


def test_the_ids_that_may_be_answered_are_bounded() -> None:
    replies = Replies()
    for n in range(10_001):
        replies.note(Frame("aibot_msg_callback", f"r-{n}"), START)
    assert replies.take("r-0", ("aibot_respond_msg",), START) is None
    assert replies.take("r-1", ("aibot_respond_msg",), START) is not None
