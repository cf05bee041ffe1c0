"""Changing an item that is out: who is told what, whose receipts stay, and what an old card still does."""

import pytest

from tests.rooms import Room
from tests.world import Person, World

pytestmark = pytest.mark.faults("OUT24")
NOTICE = "/通知 周五支部会\n截止：12月1日 18:00\n要求：确认\n周五下午三点在二楼开会。请准时参加。"


def rows(person: Person) -> dict[str, str]:
    card = person.last.card
    assert card is not None
    return {row["keyname"]: row["value"] for row in card["horizontal_content_list"]}


async def test_a_minor_correction_tells_those_who_had_it_and_keeps_their_receipts(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    number = await world.published(secretary, NOTICE)
    old_of_wang = wang.last
    await li.taps("确认收到")
    secretary.heard(), li.heard(), wang.heard()

    await secretary.says(f"更正 {number}\n周五下午三点在三楼开会。请准时参加。")
    assert secretary.last.text.splitlines()[1:4] == [
        "更正 #1 周五支部会",
        "请选：小修，还是重要更正",
        "改为：周五下午三点在【二→三】楼开会。",
    ]
    assert rows(secretary) == {"告知": "收到过第 1 版的 3 人", "发出": "选好后 2 分钟"}
    assert [button.text for button in secretary.last.buttons] == ["小修", "重要", "取消"]
    assert await secretary.says(f"确认 {number}") == (
        "#1 的更正是小修还是重要？小修：已有的回执保留，请回复：确认 1 小修\n重要：请大家重新确认，请回复：确认 1 重要"
    )
    await secretary.taps("小修")
    assert secretary.last.text == "好的，#1 的更正会在 2 分钟后告知 3 人，已有的回执保留。想收回就回复：撤销 1"
    assert (await secretary.says(f"更正 {number}\n另一个正文") or "").startswith("#1 的上一次更正还没有发出")
    assert (await secretary.says(f"撤销 {number}") or "").startswith("#1 的更正已收回，没有人看到：\n改为：")
    await world.skips(minutes=3)
    assert li.heard() == []
    await secretary.says(f"确认 {number} 小修")
    await world.skips(minutes=3)

    told = li.last.text.splitlines()
    assert told[1:] == [
        "更正：#1 周五支部会",
        "请在 12月1日（周二）18:00 前确认收到",
        "改为：周五下午三点在【二→三】楼开会。",
        "更正：小改动，确认过的不用再确认",
    ]
    assert wang.last.text == li.last.text
    said = await secretary.says(f"进度 {number}") or ""
    assert "已确认 1 · 已送达未读 2" in said
    assert "第 2 版，11月23日" in said
    assert "没收到" not in said

    await wang.taps("确认收到", old_of_wang)
    assert "已确认 2" in (await secretary.says(f"进度 {number}") or "")
    async with world.reading() as tx:
        deliveries = [await tx.deliveries.get(number, person.member_id) for person in (li, wang)]
        evidence = [await tx.receipts.of(delivery.id) for delivery in deliveries if delivery]
        kept = await tx.versions.out(number)
    assert [[(r.kind, r.version) for r in of] for of in evidence] == [[("ack", 1)], [("ack", 1)]]
    assert [(v.number, v.body.splitlines()[0], v.major) for v in kept] == [
        (1, "周五下午三点在二楼开会。请准时参加。", None),
        (2, "周五下午三点在三楼开会。请准时参加。", False),
    ]


async def test_a_major_correction_asks_again_and_an_old_card_answers_nothing(world: World) -> None:
    secretary, li, wang, zhao = await world.branch(members=["李四", "王五", "赵六"])
    world.twin.directory.change(zhao.userid, visible=False)
    number = await world.published(secretary, NOTICE)
    old = wang.last
    await li.taps("确认收到")
    await secretary.taps("确认收到")
    await secretary.says(f"更正 {number} 支部会改到周六\n截止：12月2日 12:00\n链接：https://example.org/a")
    assert "标题：周五支部会 → 支部会改到周六" in secretary.last.text
    assert "截止：12月1日（周二）18:00 → 12月2日（周三）12:00" in secretary.last.text
    await secretary.says(f"确认 {number} 重要")
    li.heard(), zhao.heard()
    await world.skips(minutes=3)

    assert "更正：有重要变动，请重新确认" in li.last.text
    assert "请在 12月2日（周三）12:00 前确认收到" in li.last.text
    assert zhao.heard() == [], "nothing had reached them"
    said = await secretary.says(f"进度 {number}") or ""
    assert "已完成 0/4" in said
    assert "第 1 版的回执（留作依据）：已确认 2，看过 0" in said

    await wang.taps("确认收到", old)
    assert wang.heard()[-2:] == [
        "#1 支部会改到周六 已经更正，您回的是更正前的内容，还不算数。新的内容在下面，看过请再确认一次。",
        wang.last.text,
    ]
    assert "#1 支部会改到周六" in wang.last.text
    assert "已完成 0/4" in (await secretary.says(f"进度 {number}") or "")
    await li.taps("确认收到")
    assert await wang.says("收到") == "#1 支部会改到周六，已确认，谢谢。"
    said = await secretary.says(f"进度 {number}") or ""
    assert "已完成 2/4" in said
    wang.heard()
    await world.skips(hours=25)
    assert not any("提醒" in words for words in wang.heard())
    (reminder,) = [words for words in secretary.heard() if "提醒：#1" in words]
    assert "支部会改到周六" in reminder

    late = await world.member("钱七", "第一支部")
    await secretary.says(f"补发 {number} 钱七")
    assert "更正" not in late.last.text
    assert "#1 支部会改到周六" in late.last.text
    await late.taps("确认收到")
    assert "已完成 3/5" in (await secretary.says(f"进度 {number}") or "")


async def test_what_cannot_be_corrected_gets_one_plain_sentence(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, NOTICE)
    for said, answered in (
        ("更正", "更正哪一条、改什么，请一起写，例如："),
        (f"更正 {number} 周五支部会", "#1 没有变化，和现在的内容一样。"),
        (f"更正 {number}\n对象：全体", "更正改不了“对象”，只能改标题、截止、链接和正文，"),
        (f"更正 {number}\n截止：11月20日 9:00", "“截止：11月20日 9:00”已经过去了。"),
        ("更正 99 新标题", "没有找到 #99"),
    ):
        assert (await secretary.says(said) or "").startswith(answered), said
    assert "没有“更正”这个命令" in (await li.says(f"/更正 {number} 改一下") or "")

    assert (await secretary.says(f"更正 {number}") or "").startswith("#1 周五支部会 要改什么？")
    await secretary.says("标题：周五组织生活会")
    assert "标题：周五支部会 → 周五组织生活会" in secretary.last.text
    old_preview = secretary.last
    await secretary.says(f"更正 {number} 周五民主生活会")
    await secretary.taps("取消")
    assert secretary.last.text == "#1 的更正已取消，原来的内容不变。"
    await secretary.taps("小修", old_preview)
    assert secretary.last.text.startswith("#1 的这次更正已经处理过了")

    await secretary.says(f"更正 {number} 周五民主生活会")
    await secretary.says(f"确认 {number} 重要")
    await secretary.says(f"撤回 {number}")
    await world.skips(minutes=3)
    assert not any("民主" in words for words in li.heard())
    assert (await secretary.says(f"更正 {number} 再改") or "").startswith("#1 已经撤回，不能更正。")
    await secretary.says("/通知 草稿")
    assert (await secretary.says("更正 2 再改") or "").startswith("#2 还没有发出，不用更正")


async def test_two_secretaries_and_a_due_time_that_moves_the_reminders(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.branch("上级总支", secretary="周书记")
    other = world.people["周书记"]
    async with world.app.database.transaction() as tx:
        (branch,) = await tx.branches.named("第一支部")
        await tx.members.set_roles(other.member_id, {("secretary", branch.id)})
    number = await world.published(secretary, "/通知 交材料\n截止：11月25日 18:00\n提醒：默认\n正文")
    await secretary.says(f"更正 {number}\n截止：11月30日 18:00")
    assert "张书记 正在更正 #1" in (await other.says(f"更正 {number} 新标题") or "")
    await secretary.says(f"确认 {number} 小修")
    await world.skips(minutes=3)
    for _ in range(3):
        await world.skips(hours=24)
    assert sum("提醒：#1 交材料" in words for words in li.heard()) == 2, "after 24 h and 48 h"
    for _ in range(4):
        await world.skips(hours=24)
    assert [words for words in li.heard() if "提醒：#1" in words], "24 h before it is due now"


async def test_groups_get_the_new_card_and_the_old_one_renews_itself(group_world: World) -> None:
    secretary, li = await group_world.branch(members=["李四"])
    room = Room(group_world, "第一支部群", [secretary, li])
    await room.says(secretary, "绑定 第一支部")
    number = await group_world.published(secretary, NOTICE)
    old = room.last
    await secretary.says(f"更正 {number}\n周五下午四点在二楼开会。请准时参加。")
    await secretary.says(f"确认 {number} 重要")
    room.heard()
    await group_world.skips(minutes=3)
    (posted,) = room.heard()
    assert "更正：#1 周五支部会" in posted
    assert "改为：周五下午【三→四】点在二楼开会。" in posted
    li.heard()
    await room.taps(li, "确认收到", old)
    assert "已完成 0/2" in (await secretary.says(f"进度 {number}") or "")
    assert any("您回的是更正前的内容" in words for words in li.heard())
    await room.taps(li, "确认收到", room.cards()[-1])
    assert "已完成 1/2" in (await secretary.says(f"进度 {number}") or "")


async def test_who_reads_for_somebody_gets_the_new_words_and_confirms_those(world: World) -> None:
    secretary, granny, wang = await world.branch(members=["张奶奶", "王芳"])
    await granny.says("代读人 王芳")
    await wang.says("代读人 同意 张奶奶")
    number = await world.published(secretary, NOTICE)
    await world.skips(minutes=2)
    old = next(card for card in wang.cards() if "代 张奶奶" in card.text)
    await secretary.says(f"更正 {number} 周六支部会")
    await secretary.says(f"确认 {number} 重要")
    await world.skips(minutes=3)
    await world.skips(minutes=2)
    await wang.taps("代张奶奶确认", old)
    assert wang.last.text.startswith("#1 已经更正，您读的是更正前的内容")
    new = [card for card in wang.cards() if "代 张奶奶" in card.text][-1]
    assert "周六支部会" in new.text
    await wang.taps("代张奶奶确认", new)
    assert "已完成 1/3" in (await secretary.says(f"进度 {number}") or "")


async def test_a_kinds_own_fields_can_be_corrected(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    meeting = "/会议 支部大会\n时间：周五 15:00-17:00\n地点：二楼会议室\n请带学习笔记。"
    number = await world.published(secretary, meeting)
    await li.taps("参加")
    assert "改不了“要求”" in str(await secretary.says(f"更正 {number}\n要求：已读"))
    assert "已经过去" in str(await secretary.says(f"更正 {number}\n时间：2026-11-20 10:00"))
    await secretary.says(f"更正 {number}\n时间：周六 10:00\n地点：三楼会议室")
    lines = [
        "时间：11月27日（周五）15:00–17:00 → 11月28日（周六）10:00–12:00",
        "地点：二楼会议室 → 三楼会议室",
    ]
    assert all(line in secretary.last.text for line in lines)
    await secretary.taps("重要")
    await world.skips(minutes=3)
    assert all(line in li.last.text for line in lines)
    assert "时间：11月28日（周六）10:00–12:00" in li.last.text.splitlines()
    assert "参加" in [button.text for button in li.last.buttons]
    async with world.reading() as tx:
        stored, item = await tx.meetings.get(number), await tx.items.get(number)
        assert stored is not None
        assert item is not None
        assert (item.due_at, stored.place) == (stored.begins_at, "三楼会议室")
        assert await tx.meetings.answer_of(number, li.member_id) is None, "said about another time"

    number = await world.published(secretary, "/报名 红色参观\n名额：1\n截止：周四 18:00\n在门口集合。")
    await li.says(f"报名 {number}")
    assert "候补" in str(await wang.says(f"报名 {number}"))
    await secretary.says(f"更正 {number}\n名额：2")
    assert "名额：1 人 → 2 人" in secretary.last.text or "名额：1 → 2" in secretary.last.text
    wang.heard()
    await secretary.taps("小修")
    await world.skips(minutes=3)
    assert any("补" in words for words in wang.heard())
    assert "已有 2 人报上，名额不能比这少" in str(await secretary.says(f"更正 {number}\n名额：1"))
