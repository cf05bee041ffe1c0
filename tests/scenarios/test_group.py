"""A branch with the app and the group bot: the group shows counts, the phone in one's hand shows the rest."""

from datetime import timedelta

import pytest

from storage.enums import Source
from tests.rooms import Room
from tests.world import Person, World

UNDO = timedelta(minutes=2, seconds=1)


async def after(world: World, length: timedelta) -> None:
    world.clock.advance(length)
    await world.app.settle()


@pytest.fixture
async def room(group_world: World) -> Room:
    """The bound group of 第一支部: 张书记, 李四, 王五."""
    people = await group_world.branch(members=["李四", "王五"])
    room = Room(group_world, "第一支部群", people)
    await room.says(people[0], "绑定")
    return room


def someone(room: Room, name: str) -> Person:
    return room.world.people[name]


async def test_binding(group_world: World) -> None:
    world = group_world
    head, li = await world.branch("机关总支", secretary="赵书记", members=["李四"])
    (secretary,) = await world.branch("第一支部", parent="机关总支")
    (foreign,) = await world.branch("外单位支部", secretary="外书记")
    room = Room(world, "群", [head, li, secretary])
    assert await room.says(secretary, "绑定 第一只部") == [
        "没有“第一只部”，是不是“第一支部”？请再 @我 说：绑定 第一支部"
    ]
    assert await room.says(secretary, "绑定 机关总支") == ["您管的支部里没有“机关总支”。例如：绑定 第一支部"]
    done = "好的，这个群绑定“{}”了。以后发给它的通知会同时发到这里。"
    assert await room.says(secretary, "绑定第一支部") == [done.format("第一支部")]
    assert await room.says(secretary, "绑定：“第一支部”") == [done.format("第一支部")]
    assert await room.says(foreign, "绑定") == ["这个群已经绑定了别的支部，请让那边的书记先解绑。"]
    assert await room.says(foreign, "解绑") == ["这个群没有绑定支部，不用解绑。"]
    assert await room.says(head, "绑定 机关总支") == [done.format("机关总支")]
    assert await room.says(li, "绑定") == ["没有听懂。要回复通知请说“收到 编号”，想看能做什么请发：帮助"]
    assert await room.says(head, "解绑") == ["好的，这个群和“机关总支”解绑了，通知不再发到这里。"]
    assert await head.says("绑定 机关总支") == "“绑定”要在群里说：先把我拉进群，再 @我 绑定"


async def test_the_card_counts_in_the_group_and_changes_in_the_hand(room: Room) -> None:
    world, secretary, li, wang = room.world, *(someone(room, name) for name in ("张书记", "李四", "王五"))
    await secretary.says("通知 周五大会\n三点。")
    await secretary.taps("发送")
    await after(world, UNDO)
    (posted,) = room.heard()
    assert posted.splitlines()[-2:] == ["三点。", "查看全文"]
    card = room.last
    assert len(li.cards()) == 1

    assert await room.taps(li, "确认收到") == []
    assert card.text.splitlines()[-2] == "回执：已回复 1 人，共 3 人"
    assert card.button("确认收到", li.userid).enabled
    await wang.taps("确认收到")
    assert wang.cards()[-1].button("已确认")
    assert await room.taps(secretary, "确认收到") == []
    assert card.text.splitlines()[-2] == "回执：已回复 3 人，共 3 人"
    async with world.reading() as tx:
        kinds = {}
        for person in (secretary, li, wang):
            delivery = await tx.deliveries.get(1, person.member_id)
            assert delivery is not None
            kinds[person.name] = [receipt.source for receipt in await tx.receipts.of(delivery.id)]
    assert kinds == {"张书记": [Source.GROUP], "李四": [Source.GROUP], "王五": [Source.CARD]}
    assert not any(name in shown.text for shown in room.group.messages for name in ("李四", "王五"))


async def test_a_preview_in_a_group_has_counts_and_the_names_come_privately(room: Room) -> None:
    world, secretary, li = room.world, someone(room, "张书记"), someone(room, "李四")
    async with world.app.database.transaction() as tx:
        await tx.members.mark_unreachable("wecom", {li.userid: "not_in_range"})
    (preview,) = await room.says(secretary, "通知 周五大会\n对象：第一支部\n三点。")
    assert "收不到：1 人，名单私下发给您" in preview
    assert "李四" not in preview
    assert secretary.heard() == ["收不到：李四（不在应用可见范围）"]


async def test_answers_are_replies_to_the_message(room: Room) -> None:
    world, secretary = room.world, someone(room, "张书记")
    before = len(world.twin.bot.asked)
    await room.says(secretary, "进度 7")
    assert room.last.text == "没有找到 #7，请核对编号。"
    (asked,) = list(world.twin.bot.asked.values())[before:]
    assert asked.answered
    assert asked.stream is room.last


async def test_names_are_asked_for_in_the_group_and_come_to_the_phone(room: Room) -> None:
    world, secretary, li = room.world, someone(room, "张书记"), someone(room, "李四")
    await room.says(secretary, "通知 周五大会\n对象：李四、王五")
    await room.says(secretary, "确认 1")
    await after(world, UNDO)
    for person in (secretary, li):
        person.heard()
    room.heard()
    assert await room.says(secretary, "未读 1") == ["#1 周五大会\n还有 2 人没有完成，名单已私下发给您。"]
    (named,) = secretary.heard()
    assert named.startswith("#1 周五大会\n还有 2 人没有完成：\n第一支部（2）：1 李四、2 王五\n\n")
    assert await room.says(secretary, "豁免 1 李四 出差") == ["结果已私下发给您。"]
    assert secretary.heard() == ["李四 的 #1 已豁免：出差。不再催办；想恢复请发：恢复 1 李四"]
    assert await room.says(secretary, "列表") == ["列表已私下发给您。"]
    assert await room.says(secretary, "结束 1") == [
        "#1 周五大会\n已结束，不再催办。\n已完成 0/1  ░░░░░░░░░░ 0%\n已送达未读 1 · 豁免 1"
    ]
    assert "王五" in secretary.heard()[-1]


async def test_what_only_concerns_one_person_stays_private(room: Room) -> None:
    world, secretary, li = room.world, someone(room, "张书记"), someone(room, "李四")
    for title in ("周五大会", "交党费"):
        await secretary.says(f"通知 {title}")
        await secretary.taps("发送")
    await after(world, UNDO)
    li.heard()
    room.heard()
    assert await room.says(li, "收到") == ["请带上编号，例如：收到 12"]
    assert li.heard() == ["您有几件事还没回复：\n#1 周五大会\n#2 交党费\n请带上编号回复，例如：收到 1"]
    assert await room.says(li, "待办") == ["您的待办已私下发给您。"]
    assert await room.says(li, "我的记录") == ["您的记录已私下发给您。"]
    assert await room.says(li, "我周五请假") == ["已转给发布人：#2 交党费"]
    assert await room.says(li, "收到 2") == ["#2 交党费，已确认，谢谢。"]
    assert await room.says(li, "确认 1") == ["#1 周五大会，已确认，谢谢。"]


async def test_a_press_that_counts_for_nothing_is_answered_privately(room: Room) -> None:
    world, secretary, wang = room.world, someone(room, "张书记"), someone(room, "王五")
    await secretary.says("通知 周五大会\n对象：张书记、李四")
    await secretary.taps("发送")
    await after(world, UNDO)
    room.heard()
    wang.heard()
    assert await room.taps(wang, "确认收到") == []
    assert wang.heard() == ["没有找到 #1，请核对编号。"]
    await secretary.says("撤回 1")
    room.heard()
    assert await room.taps(someone(room, "李四"), "确认收到") == []
    assert someone(room, "李四").last.text == "#1 这条通知已撤回，不用回复了。"


@pytest.mark.faults("CMD1")
async def test_strangers_in_the_group(room: Room) -> None:
    stranger = room.world.stranger("guest")
    said = ["您还不在名册上。请私下联系所在支部的书记，请他把您加进名册。"]
    assert await room.says(stranger, "进度 1") == said
    assert await room.says(stranger, "收到") == said
