"""The answer arrives: inside the platform's window as a message, else with the next thing that the resident says."""

import pytest

from bot.services.arrivals import window_line, window_of
from bot.simulator.account import AccountKind
from storage.enums import Arrival, EntryKind, Role
from tests import questions
from tests.world import World

SEND = "message/custom/send"


async def line(world: World, token: str) -> str:
    """What a responder reads of the window."""
    async with world.app.database.transaction() as tx:
        resident = await tx.residents.by_token(token)
        assert resident is not None
        here = await window_of(tx, resident, now=world.clock.now())
    return window_line(world.app.settings.texts, here, now=world.clock.now())


async def arrivals(world: World, number: int) -> list[str | None]:
    return [entry.arrival for entry in await questions.thread(world, number) if entry.kind == EntryKind.ANSWER]


@pytest.mark.faults("OUT29")
async def test_five_messages_and_the_sixth_is_kept(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()
    await wang.says("医保怎么转移")
    zhao.heard(), wang.heard()
    await world.skips(hours=1)
    assert await line(world, wang.token) == "还可发 5 条，窗口剩 46 小时"

    for n in range(7):
        await questions.answers(world, zhao, 1, f"第{n}个答复")
    assert ["答复" in text for text in wang.heard()] == [True] * 5
    assert await arrivals(world, 1) == [Arrival.DELIVERED] * 5 + [Arrival.KEPT] * 2
    assert await line(world, wang.token) == "平台允许的 5 条已发完，答复会在群众下次来信时送达"
    assert "不用再发" in "".join(zhao.heard())
    assert len(world.twin.requests_to(SEND)) == 5, "nothing was tried that would be refused"

    await world.skips(seconds=1)
    handed = str(await wang.says("查询"))
    assert handed.index("第5个答复") < handed.index("第6个答复"), "in the order in which they were written"
    assert await arrivals(world, 1) == [Arrival.DELIVERED] * 5 + [Arrival.GIVEN] * 2
    assert "第5个答复" not in str(await wang.says("我的"))
    assert await line(world, wang.token) == "还可发 5 条，窗口剩 47 小时"


@pytest.mark.faults("OUT29", "OUT30")
async def test_outside_of_the_window_an_answer_waits_for_the_resident(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang, daughter = world.resident("王阿姨"), world.resident("女儿")
    code = str(await wang.says("医保怎么转移")).split("取件码 ")[1][:8]
    wang.heard()
    await world.skips(hours=49)
    zhao.heard()
    await questions.answers(world, zhao, 1, "带社保卡到窗口。" * 200)
    assert wang.heard() == []
    assert await arrivals(world, 1) == [Arrival.KEPT]
    await world.skips(minutes=2)
    assert "超出平台时限" in "".join(zhao.heard())

    assert "带社保卡到窗口" in str(await daughter.says(f"查询 {code.lower()}")), "the code fetches it"
    assert await arrivals(world, 1) == [Arrival.KEPT]
    first = str(await wang.says("你好，有答复了吗"))
    assert "第 1 段，共" in first
    assert await arrivals(world, 1) == [Arrival.KEPT]
    while (await arrivals(world, 1)) == [Arrival.KEPT]:
        last = str(await wang.says("查询 Q1"))
    assert "没解决" in last
    assert sum(text.count("带社保卡到窗口。") for text in wang.heard()) >= 200


async def test_an_account_that_may_not_write_keeps_everything(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    world.twin.account.kind = AccountKind.PERSONAL
    wang = world.resident()
    await wang.says("医保怎么转移")
    wang.heard()
    await questions.answers(world, zhao, 1, "带社保卡到窗口。")
    assert wang.heard() == []
    assert await arrivals(world, 1) == [Arrival.KEPT], "never delivered when the platform refused"
    reply = str(await wang.says("谢谢"))
    assert "带社保卡到窗口" in reply
    assert "不客气" in reply
    assert await arrivals(world, 1) == [Arrival.GIVEN]


@pytest.mark.faults("OUT7")
async def test_two_answers_never_overtake_each_other(world: World) -> None:
    await world.branch()
    zhao = await world.member("赵答", "第一支部", roles=[Role.RESPONDER])
    wang = world.resident()
    await wang.says("医保怎么转移")
    wang.heard()
    world.twin.faults.add(SEND, errcode=-1)
    await questions.answers(world, zhao, 1, "先说这个")
    await questions.answers(world, zhao, 1, "再说那个")
    assert wang.heard() == []
    await world.passes(minutes=5)
    heard = "".join(wang.heard())
    assert heard.index("先说这个") < heard.index("再说那个")
    assert await arrivals(world, 1) == [Arrival.DELIVERED] * 2
