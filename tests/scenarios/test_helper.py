"""A member who does without a phone, and somebody who reads for them."""

import pytest

from storage.enums import MemberStatus, Source
from tests.world import Person, World

NOTICE = "/通知 周五开会\n对象：第一支部\n三点，三楼会议室。"


async def evidence(world: World, number: int, person: Person) -> list[tuple[str, int | None]]:
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, person.member_id)
        assert delivery is not None
        return [(each.source, each.entered_by) for each in await tx.receipts.of(delivery.id)]


@pytest.mark.faults("OUT23")
async def test_both_agree_and_the_helper_confirms(world: World) -> None:
    zhang, granny, wang, li = await world.branch(members=["张奶奶", "王芳", "李四"])
    first = await world.published(zhang, NOTICE)
    for person in (zhang, granny, wang, li):
        person.heard()

    assert "还没有代读人" in str(await granny.says("代读人"))
    assert "没有“王方”，是不是“王芳”" in str(await granny.says("代读人 王方"))
    assert "要请别人" in str(await granny.says("代读人 张奶奶"))
    assert str(await granny.says("代读人 王芳")).startswith("已问 王芳")
    assert "还在等回答" in str(await granny.says("代读人 李四"))
    (asked,) = wang.heard()
    assert asked.startswith("张奶奶 请您代读通知")
    assert "代读" not in str(await granny.says("我的记录"))
    assert "代读" not in str(await wang.says("我的记录"))

    # Nobody may answer for somebody else, and nothing comes before the answer.
    second = await world.published(zhang, NOTICE.replace("周五", "周六"))
    assert not any("代 张奶奶" in heard for heard in wang.heard())
    assert "没有人等您回答" in str(await li.says("代读人 同意"))
    assert "您没有代这位同志读" in str(await wang.says(f"代确认 {first} 张奶奶"))

    question = next(card for card in wang.cards() if "请您代读" in card.text)
    granny.heard()
    await wang.taps("同意", question)
    assert granny.heard() == ["王芳 同意做您的代读人了。不用了请发：代读人 取消"]
    # What was open comes at once, within the pace of one person.
    await world.passes(minutes=5)
    mine = [card for card in wang.cards() if card.text.splitlines()[1].startswith("代 张奶奶")]
    assert [f"#{number}" in card.text for number, card in zip((first, second), mine, strict=True)] == [True, True]
    assert "请读给 张奶奶 听" in mine[0].text

    zhang.heard()
    await wang.taps("代张奶奶确认", mine[0])
    assert wang.heard()[-1] == f"#{first} 已代 张奶奶 确认，记录里写明是您代的。"
    assert not mine[0].button("已代确认").enabled
    assert await evidence(world, first, granny) == [(Source.HELPER, wang.member_id)]
    assert await evidence(world, first, wang) == []
    assert "已确认 1（其中代读 1）" in str(await zhang.says(f"进度 {first}"))
    assert "2 张奶奶（代读人 王芳）" in str(await zhang.says(f"未读 {second}"))
    mydata = str(await granny.says("我的记录"))
    assert "代读人：王芳" in mydata
    assert "王芳代确认" in mydata
    assert "您代读：张奶奶" in str(await wang.says("我的记录"))
    todo = str(await wang.says("待办"))
    assert f"代 张奶奶：#{second}" in todo
    assert f"代确认 {second} 张奶奶" in todo

    # What the member does is better evidence; the other way round nothing changes.
    await granny.says(f"收到 {first}")
    assert await evidence(world, first, granny) == [(Source.CHAT, None)]
    assert "已经完成，不用再代" in str(await wang.says(f"代确认 {first} 张奶奶"))

    # A new item goes to both; one that asks for nothing but reading as well; each at once, and once.
    third = await world.published(zhang, "/学习 第一期\n对象：张奶奶\n看一看。")
    async with world.reading() as tx:
        assert await tx.deliveries.get(third, wang.member_id) is None
    assert any(f"代 张奶奶：#{third}" in heard for heard in wang.heard())
    await wang.says(f"代确认 {third} 张奶奶")
    assert await evidence(world, third, granny) == [(Source.HELPER, wang.member_id)]

    # Either of them ends it; what had not left stays away.
    assert "已经取消" in str(await granny.says("代读人 取消"))
    assert wang.heard()[-1] == "张奶奶 不再请您代读，以后的通知不再发给您。"
    await wang.taps("代张奶奶确认", mine[1])
    assert await evidence(world, second, granny) == []
    fourth = await world.published(zhang, "/通知 第四件\n对象：张奶奶\n正文。")
    assert not any(f"#{fourth}" in heard for heard in wang.heard())
    async with world.reading() as tx:
        actions = [row.action for row in await tx.audit.of("helping:1")]
    assert actions == ["helping.ask", "helping.agree", "helping.end"]


async def test_limits_refusals_and_leaving(world: World) -> None:
    names = ["甲一", "乙二", "丙三", "丁四", "戊五", "己六"]
    zhang, wang, *others = await world.branch(members=["王芳", *names])
    (head,) = await world.branch("总支", secretary="王书记")
    outsider = await world.member("外人", "总支")
    for person in others[:5]:
        assert str(await person.says("代读人 王芳")).startswith("已问")
    assert "已经在帮 5 位" in str(await others[5].says("代读人 王芳"))
    assert "支部里没有“外人”" in str(await others[5].says("代读人 外人"))
    assert outsider.heard() == []

    assert str(await wang.says("代读人 不同意 甲一")) == "好的，已告诉 甲一。"
    assert "不方便" in others[0].heard()[-1]
    assert "请写明是谁" in str(await wang.says("代读人 同意"))
    for name in names[1:4]:
        await wang.says(f"代读人 同意 {name}")
    shown = str(await wang.says("代读人"))
    assert "您代 乙二 读通知" in shown
    assert "戊五 请您做代读人" in shown
    assert "请写明是谁" in str(await wang.says("代读人 取消"))
    assert "已经取消" in str(await wang.says("代读人 取消 乙二"))
    assert "不再做您的代读人" in others[1].heard()[-1]

    # Whoever leaves is not read for any more, and the question to nobody is over.
    async with world.app.database.transaction() as tx:
        member = await tx.members.get(others[2].member_id)
        assert member is not None
        member.status = MemberStatus.LEFT
    number = await world.published(zhang, "/通知 开会\n对象：第一支部\n三点。")
    await world.passes(minutes=5)
    assert "丙三" not in str(await wang.says("代读人"))
    cards = "\n".join(card.text for card in wang.cards())
    assert f"代 丁四：#{number}" in cards
    assert "代 丙三" not in cards
    assert head.heard() == []
    await world.app.jobs.tidy()
    async with world.app.database.transaction() as tx:
        member = await tx.members.get(others[2].member_id)
        assert member is not None
        member.status = MemberStatus.ACTIVE
    assert "丙三" not in str(await wang.says("代读人"))
