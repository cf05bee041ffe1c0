"""The responders' handbook: every answer that it quotes is what the bot really says."""

from pathlib import Path

from tests.desk import Desk, open_desk
from tests.rooms import Room
from tests.scenarios.test_handbook import plain, quoted
from tests.world import World

HANDBOOK = Path(__file__).parents[2] / "docs" / "zh" / "答复人手册.md"


async def spoken(desk: Desk) -> str:
    """A responder's days, as the handbook tells them; every word that the bot said."""
    world, wang, li, secretary = desk.world, desk.wang, desk.li, desk.secretary
    room = Room(world, "答复群", [secretary, wang, li])
    await room.says(secretary, "绑定答复群 第一支部")
    for who in ("王阿姨", "李大爷", "陈奶奶"):
        await world.resident(who).scans("branch2")
    await desk.asked("小区门口的路灯坏了三天，我电话13812345678")
    for text in ("问题", "问题 Q1"):
        await wang.says(text)
    await wang.taps("认领")
    await desk.asked("医保怎么转移", "李大爷")
    await desk.asked("路灯坏了没人管", "陈奶奶")
    for text in (
        "认领 Q2",
        "认领",
        "追问 Q2 是哪一栋？",
        "转办 Q2 李某",
        "转办 Q2 机关总支",
        "改类 Q1 物业",
        "并案 Q1 Q3",
        "拆开 Q3",
    ):
        await wang.says(text)
    for text in ("答复 Q1 路灯周三前修好，请放心。", "撤销 Q1", "答复 Q1 路灯周三前修好，请放心。"):
        await wang.says(text)
    await wang.taps("记为承诺")
    await desk.after()
    for text in (
        "承诺",
        "承诺 Q1 改期 周五 灯泡没到货",
        "承诺 Q1 完成",
        "不予受理 Q3 路灯归市政，请拨打 12345",
        "二维码",
    ):
        await wang.says(text)
    await secretary.says("公开 Q1 遮 小区")
    await secretary.taps("提交")
    await desk.after()
    await wang.taps("同意公开")
    for text in ("不公开 Q1",):
        await secretary.says(text)
    for text in ("办结 Q1", "常用语 加 路灯 已报修，预计{几号}修好。"):
        await wang.says(text)
    await desk.after()
    for text in ("重开 Q1", "答复 Q1 #路灯 周五", "常用语 删 路灯"):
        await wang.says(text)
    await li.says("答复 Q1 我去看看")
    await li.taps("不发了")
    await li.says("问题 Q1")
    await li.says("我去看看")
    await world.skips(hours=49)
    await wang.says("答复 Q1 修好了")
    shown = [each for person in world.people.values() for each in person.phone.messages] + room.group.messages
    return "\n".join(plain(each.text) for each in shown if each.sender in ("app", "bot"))


async def test_every_quoted_answer_is_said(group_world: World) -> None:
    said = await spoken(await open_desk(group_world))
    quotes = quoted(HANDBOOK.read_text(encoding="utf-8"))
    assert len(quotes) > 40
    assert [quote for quote in quotes if quote not in said] == []
