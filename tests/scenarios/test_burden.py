"""How much is asked of people: said before it is sent, and above the branch's own line with a reason."""

from tests.world import World


async def test_the_preview_says_how_much_it_asks_and_the_line_asks_why(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await secretary.says("/通知 周五开会\n" + "请各位成员准时参加，" * 60)
    assert "约 2 分钟；本周第一条" in "\n".join(secretary.heard())
    await secretary.taps("发送")
    await world.skips(minutes=3)
    await world.published(secretary, "/学习 材料\n对象：李四，王五\n" + "学" * 700)
    await world.published(secretary, "/通知 只给一人\n对象：李四\n" + "知" * 3000)
    await secretary.says("撤回 3")
    secretary.heard()
    await secretary.says("/通知 交党费\n链接：https://example.org/a\n请交")
    seen = "\n".join(secretary.heard())
    assert "约 1 分钟；本周已请大家读过 2 条、约 5 分钟（链接和附件没有算在内）" in seen
    assert "李四" not in seen.split("本周")[1], "figures of many, never of one"

    assert await secretary.says("负担线") == "“第一支部”没有定负担线。要定请回复：负担线 30分钟/周"
    assert await secretary.says("负担线 多一点") == "请这样写：负担线 30分钟/周；不要了请写：负担线 无"
    await secretary.says("负担线 第一支部 半小时/周")
    assert await secretary.says("负担线") == "“第一支部”的负担线是每周 30 分钟。超过时要写事由。"
    answer = await secretary.says("负担线 5分钟/周")
    assert answer == "好的，“第一支部”的负担线定为每周 5 分钟。超过时要写事由，事由会写在通知里。"
    answer = await secretary.says("/通知 报名\n请报名")
    assert answer is not None
    assert "本周已请大家读约 5 分钟，加上这条约 1 分钟，超过“第一支部”自己定的每周 5 分钟" in answer
    await secretary.says("上级今天要结果")
    assert "因：上级今天要结果" in "\n".join(secretary.heard())
    await secretary.taps("发送")
    await world.skips(minutes=3)
    assert "因：上级今天要结果" in li.last.text
    assert "因：上级今天要结果" in wang.last.text
    assert await secretary.says("负担线 无") == "好的，“第一支部”不再设负担线。"
    await secretary.says("/通知 再报名\n请报名")
    assert "约 1 分钟；本周已请大家读过 3 条" in secretary.last.text
    await world.skips(days=7)
    await secretary.says("/通知 又报名\n请报名")
    assert "本周第一条" in secretary.last.text
    async with world.reading() as tx:
        assert [row.after for row in await tx.audit.of("branch:1")] == ["30", "5", "None"]


async def test_the_nearest_line_above_counts(world: World) -> None:
    head, *_ = await world.branch("机关总支", members=["甲"])
    secretary, _ = await world.branch("第一支部", members=["李四"], secretary="钱书记", parent="机关总支")
    await head.says("负担线 1分钟/周")
    answer = await secretary.says("/通知 报名\n" + "字" * 400)
    assert answer is not None
    assert "超过“机关总支”自己定的每周 1 分钟" in answer
    answer = await secretary.says("事由：有急事")
    assert "因：有急事" in secretary.last.text
    assert await secretary.says("负担线 机关总支 9分钟") == "请这样写：负担线 30分钟/周；不要了请写：负担线 无"
