"""From a secretary's words to everybody's phone: draft, preview, confirm, undo, push."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import Person, World, build

UNDO = timedelta(minutes=2, seconds=1)


async def after(world: World, length: timedelta) -> None:
    """Moves the clock at once: nothing is due on the way."""
    world.clock.advance(length)
    await world.app.settle()


async def status_of(world: World, number: int) -> str:
    async with world.reading() as tx:
        item = await tx.items.get(number)
    assert item is not None
    return item.status


def code_in(preview: str) -> str:
    """The four digits that a preview asks for."""
    return preview.rsplit("请回复：确认 ", 1)[1].split()[1]


def fields_of(person: Person) -> dict[str, str]:
    """The rows of the last card."""
    card = person.last.card
    assert card is not None
    return {row["keyname"]: row["value"] for row in card["horizontal_content_list"]}


async def test_from_words_to_phones(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("/通知 关于召开支部大会的通知\n截止：12月1日 18:00\n要求：确认\n各位成员：周五下午三点开会。")
    preview = secretary.last
    assert preview.text.splitlines() == [
        "第一支部",
        "预览 #1 关于召开支部大会的通知",
        "请在 12月1日（周二）18:00 前确认收到",
        "各位成员：周五下午三点开会。",
        "约 1 分钟；本周第一条",
        "发给：第一支部，2 人",
        "发出：点“发送”后 2 分钟",
        "截止：12月1日（周二）18:00",
        "提醒：11月24日（周二）10:02 起，共 4 次",
    ]
    assert [button.text for button in preview.buttons] == ["发送", "取消"]

    await secretary.taps("发送")
    assert secretary.last.text == "好的，#1 关于召开支部大会的通知 会在 2 分钟后发给 2 人。想收回就回复：撤销 1"
    assert [button.text for button in preview.buttons] == ["已确认发送", "取消"]
    assert not any(button.enabled for button in preview.buttons)
    await after(world, timedelta(minutes=1))
    assert li.heard() == []
    await after(world, UNDO)
    (pushed,) = li.heard()
    assert pushed.splitlines()[1:] == [
        "#1 关于召开支部大会的通知",
        "请在 12月1日（周二）18:00 前确认收到",
        "各位成员：周五下午三点开会。",
    ]
    assert [button.text for button in li.last.buttons] == ["确认收到", "查看全文"]
    assert await secretary.says("撤销 1") == "#1 已经发出，来不及撤销了。要收回请回复：撤回 1"


@pytest.mark.faults("CMD6", "CMD8")
async def test_undo_and_confirming_twice(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("通知 周五开会")
    assert (await secretary.says("确认１") or "").startswith("好的，#1 周五开会 会在 2 分钟后")
    assert await secretary.says("确认 1") == "#1 已经确认过了，不会重复发。"
    await secretary.taps("发送")
    assert secretary.last.text == "#1 已经确认过了，不会重复发。"
    undone = "#1 周五开会 已收回，没有人看到。再发请回复：确认 1；不要了请回复：取消 1"
    assert await secretary.says("撤销1") == undone
    await after(world, UNDO)
    assert li.heard() == []
    assert await secretary.says("撤销 1") == "#1 还没有确认，不用撤销。"
    await secretary.says("确认 1", repeat=3)
    await after(world, UNDO)
    assert len(li.heard()) == 1
    assert await secretary.says("取消 1") == "#1 已经发出，不能取消。要收回请回复：撤回 1"


async def test_whoever_confirms_again_after_it_went_out_is_told_so(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    await secretary.says("通知 周五开会\n对象：李四")
    await secretary.says("确认 1")
    await after(world, UNDO)
    assert await secretary.says("确认 1") == "#1 已经确认过了，不会重复发。"


TITLES = [
    "／通知　周五开会",
    "/通知周五开会",
    "通知：周五开会",
    "、通知 周五开会",
    "通知\n周五开会",
    "/NOTICE 周五开会",
    "通知 标题：周五开会",
]


async def test_a_title_however_it_was_typed(world: World) -> None:
    (secretary,) = await world.branch()
    for number, written in enumerate(TITLES, 1):
        await secretary.says(written)
        assert secretary.last.text.splitlines()[1] == f"预览 #{number} 周五开会", written


async def test_what_is_missing_or_unclear_is_asked_one_thing_at_a_time(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    assert await secretary.says("通知") == "通知的标题是什么？直接回复标题就好，不发了就回复“取消”。"
    first = "“周五3点”是 11月27日（周五）03:00，还是 11月27日（周五）15:00？请回复“上午”或“下午”。"
    assert await secretary.says("学习会\n截止：周五3点\n对象：第一只部\n要求：回复\n请带笔记本。") == (
        "没有“第一只部”，是不是“第一支部”？请回复正确的写法。"
    )
    assert await secretary.says("第一支部") == first
    assert await secretary.says("下午3点") == "“要求”可以写：无、已读、确认。“回复”没看懂，请重新回复。"
    await secretary.says("确认")
    assert "请在 11月27日（周五）15:00 前确认收到\n请带笔记本。" in secretary.last.text
    assert await secretary.says("确认") != "确认哪一条？请带上编号，例如：确认 12"
    await after(world, UNDO)
    assert len(li.heard()) == 1


ANSWERS = [
    ("上午", "11月27日（周五）03:00"),
    ("15点", "11月27日（周五）15:00"),
    ("截止：周六晚上8点", "11月28日（周六）20:00"),
    ("明早9点", "11月24日（周二）09:00"),
    ("2", "11月27日（周五）15:00"),
]


async def test_an_unclear_time_is_settled_by_a_short_answer(world: World) -> None:
    (secretary,) = await world.branch()
    for answer, due in ANSWERS:
        await secretary.phone.say("通知 开会\n截止：周五3点")
        await secretary.says(answer)
        assert fields_of(secretary)["截止"] == due, answer


REFUSALS = [
    ("截止：昨天", "“截止：昨天”已经过去了。请回复一个以后的时间，例如：11月30日 18:00"),
    ("截止：2月30日", "没有“2月30日”这个时间。请重新回复“截止”，例如：11月30日 18:00"),
    ("截止：有空的时候", "没看懂“截止：有空的时候”。请这样回复：11月30日 18:00，或：明天 18:00"),
    (
        "定时：今天20:00\n截止：今天19:00",
        "截止时间要晚于发出时间（11月23日（周一）20:00）。请回复新的截止时间。",
    ),
    ("截止：明天\n截至：后天", "“截止”写了两次。请回复正确的那一个。"),
    ("要求：测验", "测验还不能用。“要求”请回复：无、已读、确认 中的一个。"),
    ("提醒：经常", "“提醒”没看懂“经常”。可以写：默认、不提醒，或发出后多久，例如：24h，48h"),
]


async def test_what_cannot_be_is_asked_back_and_can_be_dropped(world: World) -> None:
    (secretary,) = await world.branch()
    for field, said in REFUSALS:
        assert await secretary.phone.say(f"通知 开会\n{field}\n正文") == said
        assert await secretary.phone.say("取消。") == "好的，刚才的事不办了。"
    assert await secretary.says("取消") == "取消哪一条？请带上编号，例如：取消 12"


async def test_a_first_line_too_long_for_a_title_is_kept_as_text(world: World) -> None:
    (secretary,) = await world.branch()
    line = "各位同志，本周五下午三点在三楼会议室召开支部党员大会，" * 3
    assert await secretary.says(f"通知 {line}") == (
        "第一行有 81 个字，做标题太长（最多 60 个）。请回复一个短标题，刚才那一行会放进正文。"
    )
    await secretary.says("周五大会")
    assert "预览 #1 周五大会" in secretary.last.text
    assert line in secretary.last.text


LINKS = [
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://user:pw@example.org/",
    "http://10.0.0.1/a",
    "http://localhost/",
    "www.example.org",
]


@pytest.mark.faults("CMD14")
async def test_links_that_are_none_are_refused(world: World) -> None:
    (secretary,) = await world.branch()
    await secretary.says("通知 开会\n链接：无网址")
    for link in LINKS:
        assert await secretary.phone.say(link) == (
            f"“{link}”不能当链接。请回复 http 或 https 开头的网址，例如：https://example.org/a"
        )


@pytest.mark.faults("CMD14")
async def test_the_host_of_a_link_is_shown_as_the_network_spells_it(world: World) -> None:
    (secretary,) = await world.branch()
    await secretary.says("通知 开会\n链接：https://аррӏе.com/a")
    assert fields_of(secretary)["链接"] == "xn--80ak6aa92e.com"
    await secretary.says("通知 开会\n链接：https://www.example.org.login.somewhere-else.net/a")
    assert fields_of(secretary)["链接"] == "….login.somewhere-else.net"
    assert not [request for request in world.twin.requests if "example" in request.api]


@pytest.fixture
async def town(world: World) -> Person:
    """A general branch with two branches; the secretary of all of it."""
    (head,) = await world.branch("机关总支", secretary="赵书记")
    await world.branch("第一支部", members=["李四", "王五"], parent="机关总支")
    await world.branch("第二支部", secretary="钱书记", members=["孙六"], parent="机关总支")
    await world.member("周七", "第一支部", tier="正式")
    await world.member("吴八", "第二支部", tier="正式")
    await world.member("郑九", "第二支部", tier="预备")
    await world.member("李四", "第二支部", tier="预备")
    return head


AUDIENCES = [
    ("", "10 人，3 个支部"),
    ("全体", "10 人，3 个支部"),
    ("第一支部", "第一支部，4 人"),
    ("机关总支/第一支部", "第一支部，4 人"),
    ("第一支部、第二支部", "9 人：第二支部 5 人、第一支部 4 人"),
    ("第一支部 第二支部", "9 人：第二支部 5 人、第一支部 4 人"),
    ("正式", "2 人：第一支部 1 人、第二支部 1 人"),
    ("正式，预备", "4 人：第二支部 3 人、第一支部 1 人"),
    ("第二支部，正式", "第二支部，1 人"),
    ("第二支部，正式，王五", "2 人：第一支部 1 人、第二支部 1 人"),
    ("王五，孙六", "2 人：王五，孙六"),
    ("全体，除第二支部", "5 人：第一支部 4 人、机关总支 1 人"),
    ("第一支部（除王五）", "第一支部，3 人"),
    ("全体，除第二支部、正式、王五", "3 人：第一支部 2 人、机关总支 1 人"),
    ("all", "10 人，3 个支部"),
]


async def test_audiences_in_all_forms(world: World, town: Person) -> None:
    for to, shown in AUDIENCES:
        await town.says(f"通知 开会\n对象：{to}")
        assert fields_of(town)["发给"] == shown, to
        if "个支部" in shown:
            assert "各支部：第二支部 5 人、第一支部 4 人、机关总支 1 人" in town.last.text


@pytest.mark.faults("CMD10", "CMD11")
async def test_names_that_mean_two_or_none(world: World, town: Person) -> None:
    asked = "叫“李四”的不止一位：李四@第二支部、李四@第一支部。请回复带支部的写法。"
    assert await town.says("通知 开会\n对象：李四") == asked
    await town.says("李四@第二支部")
    assert fields_of(town)["发给"] == "1 人：李四@第二支部"
    assert await town.says("通知 开会\n对象：正试") == "没有“正试”，是不是“正式”？请回复正确的写法。"
    assert await town.says("骨干") == "这样选，一个人也没有。请重新回复“对象”。"
    unknown = "没有“火星分部”。可以写支部名、学习层级、姓名或“全体”，请重新回复。"
    assert await town.says("火星分部") == unknown
    assert await town.says("取消") == "好的，刚才的事不办了。"
    async with world.reading() as tx:
        assert [item.id for item in await tx.items.unpublished_of(town.member_id, 9)] == [1]


@pytest.mark.faults("CMD5", "CMD12")
async def test_placeholders_and_twins_ask_for_one_more_step(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("通知 关于XX的通知\n请{姓名}参加")
    preview = secretary.last.text
    assert "注意：文中还有“XX、{姓名}”，是不是忘了改？" in preview
    code = code_in(preview)
    await secretary.taps("发送")
    asked = f"#1 要发给 2 人，请再看一遍，没问题就回复：确认 1 {code}"
    assert secretary.last.text == asked
    assert await secretary.says("确认 1") == asked
    wrong = "数字不对。请看预览里的四位数字，回复：确认 1 四位数字"
    assert await secretary.says(f"确认 1 {'0000' if code != '0000' else '0001'}") == wrong
    assert (await secretary.says(f"确认１，{code}") or "").startswith("好的，#1")
    await after(world, UNDO)
    assert len(li.heard()) == 1

    await secretary.says("通知 周五开会\n三点")
    await secretary.taps("发送")
    await after(world, UNDO)
    await secretary.says("通知 周五开会\n三点")
    assert "注意：和一天内发过的 #2 一模一样。" in secretary.last.text
    assert f"确认 3 {code_in(secretary.last.text)}" in secretary.last.text


async def test_a_field_without_its_colon_is_pointed_out(world: World) -> None:
    (secretary,) = await world.branch()
    await secretary.says("通知 开会\n截止 明天18:00")
    assert "注意：“截止”后面没有冒号，当成正文了。" in secretary.last.text
    await secretary.says("通知 开会\n截止日：明天18:00")
    assert "注意：“截止日”写在正文里了，是不是“截止”？" in secretary.last.text


@pytest.fixture
async def careful(tmp_path: Path) -> AsyncIterator[World]:
    """Five members are many here."""
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, publishing={"code_above": 4, "undo_window": "0s"}) as world:
        yield world


@pytest.mark.faults("CMD5", "CMD9")
async def test_many_members_ask_for_the_code_and_changes_for_another_look(careful: World) -> None:
    secretary, *members = await careful.branch(members=["甲", "乙", "丙"])
    await secretary.says("通知 开会")
    assert fields_of(secretary)["发出"] == "点“发送”后马上"
    assert "请回复：确认" not in secretary.last.text
    await careful.member("丁", "第一支部")
    assert await secretary.says("确认 1") is None
    words, preview = secretary.heard()[-2:]
    assert words == "名册有变化，#1 现在是 5 人。请再看一遍预览。"
    assert "发给：第一支部，5 人" in preview
    code = code_in(preview)
    assert await secretary.says(f"确认 1 {code}") == "好的，#1 开会 正在发给 5 人。"
    assert len(members[0].heard()) == 1


@pytest.mark.faults("CMD1", "CMD3", "CMD4")
async def test_the_wrong_person_presses(world: World) -> None:
    (head,) = await world.branch("机关总支", secretary="赵书记")
    secretary, li = await world.branch("第一支部", members=["李四"], parent="机关总支")
    await secretary.says("通知 开会")
    card = secretary.last
    absent = "没有找到 #1，请核对编号。"
    for other, said in ((head, absent), (li, "这张卡片已经不能用了。想看能做什么，请发：帮助")):
        await world.twin.app.click(other.userid, card, "confirm:1")
        await world.app.settle()
        assert other.heard() == [said]
    assert await head.says("确认 1") == absent
    assert await li.says("确认 1") == absent
    assert await head.says("取消 1") == absent
    assert await head.says("进度 1") == absent
    async with world.app.database.transaction() as tx:
        await tx.members.set_roles(secretary.member_id, set())
    await secretary.taps("发送", card)
    assert secretary.last.text == "这张卡片已经不能用了。想看能做什么，请发：帮助"
    assert await secretary.says("确认 1") == absent
    await after(world, UNDO)
    assert await status_of(world, 1) == "draft"


async def test_a_secretary_removed_in_the_middle_of_a_draft(world: World) -> None:
    (secretary,) = await world.branch()
    await secretary.says("通知")
    async with world.app.database.transaction() as tx:
        await tx.members.set_roles(secretary.member_id, set())
    assert await secretary.says("周五开会") == "没有“通知”这个命令。想看能做什么，请发：帮助"
    assert await secretary.says("周五开会") == "没有听懂。要回复通知请说“收到 编号”，想看能做什么请发：帮助"


async def test_a_timed_item(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("通知 开会\n定时：今天20:00")
    assert fields_of(secretary)["发出"] == "11月23日（周一）20:00"
    await secretary.taps("发送")
    assert secretary.last.text == "好的，#1 开会 会在 11月23日（周一）20:00 发给 2 人。想收回就回复：撤销 1"
    await after(world, timedelta(hours=9, minutes=59))
    assert li.heard() == []
    assert (await secretary.says("撤销 1") or "").startswith("#1 开会 已收回")
    await secretary.says("确认 1")
    await after(world, timedelta(minutes=1, seconds=1))
    assert li.heard() == []
    await after(world, UNDO)
    assert len(li.heard()) == 1


async def test_a_time_in_quiet_hours_waits_for_the_morning(world: World) -> None:
    (secretary,) = await world.branch()
    await secretary.says("通知 开会\n定时：今天23:00")
    assert fields_of(secretary)["发出"] == "11月24日（周二）08:00"


async def test_tomorrow_morning_instead_of_the_middle_of_the_night(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await after(world, timedelta(hours=13))
    await secretary.says("通知 开会")
    assert [button.text for button in secretary.last.buttons] == ["发送", "明早发", "取消"]
    await secretary.taps("明早发")
    assert secretary.last.text == "好的，#1 开会 会在 11月24日（周二）08:00 发给 2 人。想收回就回复：撤销 1"
    await secretary.says("通知 开会测试")
    code = code_in(secretary.last.text)
    await secretary.taps("明早发")
    assert secretary.last.text == f"#2 要发给 2 人，请再看一遍，没问题就回复：确认 2 {code} 明早"
    assert "11月24日（周二）08:00" in (await secretary.says(f"确认 2 {code} 明早") or "")
    await secretary.says("通知 急事\n对象：李四")
    await secretary.taps("发送")
    await after(world, UNDO)
    assert ["急事" in words for words in li.heard()] == [True]
    await after(world, timedelta(hours=8, minutes=58))
    await after(world, timedelta(minutes=10))
    assert len(li.heard()) == 2, "in the morning, at their own minute"


async def test_who_will_not_get_it_and_why(world: World) -> None:
    secretary, *_ = await world.branch(members=["李四", "王五"])
    async with world.app.database.transaction() as tx:
        await tx.members.mark_unreachable("wecom", {"user2": "not_in_range"})
    await secretary.says("通知 开会\n三点")
    assert fields_of(secretary)["收不到"] == "1 人，名单见上文"
    assert "收不到：李四（不在应用可见范围）" in secretary.last.text


async def test_nothing_that_matters_is_cut_off_a_full_card(world: World) -> None:
    (head,) = await world.branch("中共某某市某某区某某街道机关总支部委员会", secretary="赵书记")
    long = "中共某某市某某区某某街道机关第一党支部委员会"
    await world.branch(long, secretary="钱书记", members=["李四"], parent="中共某某市某某区某某街道机关总支部委员会")
    async with world.app.database.transaction() as tx:
        await tx.members.mark_unreachable("wecom", {"user2": "unknown_user", "user3": "not_in_range"})
    title = "关于组织开展庆祝建党一百零五周年系列主题活动的通知XX"
    body = "请各支部认真组织，按时完成，做好记录。" * 12
    await head.says(f"通知 {title}\n截止：12月1日 23:00\n链接：https://example.org/a\n{body}")
    words, card = head.heard()[-2:]
    assert words.startswith(f"#1 {title}\n{body}\n注意：文中还有“XX”，是不是忘了改？")
    assert "各支部：" in words
    assert long + " 2 人" in words
    assert "收不到：钱书记（企业微信里没有这个账号）、李四（不在应用可见范围）" in words
    assert card.splitlines()[3].endswith("…")
    assert f"请回复：确认 1 {code_in(card)}" in card
    assert fields_of(head) == {
        "发给": "3 人，2 个支部",
        "收不到": "2 人，名单见上文",
        "发出": "点“发送”后 2 分钟",
        "截止": "12月1日（周二）23:00",
        "提醒": "11月24日（周二）10:02 起，共 4 次",
        "链接": "example.org",
    }
    shown = head.last.card
    assert shown is not None
    assert len(shown["sub_title_text"]) <= 160
