"""What comes in: stored before it is answered, acted on once, refused without a word when it is not genuine."""

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select, text, update

from bot.simulator.corp import Corp
from bot.simulator.envelope import Envelope
from storage.enums import InboxState
from storage.inbox import InboxRow
from storage.receipts import Receipt
from tests.world import World, build

NOTICE = "/通知 周五开会\n各位成员：周五下午三点开会。"


async def rows(world: World, table: type) -> int:  # type: ignore[type-arg]
    async with world.app.database.reader.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def broken(world: World, table: str) -> None:
    """Nobody can use this table."""
    async with world.app.database.writing() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO elsewhere"))


async def mended(world: World, table: str) -> None:
    async with world.app.database.writing() as connection:
        await connection.execute(text(f"ALTER TABLE elsewhere RENAME TO {table}"))


@pytest.mark.faults("CB1", "CB2", "CB6", "CB22")
@pytest.mark.parametrize("at_once", [False, True])
async def test_the_same_words_three_times_act_once_and_get_the_same_answer(any_world: World, at_once: bool) -> None:
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, NOTICE)
    await li.says("收到", repeat=3, at_once=at_once)
    callback = world.twin.callbacks[-1]
    assert callback.statuses == [200, 200, 200]
    assert callback.replies == [f"#{number} 周五开会，已确认，谢谢。"] * 3
    assert await rows(world, Receipt) == 1


@pytest.mark.faults("CB2")
async def test_a_command_that_comes_three_times_drafts_once(world: World) -> None:
    secretary, *_ = await world.branch(members=["李四"])
    secretary.heard()
    await secretary.says(NOTICE, repeat=3, at_once=True)
    assert len([words for words in secretary.heard() if "预览" in words]) == 1


@pytest.mark.faults("CB6")
async def test_a_copy_hours_later_changes_nothing(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    await li.says("收到")
    plaintext = world.twin.callbacks[-1].plaintext
    await world.passes(hours=30)
    li.heard()
    await world.twin.app.push(plaintext, userid=li.userid)
    await world.app.settle()
    assert await rows(world, Receipt) == 1
    assert li.heard() == []


@pytest.mark.faults("CB3")
async def test_two_clicks_in_one_second_both_count(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    first = await world.published(secretary, NOTICE)
    second = await world.published(secretary, "/通知 交党费")
    cards = {card.buttons[0].key: card for card in li.cards()}
    await asyncio.gather(
        *(world.twin.app.click(li.userid, cards[f"ack:{number}"], f"ack:{number}") for number in (first, second))
    )
    await world.app.settle()
    assert await rows(world, Receipt) == 2


@pytest.mark.faults("CB4")
async def test_equal_numbers_of_different_people_are_different_messages(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.published(secretary, NOTICE)
    for person in (li, wang):
        await world.twin.app.say(person.userid, "收到", msg_id=4711)
    await world.app.settle()
    assert await rows(world, Receipt) == 2


def _sealed(corp: Corp, world: World, plaintext: str, *, age: timedelta = timedelta()) -> tuple[dict[str, str], bytes]:
    stamp = str(int((world.clock.now() - age).timestamp()))
    sealed = Envelope(corp).seal(plaintext, stamp)
    return dict(sealed.query), sealed.body


@pytest.mark.faults("CB7", "CB8", "CB9", "CB12", "CB13", "CB14")
@pytest.mark.parametrize(
    "how",
    [
        "signature",
        "no signature",
        "stale",
        "early",
        "foreign corp",
        "foreign key",
        "cut",
        "doctype",
        "nonsense",
        "nonce",
    ],
)
async def test_what_is_not_genuine_is_refused_without_a_word(world: World, how: str) -> None:
    await world.branch(members=["李四"])
    own = world.twin.corp
    plaintext = (
        f"<xml><ToUserName>{own.corp_id}</ToUserName><FromUserName>user2</FromUserName><CreateTime>1</CreateTime>"
        f"<MsgType>text</MsgType><Content>收到</Content><MsgId>1</MsgId><AgentID>{own.agent_id}</AgentID></xml>"
    )
    corp, age = own, timedelta()
    if how == "foreign corp":
        corp = Corp(corp_id="wwforeign")
    if how == "foreign key":
        corp = Corp(encoding_aes_key="z" * 42 + "A")
    if how in ("stale", "early"):
        age = timedelta(minutes=6) * (1 if how == "stale" else -1)
    query, body = _sealed(corp, world, plaintext, age=age)
    if how == "signature":
        query["msg_signature"] = "0" * 40
    if how == "no signature":
        del query["msg_signature"]
    if how == "nonce":
        query["nonce"] = ""
    if how == "cut":
        body = body.replace(b"==", b"").replace(b"A", b"B", 1)
    if how == "doctype":
        body = b'<!DOCTYPE x [<!ENTITY a "b">]>' + body
    if how == "nonsense":
        body = b"{}"
    assert world.twin.callback_url is not None
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.twin.callback_url, params=query, data=body) as answer,
    ):
        assert (answer.status, await answer.read()) == (403, b"")
    assert await rows(world, InboxRow) == 0


@pytest.mark.faults("CB25")
async def test_other_questions_to_the_address_tell_nothing(world: World) -> None:
    assert world.twin.callback_url is not None
    async with aiohttp.ClientSession() as session:
        statuses = {}
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            async with session.request(method, world.twin.callback_url) as answer:
                statuses[method] = answer.status
                assert await answer.read() in (b"", b"405: Method Not Allowed")
    assert statuses == {"GET": 403, "HEAD": 405, "OPTIONS": 405, "PUT": 405, "DELETE": 405}


@pytest.mark.faults("CB15")
async def test_a_body_without_end_is_cut_off(world: World) -> None:
    assert world.twin.callback_url is not None
    body = b"<xml>" + b"a" * (300 * 1024)
    async with aiohttp.ClientSession() as session, session.post(world.twin.callback_url, data=body) as answer:
        assert answer.status == 413


@pytest.mark.faults("CB16", "CB19")
async def test_strange_messages_are_stored_and_answered_with_success(world: World) -> None:
    _, li = await world.branch(members=["李四"])
    corp = world.twin.corp
    for inner in (
        "<MsgType>hologram</MsgType><MsgId>1</MsgId>",
        "<MsgId>2</MsgId>",
        "<MsgType>text</MsgType><MsgId>3</MsgId>",
        "<MsgType>event</MsgType><Event>moon_landing</Event>",
        "<MsgType>text</MsgType><Content>\x08收\x00到\x1f</Content><MsgId>x</MsgId>",
    ):
        await world.twin.app.push(
            f"<xml><ToUserName>{corp.corp_id}</ToUserName><FromUserName>{li.userid}</FromUserName>"
            f"<CreateTime>1764000000</CreateTime>{inner}<AgentID>{corp.agent_id}</AgentID></xml>",
            userid=li.userid,
        )
    await world.app.settle()
    assert [callback.statuses for callback in world.twin.callbacks] == [[200]] * 5
    assert await rows(world, InboxRow) == 5


@pytest.mark.faults("CB20", "DB5")
async def test_what_cannot_be_stored_is_not_answered_and_comes_again(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    await broken(world, "inbox")
    await world.twin.app.say(li.userid, "收到", msg_id=99)
    assert world.twin.callbacks[-1].statuses == [0, 0, 0], "neither a success nor an error"
    await mended(world, "inbox")
    await world.twin.app.say(li.userid, "收到", msg_id=99)
    assert world.twin.callbacks[-1].statuses == [200]
    assert await rows(world, Receipt) == 1


@pytest.mark.faults("CB23", "CB21")
async def test_a_handler_that_raises_is_tried_again_and_its_answer_comes_as_a_message(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    await secretary.says(NOTICE)
    secretary.heard()
    await broken(world, "plan")
    assert await secretary.says("取消 1") is None
    assert world.twin.callbacks[-1].statuses == [200], "it is stored, so the platform need not send it again"
    await mended(world, "plan")
    await world.passes(seconds=6)
    assert secretary.heard() == ["#1 周五开会 已取消，没有发给任何人。"]


@pytest.mark.faults("CB23")
async def test_a_poisonous_message_is_set_aside_after_five_tries_and_holds_up_nobody(tmp_path: Path) -> None:
    administrators = {"administrators": ["user3"]}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, access=administrators) as world:
        secretary, li, admin = await world.branch(members=["李四", "管理员"])
        await secretary.says(NOTICE)
        await broken(world, "plan")
        await secretary.says("取消 1")
        assert await li.says("帮助")
        for _ in range(5):
            await world.passes(minutes=11)
        async with world.reading() as tx:
            assert await tx.inbox.counts() == {"aside": 1}
        assert [words for words in admin.heard() if "1 条消息处理失败" in words]
        await mended(world, "plan")
        secretary.heard()
        await world.passes(hours=1)
        assert secretary.heard() == []


@pytest.mark.faults("CB23")
async def test_a_stored_update_that_nobody_can_read_holds_up_nobody(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    for _ in range(2):
        await secretary.says(NOTICE)
    secretary.heard()
    await broken(world, "plan")
    for number in (1, 2):
        await secretary.says(f"取消 {number}")
    await mended(world, "plan")
    async with world.app.database.writing() as connection:
        (first,) = await connection.scalars(select(func.min(InboxRow.id)).where(InboxRow.state == InboxState.PENDING))
        await connection.execute(update(InboxRow).where(InboxRow.id == first).values(payload="{"))
    await world.passes(seconds=6)
    assert secretary.heard() == ["#2 周五开会 已取消，没有发给任何人。"]


@pytest.mark.faults("CB27")
async def test_a_click_that_overtakes_the_answer_to_sending_counts(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says(NOTICE)
    await secretary.taps("发送")
    world.clock.advance(timedelta(minutes=3))
    world.twin.faults.add("message/send", lose_answer=True)
    await world.app.settle()
    async with world.reading() as tx:
        assert "doubtful" in await tx.messages.backlog()
    await li.taps("确认收到")
    await world.passes(seconds=10)
    async with world.reading() as tx:
        (item,) = await tx.items.page(statuses=["published"], limit=1)  # type: ignore[list-item]
        delivery = await tx.deliveries.get(item.id, li.member_id)
        assert delivery is not None
        assert (delivery.state, delivery.transport) == ("acknowledged", "sent")
        assert (await tx.reminders.open_of([delivery.id])) == {}


@pytest.mark.faults("CB28")
async def test_later_clicks_hear_that_it_is_done_and_count_for_nothing(world: World) -> None:
    secretary, li, _ = await world.branch(members=["李四", "王五"])
    number = await world.published(secretary, NOTICE)
    card = li.cards()[-1]
    await asyncio.gather(*(world.twin.app.click(li.userid, card, f"ack:{number}") for _ in range(2)))
    await world.app.settle()
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, li.member_id)
    assert delivery is not None
    first = delivery.acknowledged_at
    await world.passes(minutes=5)
    await world.twin.app.click(li.userid, card, f"ack:{number}")
    await world.app.settle()
    assert card.button("已确认") is not None
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, li.member_id)
    assert delivery is not None
    assert delivery.acknowledged_at == first
    assert await rows(world, Receipt) == 1


@pytest.mark.faults("CB28")
async def test_after_a_withdrawal_a_click_hears_so(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, NOTICE)
    card = li.cards()[-1]
    await secretary.says(f"撤回 {number}")
    li.heard()
    await world.twin.app.click(li.userid, card, f"ack:{number}")
    await world.app.settle()
    assert any("已撤回" in words for words in li.heard())
    assert await rows(world, Receipt) == 0


@pytest.mark.faults("CB28")
async def test_an_outsider_hears_what_somebody_hears_about_nothing(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.branch("第二支部", secretary="刘书记", members=["外人"])
    outsider = world.people["外人"]
    number = await world.published(secretary, NOTICE)
    await world.twin.app.click(outsider.userid, li.cards()[-1], f"ack:{number}")
    await world.app.settle()
    (about_this,) = outsider.heard()
    answer = await outsider.says("收到 999")
    assert answer is not None
    assert about_this.replace(str(number), "N") == answer.replace("999", "N")
    outsider.heard()
    stranger = world.stranger()
    await world.twin.app.click(stranger.userid, li.cards()[-1], f"ack:{number}")
    await world.app.settle()
    assert "周五开会" not in "".join(stranger.heard())
    assert await rows(world, Receipt) == 0


@pytest.mark.faults("CB29")
async def test_a_card_that_cannot_change_any_more_is_answered_in_words(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    card = li.cards()[-1]
    li.heard()
    world.twin.faults.add("message/update_template_card", errcode=60140)
    await li.taps("确认收到")
    assert card.button("确认收到").enabled
    assert li.heard() == ["已确认"]
    assert await rows(world, Receipt) == 1


async def test_a_click_that_a_broken_table_stopped_is_counted_later(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.published(secretary, NOTICE)
    await broken(world, "receipt")
    cards = {person: person.cards()[-1] for person in (li, wang)}
    for person, card in cards.items():
        await world.twin.app.click(person.userid, card, card.buttons[0].key)
    assert [callback.statuses for callback in world.twin.callbacks[-2:]] == [[200], [200]]
    await mended(world, "receipt")
    await world.passes(seconds=6)
    assert await rows(world, Receipt) == 2
    assert not li.cards()[-1].button("已确认").enabled
