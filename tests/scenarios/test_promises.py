"""A day in an answer is kept as a promise, asked about when it has come, and told to whoever asked."""

from datetime import timedelta

import pytest

from tests.desk import Desk, open_desk
from tests.world import World


@pytest.fixture
async def desk(world: World) -> Desk:
    return await open_desk(world)


async def test_a_promise_is_offered_kept_asked_about_and_told(desk: Desk) -> None:
    world, aunt = desk.world, desk.world.resident("王阿姨")
    await desk.asked("小区门口的路灯坏了")
    await desk.wang.says("答复 Q1 您好，路灯周三前修好，请放心。")
    card = desk.wang.last
    assert card.text.splitlines() == [
        "答复里说到 11月25日（周三）18:00",
        "记下来，到那天会问您办好没有",
        "您好，路灯周三前修好，请放心",
    ]
    await desk.wang.taps("记为承诺")
    assert desk.wang.heard()[-1] == "Q1 记为承诺：11月25日（周三）18:00 前。到那天会问您；看全部请发：承诺"
    assert await desk.wang.says("承诺") == "没有还没了结的承诺。"
    await desk.after()
    assert len(aunt.heard()) == 1
    assert await desk.li.says("承诺") == (
        "还没了结的承诺：\nQ1 11月25日（周三）18:00 前 · 王芳 · 您好，路灯周三前修好，请放心\n办好了请发：承诺 Q1 完成"
    )

    await world.skips(hours=45)  # Wednesday, 7:02
    assert "Q1 的承诺今天到期" not in "".join(desk.wang.heard())
    await world.skips(hours=2)
    asked = desk.wang.last
    assert asked.text.splitlines()[:2] == ["Q1 的承诺今天到期", "答应 11月25日（周三）18:00 前"]
    assert [button.text for button in asked.buttons] == ["完成", "改期", "未完成"]
    await desk.wang.taps("改期", asked)
    assert desk.wang.heard()[-1] == "请写上新的日子和事由，群众会看到，例如：承诺 Q1 改期 12月5日 材料没到"
    assert (
        await desk.wang.says("承诺 Q1 改期 周五")
        == "请写上新的日子和事由，群众会看到，例如：承诺 Q1 改期 12月5日 材料没到"
    )
    assert await desk.wang.says("承诺 Q1 改期 周五 灯泡没到货") == (
        "Q1 改到 11月27日（周五）18:00 前，群众会知道新的日子和事由。"
    )
    assert "要改到 11月27日（周五）18:00 前，原因：灯泡没到货" in aunt.heard()[0]

    await world.skips(hours=48)
    await aunt.says("查询")  # the platform's window opens again
    aunt.heard()
    await world.skips(hours=25)  # Saturday morning: overdue, nobody said anything
    assert desk.wang.last.text.splitlines()[0] == "Q1 的承诺已超期"
    assert [words for words in aunt.heard() if "还没有完成，我们在催办" in words]
    await desk.wang.taps("完成")
    assert "Q1 的承诺已完成，群众会知道。" in desk.wang.heard()
    assert any("答应您的事办好了" in words for words in aunt.heard())
    assert await desk.wang.says("承诺 Q1 完成") == "Q1 没有还没了结的承诺。看全部请发：承诺"
    assert {"promise.keep", "promise.move", "promise.done"} <= set(await desk.audits(1))


async def test_what_was_taken_back_is_not_promised_and_no_is_no(desk: Desk) -> None:
    await desk.asked("小区门口的路灯坏了")
    await desk.wang.says("答复 Q1 明天修好")
    await desk.wang.taps("记为承诺")
    await desk.wang.says("撤销 Q1")
    await desk.wang.says("答复 Q1 已转物业")
    await desk.after()
    assert await desk.wang.says("承诺") == "没有还没了结的承诺。"
    await desk.wang.says("答复 Q1 后天修好")
    await desk.wang.taps("不记")
    await desk.after(timedelta(minutes=3))
    assert await desk.wang.says("承诺 Q1 完成") == "Q1 没有还没了结的承诺。看全部请发：承诺"
    assert await desk.wang.says("承诺 明天") == (
        "请写明哪一个、怎么样了，例如：承诺 Q34 完成；承诺 Q34 改期 12月5日 材料没到；承诺 Q34 未完成"
    )
