"""What a secretary asks and does about items that are out, and whom the bot does not answer."""

from datetime import timedelta

import pytest

from storage.enums import Role
from tests.world import Person, World

UNDO = timedelta(minutes=2, seconds=1)
ABSENT = "没有找到 #{}，请核对编号。"


async def after(world: World, length: timedelta) -> None:
    world.clock.advance(length)
    await world.app.settle()


async def push(world: World, secretary: Person, *texts: str) -> None:
    """Drafts and confirms each, and lets the undo window pass once; nobody has read anything after that."""
    for text in texts:
        await secretary.says(text)
        await secretary.taps("发送")
    await after(world, UNDO)
    for person in world.people.values():
        person.heard()


@pytest.fixture
async def town(world: World) -> World:
    """机关总支 with 第一支部 and 第二支部 below it."""
    await world.branch("机关总支", secretary="赵书记")
    await world.branch("第一支部", members=["李四", "王五"], parent="机关总支")
    await world.branch("第二支部", secretary="钱书记", members=["孙六"], parent="机关总支")
    return world


async def test_progress_and_who_is_missing(town: World) -> None:
    head, li = town.people["赵书记"], town.people["李四"]
    await push(town, head, "通知 周五大会\n截止：周五18:00")
    await li.says("收到")
    assert await head.phone.say("进度１") == (
        "#1 周五大会\n进行中，截止 11月27日（周五）18:00\n已完成 1/6  ▓▓░░░░░░░░ 17%\n已确认 1 · 已送达未读 5\n"
        "机关总支  0/1  ░░░░░░░░░░ 0%\n第一支部  1/3  ▓▓▓░░░░░░░ 33%\n第二支部  0/2  ░░░░░░░░░░ 0%"
    )
    assert await head.phone.say("进度") == "进行中的条目：\n#1 周五大会\n已完成 1/6  ▓▓░░░░░░░░ 17%"
    missing = "#1 周五大会\n还有 5 人没有完成：\n机关总支（1）：1 赵书记\n第一支部（2）：2 张书记、4 王五"
    missing += "\n第二支部（2）：5 钱书记、6 孙六\n\n"
    assert str(await head.phone.say("未读 1")).startswith(missing)
    assert str(await head.phone.say("未读")).startswith(missing)
    assert await head.says("/STATUS ＃０１") == await head.phone.say("进度：1")


@pytest.mark.faults("CMD2")
async def test_rights_follow_the_tree(town: World) -> None:
    """Own, below, foreign and absent: what is not one's business answers like what is not there."""
    head, first, second = (town.people[name] for name in ("赵书记", "张书记", "钱书记"))
    await push(town, first, "通知 周五大会")
    for command in ("进度", "未读", "催办", "撤回", "结束"):
        assert await second.phone.say(f"{command} 1") == ABSENT.format(1), command
        assert await second.phone.say(f"{command} 99") == ABSENT.format(99), command
    for command in ("豁免 {} 李四 出差", "恢复 {} 李四", "补发 {} 孙六"):
        assert await second.phone.say(command.format(1)) == ABSENT.format(1), command
        assert await second.phone.say(command.format(99)) == ABSENT.format(99), command
    assert await second.says("进度") == "现在没有进行中的条目。"
    assert await second.says("通知 大会\n对象：第一支部") == "没有“第一支部”，是不是“第二支部”？请回复正确的写法。"
    await second.says("取消")
    assert await second.says("通知 大会\n对象：李四") == await second.says("李四")
    await second.says("取消")

    assert (await head.phone.say("进度 1") or "").startswith("#1 周五大会\n进行中")
    assert "第一支部（3）" in (await head.phone.say("未读 1") or "")
    assert await head.says("豁免 1 李四 出差") == ("李四 的 #1 已豁免：出差。不再催办；想恢复请发：恢复 1 李四")

    await push(town, head, "通知 全体大会")
    seen = await second.says("进度 2") or ""
    assert seen.splitlines()[2:] == ["已完成 0/2  ░░░░░░░░░░ 0%", "已送达未读 2", "以上只统计您能看到的支部。"]
    missing = "#2 全体大会\n还有 2 人没有完成：\n第二支部（2）：5 钱书记、6 孙六\n\n"
    assert str(await second.says("未读 2")).startswith(missing)
    for command in ("催办", "撤回", "结束"):
        assert await second.phone.say(f"{command} 2") == ABSENT.format(2), command


@pytest.mark.faults("CMD1")
async def test_members_and_supervisors(town: World) -> None:
    li, first = town.people["李四"], town.people["张书记"]
    await push(town, first, "通知 周五大会")
    watching = await town.member("监督", "第一支部", roles=[Role.SUPERVISOR])
    for command in ("/进度 1", "/撤回 1", "/通知 开会", "/绑定 第一支部"):
        word = command[1:].split()[0]
        assert await li.phone.say(command) == f"没有“{word}”这个命令。想看能做什么，请发：帮助"
    assert (await watching.says("进度 1") or "").startswith("#1 周五大会")
    assert "李四" in (await watching.says("未读 1") or "")
    assert await watching.says("/撤回 1") == "没有“撤回”这个命令。想看能做什么，请发：帮助"
    assert "未读" in (await watching.phone.say("帮助") or "")
    assert "撤回" not in (await watching.phone.say("帮助") or "")


@pytest.mark.faults("CMD13")
async def test_reminding_by_hand(town: World) -> None:
    first, li, wang = (town.people[name] for name in ("张书记", "李四", "王五"))
    await push(town, first, "通知 周五大会", "通知 交党费")
    await li.says("收到 1")
    assert await first.says("催办 1") == "#1 会提醒 2 位还没完成的成员。"
    assert "您还有 2 件事没回复" in wang.heard()[-1]
    assert li.heard() == ["#1 周五大会，已确认，谢谢。"]
    assert await first.says("催办1") == "#1 刚提醒过，11月23日（周一）10:12 以后可以再催。"
    assert await first.says("催办 2") == "#2 会提醒 1 位还没完成的成员。\n另有 2 人提醒次数已满，这次不打扰。"
    await after(town, timedelta(minutes=11))
    assert await first.says("催办 1") == "#1 这次没有发提醒。\n另有 2 人提醒次数已满，这次不打扰。"
    assert await first.says("催办") == "催办哪一条？请带上编号，例如：催办 12"


async def test_reminding_in_the_night_waits_for_the_morning(town: World) -> None:
    first, li = town.people["张书记"], town.people["李四"]
    await push(town, first, "通知 周五大会")
    await after(town, timedelta(hours=13))
    li.heard()
    assert await first.says("催办 1") == (
        "#1 会提醒 3 位还没完成的成员。\n现在是安静时段，11月24日（周二）08:00 起陆续发出。"
    )
    assert li.heard() == []
    await after(town, timedelta(hours=9, minutes=15))
    assert "提醒：#1 周五大会" in li.heard()[-1]


@pytest.mark.faults("CMD10", "CMD17")
async def test_excusing_restoring_and_adding(town: World) -> None:
    first, li = town.people["张书记"], town.people["李四"]
    await push(town, first, "通知 周五大会\n对象：全体，除王五")
    namesake = await town.member("李四", "第一支部")
    assert await first.says("豁免 1 李四") == "请写明事由，例如：豁免 1 李四 出差"
    assert await first.says("豁免 1 李斯 出差") == "#1 的对象里没有“李斯”，是不是“李四”？"
    assert await first.says("豁免 李四") == "请写明编号、姓名和事由，例如：豁免 12 张三 出差"
    done = "李四 的 #1 已豁免：出差。不再催办；想恢复请发：恢复 1 李四"
    assert await first.says("豁免1 李四，出差") == done
    assert await first.says("豁免 1 李四 出差") == "李四 的 #1 已经豁免：出差。想恢复请发：恢复 1 李四"
    restored = "李四 的 #1 已恢复，原事由：出差。下次提醒 11月24日（周二）10:02。"
    assert await first.says("恢复 1 李四") == restored
    several = await first.says("补发 1 李四") or ""
    assert several.startswith("请写明是哪一位“李四”：")
    assert await first.says(f"补发 1 李四@{namesake.userid}") == "好的，#1 正在发给 李四。"
    assert "#1 周五大会" in namesake.last.text
    assert await first.says("补发 1 王五") == "好的，#1 正在发给 王五。"
    assert await first.says("补发 1 王五") == "王五 本来就在 #1 的对象里，不重复发。"
    assert await first.says("补发 1 孙六") == "您的支部里没有“孙六”。"
    assert li.heard() == []


async def test_closing_and_withdrawing(town: World) -> None:
    first, li, wang = (town.people[name] for name in ("张书记", "李四", "王五"))
    await push(town, first, "通知 周五大会", "通知 交党费")
    await li.says("收到 1")
    assert await first.says("结束 1") == (
        "#1 周五大会\n已结束，不再催办。\n已完成 1/3  ▓▓▓░░░░░░░ 33%\n已确认 1 · 已送达未读 2\n"
        "还没有完成的人：\n第一支部（2）：张书记、王五\n补交的回执仍然算数。"
    )
    assert await first.says("结束 1") == "#1 已经结束了。"
    assert await first.says("催办 1") == "#1 不在进行中，不能催办。"
    assert await first.says("补发 1 王五") == "#1 已经结束，不能补发。"
    await wang.says("收到 2")
    said = await first.says("撤回２") or ""
    assert said.splitlines() == [
        "#2 交党费",
        "已撤回，催办已停止。撤回不能恢复。",
        "· 撤回前已有 1 人看过",
        "· 正在从 3 人的手机撤回，结果出来就告诉您，也可以问：进度 2",
        "· 收到过的人都会接到一句说明",
    ]
    assert "已从 3 人的手机撤回" in (await first.says("进度 2") or "")
    assert [card.text for card in li.cards() if "#2" in card.text] == []
    assert li.heard()[-1] == "#2 交党费 已撤回，请不要再按它办理，也不用回复了。"
    assert await first.says("撤回") == "撤回不能恢复，请写明编号，例如：撤回 12"
    assert await first.says("撤回 2") == "#2 已经撤回过了。"


async def test_the_list(town: World) -> None:
    first = town.people["张书记"]
    assert await first.says("列表") == "现在没有进行中的条目，也没有草稿。要发通知请看：帮助 通知"
    await push(town, first, "通知 周五大会\n截止：周五18:00")
    await first.says("通知 交党费")
    await first.says("通知 明天的事\n定时：明天上午9点")
    await first.taps("发送")
    assert await first.says("/list") == (
        "进行中：\n#1 周五大会\n已完成 0/3  ░░░░░░░░░░ 0%，截止 11月27日（周五）18:00\n您的草稿和待发：\n"
        "#3 明天的事\n11月24日（周二）09:00 发出，收回请回复：撤销 3\n"
        "#2 交党费\n草稿，发出请回复：确认 2；不要了请回复：取消 2"
    )
    assert (await first.says("进度 2") or "").startswith("#2 交党费\n草稿，还没有确认")
    assert await first.says("未读 2") == "#2 交党费\n还没有发出，没有未完成的名单。"
    assert await first.says("结束 2") == "#2 还是草稿，没有发出。不要了请发：取消 2"
    assert await first.says("撤回 2") == "#2 还是草稿，没有发出。不要了请发：取消 2"
    assert await first.says("催办 2") == "#2 不在进行中，不能催办。"


@pytest.mark.faults("CMD16")
async def test_numbers_and_words_as_thumbs_type_them(town: World) -> None:
    first = town.people["张书记"]
    await push(town, first, "通知 周五大会")
    progress = await first.says("进度 1")
    for typed in (
        "进度1",
        "／进度　１",
        "进度＃１",
        "进度 #001",
        "进度：1。",
        "进度 1号",
        "进度 第1条",
        "STATUS 1",
        "/status1",
    ):
        assert await first.phone.say(typed) == progress, typed
    for unclear in ("进度 12;13", "进度 1 2", "进度 12345678901234567890", "进度 一", "进度 周五大会"):
        assert await first.phone.say(unclear) == "请带上编号，例如：进度 12", unclear
    assert await first.says("进渡 1") == "没有“进渡”这个命令，是不是想说“进度”？想看能做什么，请发：帮助"
    assert await first.says("进度怎么样") == "是想用“进度”吗？请在它后面空一格再写。用法请发：帮助 进度"
    assert await first.says("通知周五开会") == "是想用“通知”吗？请在它后面空一格再写。用法请发：帮助 通知"
    assert await first.says("通知周五开会\n截止：周五\n请准时参加，不要迟到。") == (
        "是想用“通知”吗？请在它后面空一格再写。用法请发：帮助 通知"
    )
