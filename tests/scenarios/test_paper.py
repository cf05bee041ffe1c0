"""Members without a phone: a list with fixed numbers, signatures, and entering them."""

import pytest

from storage.enums import Role, Source
from tests.world import Person, World

NOTICE = "/通知 周五开会\n对象：第一支部\n三点，三楼会议室。"


async def state(world: World, number: int, person: Person) -> tuple[str, list[tuple[str, int | None]]]:
    """What people see of the delivery, and its receipts with who entered them."""
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, person.member_id)
        assert delivery is not None
        return delivery.state, [(each.source, each.entered_by) for each in await tx.receipts.of(delivery.id)]


async def test_a_list_is_signed_entered_and_taken_back(world: World) -> None:
    zhang, li, wang, zhao, qian = await world.branch(members=["李四", "王五", "赵六", "钱七"])
    number = await world.published(zhang, NOTICE)
    for person in (zhang, li):
        person.heard()
    await li.says("收到")

    said = await zhang.says(f"未读 {number}")
    url = world.app.settings.links.sheet_url(number)
    assert said is not None
    assert "第一支部（4）：1 张书记、3 王五、4 赵六、5 钱七" in said
    assert url in said
    assert said.endswith(f"线下确认 {number} 1,3,4")

    # Nobody else's numbers move when somebody joins; the new one comes last.
    sun = await world.member("孙八", "第一支部")
    await zhang.says(f"补发 {number} 孙八")
    said = await zhang.says(f"未读 {number}")
    assert said is not None
    assert "1 张书记、3 王五、4 赵六、5 钱七、6 孙八" in said

    # A number that does not exist: nothing is half done.
    said = await zhang.says(f"线下确认 {number} 3,40,41")
    assert said is not None
    assert "没有 40 号（共 2 个号码不对），这次一个都没有登记" in said
    assert (await state(world, number, wang)) == ("sent", [])

    said = await zhang.says(f"线下确认 {number} ２、３－４号")
    assert said is not None
    assert said.splitlines() == [
        f"#{number} 已按纸质名单登记 2 人：3 王五、4 赵六",
        "另外 1 人之前已经完成，没有重复登记：",
        "· 2 李四：11月23日（周一）10:03 自己完成",
        f"登记错了可以收回，请发：撤销线下 {number}",
    ]
    assert await state(world, number, wang) == ("acknowledged", [(Source.PAPER, zhang.member_id)])
    said = await zhang.says(f"进度 {number}")
    assert said is not None
    assert "已完成 3/6" in said
    assert "已确认 3（其中纸质 2）" in said

    # The same list once more: what is there already is said, and by whom.
    other = await world.member("周书记", "第一支部", roles=[Role.SECRETARY])
    said = await other.says(f"线下确认 {number} 3")
    assert said is not None
    assert said.splitlines() == [
        f"#{number} 这 1 人之前都已经完成，没有重复登记：",
        "· 3 王五：张书记 在 11月23日（周一）10:03 按纸质名单登记",
    ]
    assert "没有登记过" in str(await other.says(f"撤销线下 {number}"))

    # Who does it themselves afterwards has better evidence: taking the list back does not touch it.
    await zhao.says(f"收到 {number}")
    assert await state(world, number, zhao) == ("acknowledged", [(Source.CHAT, None)])
    said = await zhang.says(f"撤销线下 {number}")
    assert said is not None
    assert said.splitlines() == [
        f"#{number} 刚才的登记已收回，1 人又算没有完成：3 王五",
        "其中 1 人后来自己完成了，仍然算数：4 赵六",
    ]
    assert await state(world, number, wang) == ("sent", [])
    assert await state(world, number, zhao) == ("acknowledged", [(Source.CHAT, None)])
    said = await zhang.says(f"进度 {number}")
    assert said is not None
    assert "已完成 2/6" in said
    assert "纸质" not in said
    assert "没有登记过" in str(await zhang.says(f"撤销线下 {number}"))

    # Reminders go on for whom they had ended for.
    for person in (wang, zhao, qian, sun):
        person.heard()
    await world.passes(hours=25)
    assert [bool(person.heard()) for person in (wang, zhao, qian, sun)] == [True, False, True, True]

    # When all have done it the item closes; taking the mistake back opens it again.
    await zhang.says(f"线下确认 {number} 1 3 5 6")
    async with world.reading() as tx:
        assert (await tx.items.many([number]))[number].status == "closed"
    said = await zhang.says(f"撤销线下 {number}")
    assert said is not None
    assert "现在重新打开了" in said
    async with world.reading() as tx:
        assert (await tx.items.many([number]))[number].status == "published"
        actions = [row.action for row in await tx.audit.of(f"item:{number}") if row.action.startswith("paper")]
    assert actions == ["paper.enter", "paper.take_back", "paper.enter", "paper.take_back"]

    # A day later it stands.
    await zhang.says(f"线下确认 {number} 3")
    await world.skips(hours=25)
    assert "不能收回" in str(await zhang.says(f"撤销线下 {number}"))


@pytest.mark.faults("CMD7")
async def test_who_may_enter_and_what_cannot_be_entered(group_world: World) -> None:
    world = group_world
    boss, chen = await world.branch("机关总支", members=["陈静"], secretary="王书记")
    li, liu = await world.branch("第一支部", members=["刘洋"], secretary="李书记", parent="机关总支")
    watcher = await world.member("周杰", "机关总支", roles=[Role.SUPERVISOR])
    number = await world.published(boss, "/通知 开会\n对象：机关总支\n三点。")
    for person in (boss, li, chen, liu, watcher):
        person.heard()

    # A branch below enters its own people; the others' numbers are not there for it.
    said = str(await li.says(f"未读 {number}"))
    assert "4 李书记、5 刘洋" in said or "第一支部（2）" in said
    async with world.reading() as tx:
        places = {place.name: place.number for place in await tx.paper.places(number)}
    refused = str(await li.says(f"线下确认 {number} {places['陈静']}"))
    assert "一个都没有登记" in refused
    assert f"登记 1 人：{places['刘洋']} 刘洋" in str(await li.says(f"线下确认 {number} {places['刘洋']}"))

    # A supervisor looks; a member does not even know the command; nobody is told more than of what does not exist.
    assert "线下确认" not in str(await watcher.says(f"未读 {number}"))
    assert "登记" not in str(await watcher.says(f"/线下确认 {number} {places['陈静']}"))
    assert "登记" not in str(await chen.says(f"/线下确认 {number} {places['陈静']}"))
    absent = str(await li.says("线下确认 99 1"))
    assert absent == str(await li.says("进度 99"))

    for said in ("线下确认", "线下确认 1", f"线下确认 {number} 陈静", f"线下确认 {number}，3"):
        assert str(await boss.says(said)).startswith("请写明编号和名单上的号码")
    assert "请带上编号" in str(await boss.says("撤销线下"))
    quiet = await world.published(boss, "/通知 仅告知\n要求：无\n知道就行。")
    assert "没有要求回复" in str(await boss.says(f"线下确认 {quiet} 1"))
    read = await world.published(boss, "/学习 第一期\n看一看。")
    await boss.says(f"线下确认 {read} 1")
    assert "已读 1（其中纸质 1）" in str(await boss.says(f"进度 {read}"))
    await boss.says("/通知 草稿\n正文")
    assert "不在进行中" in str(await boss.says(f"线下确认 {read + 1} 1"))
    await boss.says(f"撤回 {read}")
    assert "不在进行中" in str(await boss.says(f"线下确认 {read} 2"))
