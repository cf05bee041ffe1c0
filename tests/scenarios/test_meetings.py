"""A meeting from the call to the list of who was there."""

from datetime import timedelta

import pytest

from storage.enums import Source
from tests.rooms import Room
from tests.world import Person, World

MEETING = "/会议 支部大会\n时间：周五 15:00-17:00\n地点：二楼会议室\n截止：周四 18:00\n请带学习笔记。"


async def test_who_comes_and_who_does_not(world: World) -> None:
    secretary, li, wang, zhao = await world.branch(members=["李四", "王五", "赵六"])
    for said, asked in (
        ("/会议 支部大会", "什么时候开会"),
        ("周五", "几点开会"),
        ("昨天 15:00", "已经过去了"),
        ("周五 15:00-14:00", "结束时间要晚于开始时间"),
        ("结束：17:00\n截止：周六", "截止要在那之前"),
    ):
        assert asked in str(await secretary.says(said))
    await secretary.says("周四 18:00")
    await secretary.says("取消")
    secretary.heard()

    number = await world.published(secretary, MEETING)
    (preview,) = [card for card in secretary.cards() if "预览 #2" in card.text]
    assert "时间：11月27日（周五）15:00–17:00" in preview.text
    assert "地点：二楼会议室" in preview.text
    (card,) = li.heard()
    assert "#2 会议：支部大会" in card
    assert "11月27日（周五）15:00–17:00" in card
    assert "请在 11月26日（周四）18:00 前回复来不来" in card

    await li.taps("参加")
    assert "我的回复 参加" in li.cards()[-1].text.replace("：", " ")
    assert "请回复：参加 2，或：请假 2 事由" in str(await wang.says("收到"))
    await wang.taps("请假")
    assert "是什么事由" in wang.heard()[-1]
    assert "只有书记看得到" in str(await wang.says("去医院复查"))
    (told,) = [words for words in secretary.heard() if "请假" in words and "事由" in words and "预览" not in words]
    assert told == "王五（第一支部）请假：#2 支部大会\n事由：去医院复查"
    assert "您请假" in str(await zhao.says("请假 出差"))
    assert "您参加" in str(await zhao.says("参加 2"))

    progress = str(await secretary.says(f"进度 {number}"))
    assert "参加 2 人 · 请假 1 人" in progress
    assert "去医院" not in progress
    names = str(await secretary.says("名单 2"))
    assert "请假 1 人：王五（去医院复查）" in names
    assert "还没回复 1 人：张书记" in names
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, li.member_id)
        assert delivery is not None
        receipts = await tx.receipts.of(delivery.id)
        assert {receipt.source for receipt in receipts} == {Source.CARD}
    for person in (secretary, li, wang, zhao):
        person.heard()

    await world.skips(days=1, hours=1)
    assert "提醒：#2 支部大会" in secretary.heard()[0]
    assert li.heard() == wang.heard() == []
    await world.passes(days=3, hours=2, longest_step=timedelta(hours=6))
    soon = [words for words in li.heard() if "快开始了" in words]
    assert len(soon) == 1
    assert "二楼会议室" in soon[0]
    assert not [words for words in wang.heard() if "快开始了" in words]


async def test_checking_in(world: World) -> None:
    secretary, li, wang, zhao = await world.branch(members=["李四", "王五", "赵六"])
    number = await world.published(secretary, "/会议 党课\n时间：今天 15:00\n地点：大厅")
    await li.says(f"请假 {number} 发烧")
    said = str(await secretary.says(f"签到 {number}"))
    code = said.split("签到码：")[1][:6]
    assert code.isdecimal()
    assert "/i/" in said
    assert "现在不能用" in str(await li.says(f"签到 {code}"))
    await world.skips(hours=4, minutes=45)
    assert await wang.says(f"签到 {code}") == "签到成功：#1 党课"
    assert "已经签到过" in str(await wang.says(f"签到{code}"))
    other = str(int(code) - 1 if code != "100000" else 100001)
    for _ in range(5):
        await zhao.says(f"签到 {other}")
    assert "试得太多" in str(await zhao.says(f"签到 {other}"))
    entered = str(await secretary.says(f"签到 {number} 赵六、李四 王五 钱七"))
    assert "代签 2 人" in entered
    assert "已经签过：王五" in entered
    assert "不在名单里：钱七" in entered
    names = str(await secretary.says(f"名单 {number}"))
    assert "签到 3 人：李四（代签）、王五、赵六（代签）" in names
    assert "请带上现场的六位签到码" in str(await li.says(f"签到 {number}"))


async def test_away_for_some_days(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    number = await world.published(secretary, "/通知 交党费\n截止：周四 18:00\n正文")
    later = await world.published(secretary, "/通知 年终总结\n截止：12月20日\n正文")
    assert "例如：请假到" in str(await li.says("请假到 出差"))
    assert "不再等您（现有 1 条）" in str(await li.says("请假到周五 出差"))
    assert "李四 请假到 11月27日（周五），事由：出差" in secretary.heard()[-1]
    assert "0/2" in str(await secretary.says(f"进度 {number}"))
    assert "0/3" in str(await secretary.says(f"进度 {later}"))
    li.heard()
    third = await world.published(secretary, "/通知 本周值班\n截止：12月1日\n正文")
    fourth = await world.published(secretary, "/通知 周三学习\n截止：周三\n正文")
    assert len([words for words in li.heard() if "本周值班" in words]) == 1
    assert "0/3" in str(await secretary.says(f"进度 {third}"))
    assert "0/2" in str(await secretary.says(f"进度 {fourth}"))
    assert "欢迎回来" in str(await li.says("销假"))
    assert "周三学习" in li.heard()[-1]
    assert "0/3" in str(await secretary.says(f"进度 {number}"))
    await wang.says("请假到明天")
    await world.skips(days=2)
    assert "0/3" in str(await secretary.says(f"进度 {number}"))


@pytest.fixture
async def room(group_world: World) -> Room:
    people = await group_world.branch(members=["李四", "王五"])
    room = Room(group_world, "第一支部群", people)
    await room.says(people[0], "绑定")
    return room


async def test_in_a_group_there_are_counts_and_no_reasons(room: Room) -> None:
    world = room.world
    people: list[Person] = list(world.people.values())
    secretary, li, wang = people
    number = await world.published(secretary, MEETING)
    await room.taps(li, "请假")
    assert "请假 1" in room.cards()[-1].text
    assert "是什么事由" in li.heard()[-1]
    await li.says("家里有事")
    await room.taps(wang, "参加")
    assert "参加 1 · 请假 1" in room.cards()[-1].text
    heard = await room.says(wang, f"请假 {number} 感冒了")
    assert heard == [f"#{number} 记下了。"]
    assert "感冒" not in "".join(shown.text for shown in room.group.messages if shown.sender == "bot")
    assert "家里有事" not in "".join(shown.text for shown in room.group.messages)


async def test_nobody_is_reminded_while_away(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.published(secretary, "/通知 年终总结\n截止：12月31日\n提醒：24h，48h，120h")
    await li.says("请假到11月26日 出差")
    li.heard()
    wang.heard()
    await world.passes(days=3)
    assert [words for words in li.heard() if "年终总结" in words] == []
    assert any("年终总结" in words for words in wang.heard())
    await world.passes(days=3)
    assert any("年终总结" in words for words in li.heard())

    await world.published(secretary, "/通知 消防检查\n截止：12月31日\n提醒：13h\n正文")  # 22:00 is quiet
    await world.skips(hours=12, minutes=58)
    li.heard(), wang.heard()
    await secretary.says("催办 2")
    await li.says("请假到12月10日 出差")
    await world.skips(hours=10)
    assert any("消防检查" in words for words in wang.heard())
    assert not any("消防检查" in words for words in li.heard()), "it waited for the morning, and the leave began"
    await li.says("销假")
    await world.passes(days=2)
    assert any("消防检查" in words for words in li.heard())
