"""What members hear, and what they can say."""

from datetime import timedelta

import pytest

from storage.enums import Source
from tests.world import Person, World

UNDO = timedelta(minutes=2, seconds=1)
HINT = "没有听懂。要回复通知请说“收到 编号”，想看能做什么请发：帮助"


async def push(world: World, secretary: Person, *texts: str) -> None:
    """Drafts and confirms each, and lets the undo window pass once; nobody has read anything after that."""
    for text in texts:
        await secretary.says(text)
        await secretary.taps("发送")
    world.clock.advance(UNDO)
    await world.app.settle()
    for person in world.people.values():
        person.heard()


async def evidence(world: World, number: int, person: Person) -> list[str]:
    """Where the member's receipts came from."""
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, person.member_id)
        assert delivery is not None
        return [receipt.source for receipt in await tx.receipts.of(delivery.id)]


SAID = [
    "收到",
    "1",
    "１",
    "好的",
    "确认收到",
    "收到！",
    "ok 收到👍",
    "收到，谢谢书记",
    "确认",
    "收到 1",
    "收到１",
    "收到＃０１",
    "确认 1",
    "确认1，谢谢",
    "收到 1 谢谢",
    "1号收到",
    "/收到 1",
    "/ack 1",
    "好的 1",
]


async def test_every_way_to_say_received(world: World) -> None:
    secretary, *members = await world.branch(members=[f"成员{n}" for n in range(len(SAID))])
    await push(world, secretary, "通知 周五开会")
    for member, said in zip(members, SAID, strict=True):
        assert await member.phone.say(said) == "#1 周五开会，已确认，谢谢。", said
    assert await evidence(world, 1, members[0]) == [Source.CHAT]
    assert await members[0].phone.say("收到") == "现在没有等您回复的事，不用再回了，谢谢。"
    assert await members[0].phone.say("收到 1") == "#1 您已确认过，时间是 11月23日（周一）10:02。"
    assert await members[0].phone.say("收到 7") == "没有找到 #7，请核对编号。"
    for unclear in ("收到 1;2", "收到 1 2", "收到 12345678901234567890", "确认 1；2"):
        assert await members[0].phone.say(unclear) == "请带上编号，例如：收到 12", unclear


@pytest.fixture
async def three(world: World) -> tuple[World, Person, Person]:
    """Two notices and a material wait for 李四."""
    secretary, li = await world.branch(members=["李四"])
    await push(world, secretary, "通知 周五开会\n截止：周五18:00", "通知 交党费\n截止：月底", "学习 本周材料")
    return world, secretary, li


async def test_with_several_open_the_bot_asks_which(three: tuple[World, Person, Person]) -> None:
    world, _, li = three
    asked = "您有几件事还没回复：\n#1 周五开会\n#2 交党费\n#3 本周材料\n请带上编号回复，例如：收到 1"
    assert await li.says("收到") == asked
    assert await li.says("好的") == asked
    assert await li.says("待办") == (
        "您有 3 件待办：\n#1 周五开会（11月27日（周五）18:00 前）\n#2 交党费（11月30日（周一）18:00 前）\n#3 本周材料\n"
        "看过后请回复编号，例如：收到 1\n其他的打开消息看一看就好。"
    )
    assert await li.says("2") == "#2 交党费，已确认，谢谢。"
    assert await li.says("看完了 3") == "#3 本周材料，记下您看过了，谢谢。"
    assert await li.says("收到") == "#1 周五开会，已确认，谢谢。"
    assert await li.says("待办") == "您没有待办，都完成了。"
    assert await evidence(world, 3, li) == [Source.CHAT]


async def test_putting_reminders_off(three: tuple[World, Person, Person]) -> None:
    _, _, li = three
    assert await li.says("稍后") == "您有几件事：#1、#2、#3。请带上编号，例如：稍后 1"
    assert await li.says("明早") == "您有几件事：#1、#2、#3。请带上编号，例如：明早 1"
    assert await li.says("明早 下周") == "请带上编号，例如：明早 12"
    later = "好的，#1 下次提醒在 11月24日（周二）13:02。截止时间不变：11月27日（周五）18:00"
    assert await li.says("稍后1") == later
    assert await li.says("明早 ３") == "好的，#3 下次提醒在 11月24日（周二）08:00。"
    await li.says("收到 2")
    assert await li.says("稍后 2") == "#2 您已经完成了，不会再提醒。"
    assert await li.says("稍后 9") == "没有找到 #9，请核对编号。"


async def test_own_words_go_to_the_author(three: tuple[World, Person, Person]) -> None:
    world, secretary, li = three
    for words in ("我周五请假，孩子要开家长会", "收到通知了，我会参加", "明天 去不了", "你好？"):
        assert await li.says(words) == "已转给发布人：#3 本周材料"
        world.clock.advance(timedelta(minutes=1))
        await world.app.settle()
        assert secretary.heard() == [f"李四（第一支部）回复 #3 本周材料：\n{words}"]
    await push(world, secretary, "通知 交材料")
    assert await li.says("明天交") == "已转给发布人：#4 交材料\n这一条还等您确认，请发：收到 4"
    assert await secretary.says("明天交") == HINT


async def test_a_slip_is_named_and_never_met_with_silence(world: World) -> None:
    _, li = await world.branch(members=["李四"])
    near = "没有“{}”这个命令，是不是想说“{}”？想看能做什么，请发：帮助"
    assert await li.says("收道 1") == near.format("收道", "收到")
    assert await li.says("/帮肋") == near.format("帮肋", "帮助")
    assert await li.says("/什么") == "没有“什么”这个命令。想看能做什么，请发：帮助"
    assert await li.says("今天天气不错") == HINT
    assert await li.says("  ") == "没有看到文字。想看能做什么，请发：帮助"
    assert await li.phone.send("image") == "目前只看得懂文字，图片、语音和文件请改用文字告诉我。"


async def test_nothing_waits(world: World) -> None:
    _, li = await world.branch(members=["李四"])
    assert await li.says("收到") == "现在没有等您回复的事，不用再回了，谢谢。"
    assert await li.says("确认") == "现在没有等您回复的事，不用再回了，谢谢。"
    assert await li.says("待办") == "您没有待办，都完成了。"
    assert await li.says("稍后") == "现在没有等您回复的事，不会再提醒您。"


async def test_help_shows_what_one_may_do(world: World) -> None:
    _, li = await world.branch(members=["李四"])
    words = await li.phone.say("帮助") or ""
    assert "收到：回复通知，例如：收到 12" in words
    assert "撤回" not in words
    assert "支部工作" not in words
    assert await li.phone.say("帮助 确认") == await li.phone.say("帮助 收到")
    assert await li.phone.say("/帮助收到") == await li.phone.say("帮助收到") == await li.says("help ack")
    assert await li.phone.say("帮助 撤回") == "没有“撤回”这个命令。想看能做什么，请发：帮助"


async def test_my_data(three: tuple[World, Person, Person]) -> None:
    _, _, li = three
    await li.says("收到 1")
    words = await li.says("我的记录") or ""
    assert words.startswith("李四，第一支部\n")
    assert "· 您的回执：1 条，记着时间和来源" in words
    assert "#1 周五开会  已确认 11月23日（周一）10:02" in words


async def test_a_late_receipt_counts(world: World) -> None:
    secretary, li, wang, zhao = await world.branch(members=["李四", "王五", "赵六"])
    await push(world, secretary, "通知 周五开会")
    await secretary.says("结束 1")
    late = "#1 周五开会 已经结束，您的确认仍然算数，谢谢。"
    assert await li.says("收到 1") == late
    assert await wang.says("收到") == late
    await zhao.taps("确认收到")
    assert zhao.cards()[-1].button("已确认")
    assert "已确认 3" in (await secretary.says("进度 1") or "")
    assert await li.says("收到") == "现在没有等您回复的事，不用再回了，谢谢。"


@pytest.mark.faults("CB28", "CB29")
async def test_a_card_pressed_twice_late_and_by_an_outsider(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await push(world, secretary, "通知 周五开会\n对象：李四，张书记")
    card = li.cards()[-1]
    await world.twin.app.click(wang.userid, card, "ack:1")
    await world.app.settle()
    assert wang.heard() == ["没有找到 #1，请核对编号。"]
    await li.taps("确认收到", card, repeat=3)
    await world.twin.app.click(li.userid, card, "ack:1")
    await world.app.settle()
    assert await evidence(world, 1, li) == [Source.CARD]
    assert li.heard() == []
    world.twin.faults.add(api="message/update_template_card", times=1, errcode=60140, errmsg="used")
    await secretary.taps("确认收到")
    assert secretary.last.text == "已确认"
    assert await evidence(world, 1, secretary) == [Source.CARD]

    await push(world, secretary, "通知 交党费\n对象：李四，王五")
    await secretary.says("撤回 2")
    assert li.heard()[-1] == "#2 交党费 已撤回，请不要再按它办理，也不用回复了。"
    assert await li.says("收到 2") == "#2 这条通知已撤回，不用回复了。"
    assert await evidence(world, 2, li) == []


@pytest.mark.faults("CMD1")
async def test_strangers_hear_one_thing_whatever_they_say(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    await push(world, secretary, "通知 周五开会")
    stranger = world.stranger("zhang-secretary")
    said = "您还不在名册上，所以我帮不了您。请把账号 zhang-secretary 发给所在支部的书记，请他把您加进名册。"
    for words in ("你好", "收到", "收到 1", "/撤回 1", "帮助", "我的记录"):
        assert await stranger.phone.say(words) == said
    assert await stranger.phone.enter() is None


async def test_many_answers_reach_the_author_in_a_few_messages(world: World) -> None:
    names = [f"成员{n}" for n in range(12)]
    secretary, *members = await world.branch(members=names)
    await world.published(secretary, "/通知 周五大扫除\n请带工具。")
    secretary.heard()

    for member in members:
        await member.says(f"我可以带扫帚{member.name}")
    await world.passes(minutes=3)

    heard = secretary.heard()
    assert len(heard) <= 5
    words = "\n".join(heard)
    assert all(f"我可以带扫帚{name}" in words for name in names)
