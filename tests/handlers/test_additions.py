"""`补发`."""

import pytest

from storage.audiences import Audience
from storage.enums import ItemStatus
from tests.handlers.office import Office


async def test_one_more_member_gets_it_at_once(office: Office) -> None:
    number = await office.item(to=["第二支部"])
    await office.send()

    words = await office.words("boss", f"补发 {number} 陈静")

    assert words == f"好的，#{number} 正在发给 陈静。"
    assert set(await office.heard("item")) == {"chen"}
    await office.send()
    assert await office.state(number, "chen") == "sent"
    assert "已完成 0/4" in await office.words("boss", f"进度 {number}")
    async with office.database.reading() as tx:
        item = await tx.items.get(number)
        assert item is not None
        assert item.audience_size == 4
        assert Audience.load(item.audience).added == {office.members["chen"]}
    assert (await office.audits(f"item:{number}"))[-1] == "item.add"


async def test_the_same_card_leaves_as_for_the_others(office: Office) -> None:
    number = await office.item(to=["第二支部"])
    await office.words("boss", f"add {number} 陈静")

    assert len({message.content_id for message in await office.waiting()}) == 1


async def test_who_has_it_gets_no_second_one(office: Office) -> None:
    number = await office.item()

    assert "不重复发" in await office.words("boss", f"补发 {number} 陈静")
    assert len(await office.heard("item")) == 6


async def test_who_cannot_be_reached_is_added_with_the_reason(office: Office) -> None:
    async with office.database.transaction() as tx:
        await tx.members.mark_unreachable("wecom", {"chen": "not_in_range"})
    number = await office.item(to=["第二支部"])

    words = await office.words("boss", f"补发 {number} 陈静")

    assert words == f"陈静 已加进 #{number} 的对象，但现在发不到：不在应用可见范围。"
    assert await office.state(number, "chen") == "unreachable"


@pytest.mark.faults("CMD10")
async def test_two_of_one_name_are_both_shown(office: Office) -> None:
    number = await office.item(to=["机关总支"])

    assert "张三@第一支部、张三@第二支部" in await office.words("boss", f"补发 {number} 张三")
    assert f"#{number} 正在发给 张三" in await office.words("boss", f"补发 {number} 张三@第一支部")
    assert set(await office.heard("item")) == {"boss", "zhao", "zs1"}


async def test_only_people_of_ones_own_branches(office: Office) -> None:
    number = await office.item("li", branch="第一支部", to=["第一支部"])

    assert await office.words("li", f"补发 {number} 刘洋") == "您的支部里没有“刘洋”。"
    assert await office.words("li", f"补发 {number} 陈景") == "您的支部里没有“陈景”，是不是“陈静”？"


@pytest.mark.parametrize(
    ("status", "timed", "shown"),
    [(ItemStatus.DRAFT, False, "还没有发出"), (ItemStatus.SCHEDULED, True, "等发出后再补发")],
)
async def test_what_is_not_out_cannot_be_added_to(office: Office, status: ItemStatus, timed: bool, shown: str) -> None:
    number = await office.item(status=status, timed=timed)

    assert shown in await office.words("boss", f"补发 {number} 陈静")


async def test_what_is_over_cannot_be_added_to(office: Office) -> None:
    closed, withdrawn = await office.item(to=["第二支部"]), await office.item(to=["第二支部"])
    await office.words("boss", f"结束 {closed}")
    await office.words("boss", f"撤回 {withdrawn}")

    assert "已经结束" in await office.words("boss", f"补发 {closed} 陈静")
    assert "已经撤回" in await office.words("boss", f"补发 {withdrawn} 陈静")
    assert await office.words("boss", "补发 1") == "请写明编号和姓名，例如：补发 12 张三"


async def test_in_a_group_the_result_is_private(office: Office) -> None:
    number = await office.item(to=["第二支部"])

    reply = await office.says("boss", f"补发 {number} 陈静", group=True)

    assert reply.text == "结果已私下发给您。"
    assert reply.private is not None
    assert "陈静" in reply.private.text
