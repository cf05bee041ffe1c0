"""The bot and the simulator, which was written without it, understand each other."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.clock import ManualClock
from bot.config import WeComBotConfig
from bot.message import Button, Card, CardUpdate, Text
from bot.platforms.base import Verdict
from bot.simulator.server import serve
from bot.simulator.twin import Twin
from bot.update import UpdateKind
from tests.bot.platforms.wecom_bot.desk import START, Desk, desk, until
from tests.bot.platforms.wecom_bot.far_side import FarSide

NOTICE = Card(
    "#12 主题党日",
    fields=(("已确认", "0/3"),),
    buttons=(Button("确认收到", action="ack:12", primary=True),),
    url="https://bot.example.org/i/12",
)


@pytest.fixture
def twin() -> Twin:
    twin = Twin(ManualClock(START))
    for userid, name in (("lilei", "李雷"), ("hanmeimei", "韩梅梅")):
        twin.directory.add(userid, name)
    twin.group("chat-1", "第一支部群", ["lilei", "hanmeimei"])
    return twin


@pytest.fixture
async def world(twin: Twin, far: FarSide) -> AsyncIterator[Desk]:
    async with serve(twin) as base:
        config = WeComBotConfig(
            bot_id=twin.corp.bot_id,
            secret=SecretStr(twin.corp.bot_secret),
            ws_url=f"{base.replace('http://', 'ws://')}/ws",
        )
        async with desk(far, config=config, clock=twin.clock) as d:
            await until(lambda: twin.bot.connected and d.bot.connected)
            yield d


async def test_a_question_in_the_group_is_answered(world: Desk, twin: Twin) -> None:
    await twin.groups["chat-1"].mention("lilei", "收到 12")
    update = await world.heard()
    assert (update.text, update.user_id, update.chat_id) == ("收到 12", "lilei", "chat-1")
    for n in (1, 2):
        request = world.bot.compose_reply(Text(f"已确认 {n}"), f"chat:{update.chat_id}", update.reply_to, f"m-{n}")
        assert (await world.bot.deliver(request)).verdict is Verdict.ACCEPTED
    assert [m.text for m in twin.groups["chat-1"].messages][1:] == ["已确认 1", "已确认 2"]
    assert [r.api for r in twin.requests][1:] == ["aibot_respond_msg", "aibot_send_msg"]


async def test_a_card_in_the_group_is_clicked_and_counts(world: Desk, twin: Twin) -> None:
    group = twin.groups["chat-1"]
    request = world.bot.compose(NOTICE, ["chat:chat-1"], "g-12-1")
    assert (await world.bot.deliver(request)).reason == "bot_not_spoken_to"
    await group.mention("lilei", "绑定 第一支部")
    await world.heard()
    assert (await world.bot.deliver(request)).verdict is Verdict.ACCEPTED
    for count, userid in enumerate(("lilei", "hanmeimei"), 1):
        await group.click(userid, None, "确认收到")
        click = await world.heard()
        assert (click.kind, click.action, click.card_id) == (UpdateKind.CLICK, "ack:12", "g-12-1")
        card = Card(NOTICE.title, fields=(("已确认", f"{count}/3"),), buttons=NOTICE.buttons, url=NOTICE.url)
        change = CardUpdate(click.card_code, userid, "已确认", click.card_id, card)
        outcome = await world.bot.deliver(world.bot.compose(change, ["chat:chat-1"], f"u-{count}"))
        assert outcome.verdict is Verdict.ACCEPTED
        assert f"{count}/3" in group.messages[-1].text


async def test_a_private_card_says_that_it_is_done(world: Desk, twin: Twin) -> None:
    phone = twin.phone("lilei")
    await phone.say_to_bot("我的")
    update = await world.heard()
    await world.bot.deliver(world.bot.compose_reply(NOTICE, "user:lilei", update.reply_to, "p-1"))
    await twin.bot.click("lilei", phone.bot_messages[-1], "ack:12")
    click = await world.heard()
    change = CardUpdate(click.card_code, "lilei", "已确认", click.card_id, NOTICE)
    assert (await world.bot.deliver(world.bot.compose(change, ["user:lilei"], "u-1"))).verdict is Verdict.ACCEPTED
    assert [b.text for b in phone.bot_messages[-1].buttons_for("lilei") if b.key] == ["已确认"]


async def test_who_opens_the_chat_is_welcomed(world: Desk, twin: Twin) -> None:
    await twin.phone("lilei").enter_bot()
    update = await world.heard()
    assert update.kind is UpdateKind.ENTER
    await world.bot.deliver(world.bot.compose_reply(Text("您好"), "user:lilei", update.reply_to, "w-1"))
    assert twin.phone("lilei").bot_messages[-1].text == "您好"


async def test_a_file_is_stored(world: Desk, twin: Twin) -> None:
    media_id = await world.bot.upload("file", "名单.txt", "张三\n".encode() * 100_000)
    assert twin.media.find(media_id, twin.clock.now()).filename == "名单.txt"


@pytest.mark.faults("CB31")
async def test_a_second_holder_takes_over(world: Desk, twin: Twin, far: FarSide) -> None:
    async with desk(far, config=world.bot._config, clock=twin.clock) as other:
        await until(lambda: other.bot.connected and twin.bot.kicks == 1)
        assert await world.alarmed() == "wecom_bot_kicked"
