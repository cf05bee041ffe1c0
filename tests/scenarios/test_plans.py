"""What is planned: one time, or again and again, each time an item of its own."""

from datetime import datetime
from pathlib import Path

import pytest

from storage.enums import MemberStatus
from tests.world import Person, World, build

WEEKLY = "/通知 交周报\n对象：第一支部\n定时：每周一 9:00 到 12月20日\n截止：当天 18:00\n请把本周的周报发给组长"


async def until(world: World, moment: str) -> None:
    """Moves the clock to a moment in Shanghai in one jump, and does what is due."""
    world.clock.advance(datetime.fromisoformat(f"{moment}+08:00") - world.clock.now())
    await world.app.settle()


def pushes(person: Person, title: str) -> list[str]:
    """When the item came to the phone, in Shanghai."""
    zone = person.world.app.settings.texts.zone
    return [
        f"{shown.at.astimezone(zone):%m-%d %H:%M}"
        for shown in person.phone.messages
        if shown.card is not None and title in shown.text and "预览" not in shown.text and "提醒" not in shown.text
    ]


async def test_a_plan_is_seen_confirmed_once_and_goes_again_and_again(world: World) -> None:
    secretary, li, _ = await world.branch(members=["李四", "王五"])
    await secretary.says(WEEKLY)
    seen = "\n".join(secretary.heard())
    for words in (
        "重复：每周一 09:00，到 12月20日（周日）",
        "前几次：11月30日（周一）09:00、12月7日（周一）09:00、12月14日（周一）09:00",
        "共发 3 次，最后一次 12月14日（周一）09:00",
        "每次的截止：当天 18:00",
        "11月30日（周一）18:00",
    ):
        assert words in seen
    await secretary.taps("发送")
    assert "计划 P1：#1 交周报 第一次会在 11月30日（周一）09:00 发给 3 人" in secretary.last.text
    await secretary.says("计划")
    assert "计划 P1：每周一 09:00，到 12月20日（周日）" in secretary.last.text

    await until(world, "2026-11-30 09:00")
    assert pushes(li, "交周报") == ["11-30 09:00"]
    assert "计划 P1 第 1 次：#1 交周报 已发给 3 人。下一次 12月7日（周一）09:00，编号 #2。" in secretary.heard()
    await world.member("赵六", "第一支部")
    await until(world, "2026-12-07 09:00")
    assert pushes(li, "交周报") == ["11-30 09:00", "12-07 09:00"]
    assert any("第 2 次：#2 交周报 已发给 4 人" in words for words in secretary.heard()), "the audience is counted anew"
    async with world.reading() as tx:
        second = await tx.items.get(2)
        assert second is not None
        assert second.due_at == datetime.fromisoformat("2026-12-07T18:00+08:00")
        assert [row.action for row in await tx.audit.of("item:2")][-1] == "item.publish"

    await until(world, "2026-12-14 09:00")
    assert "这是最后一次，计划结束了" in "\n".join(secretary.heard())
    await until(world, "2026-12-28 09:00")
    assert len(pushes(li, "交周报")) == 3
    assert await secretary.says("计划") == "现在没有定时的条目，也没有计划。写通知时加一行就行，例如：定时：每周一 9:00"
    assert await secretary.says("取消 P1") == "计划 P1 已经结束。"


async def test_one_time_is_moved_skipped_or_cancelled(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("/通知 开会\n对象：李四\n定时：明天 8:00\n截止：次日 12:00")
    await secretary.taps("发送")
    assert await secretary.says("改期 1 明天 11:00") == "好的，#1 改在 11月24日（周二）11:00 发出。"
    assert await secretary.says("改期 1 后天 18:00") == (
        "#1 的截止时间是 11月25日（周三）12:00，不能改到 11月25日（周三）18:00 才发。请选一个更早的时间。"
    )
    await secretary.says("/通知 值班\n对象：李四\n定时：每个工作日 9:00 共 5 次")
    await secretary.taps("发送")
    await secretary.says("计划")
    listed = secretary.last.text
    assert listed.index("值班") < listed.index("开会")
    answer = await secretary.says("取消 1")
    assert answer == "#1 开会 已取消，没有发给任何人。"
    assert await secretary.says("改期 P1 明天 10:30") == (
        "好的，计划 P1 的下一次（#2）改在 11月24日（周二）10:30 发出，再往后照旧。"
    )
    await until(world, "2026-11-24 10:30")
    assert pushes(li, "值班") == ["11-24 10:30"]
    assert await secretary.says("跳过 P1") == (
        "好的，计划 P1 跳过 11月25日（周三）09:00 这一次。下一次是 11月26日（周四）09:00，编号 #4。"
    )
    answer = await secretary.says("取消 4")
    assert answer is not None
    assert "计划 P1 照旧，下一次是 11月27日（周五）09:00，编号 #5" in answer
    answer = await secretary.says("改期 P1 每周二、周四 15:00 共 3 次")
    assert answer is not None
    assert answer.startswith("好的，计划 P1 改成：每周二、周四 15:00，共 3 次。接下来几次：11月24日（周二）15:00")
    await until(world, "2026-11-24 15:00")
    assert pushes(li, "值班") == ["11-24 10:30", "11-24 15:00"]
    assert await secretary.says("取消 计划 1") == "计划 P1“值班”已停止，以后不再发。已经发出的 2 次不受影响。"
    await until(world, "2026-12-10 15:00")
    assert len(pushes(li, "值班")) == 2


@pytest.mark.faults("CLK11", "CLK12", "CMD1")
async def test_what_cannot_be_planned_is_asked_back(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    notice = "/通知 值班\n对象：李四\n"
    for fields, words in (
        ("定时：每周一 9:00 到 2月30日", "没有“每周一 9:00 到 2月30日”这样的日子"),
        ("定时：每周一 9:00 到 11月1日", "结束日期已经过去了"),
        ("定时：每周一 9:00 到 周三", "在第一次之前就结束了"),
        ("定时：每周 9:00", "没看懂“每周 9:00”"),
        ("定时：每周一3点", "是 03:00 还是 15:00"),
        ("定时：每天 9:00\n截止：12月25日", "截止要从那一天算起"),
        ("定时：每天 9:00\n截止：啊", "没看懂“截止：啊”"),
    ):
        answer = await secretary.says(notice + fields)
        assert answer is not None, secretary.last.text
        assert words in answer
        await secretary.says("取消")
    await secretary.says(notice + "定时：每周一3点")
    await secretary.says("每周一 15:00 共 2 次")
    assert "共发 2 次，最后一次 11月30日（周一）15:00" in "\n".join(secretary.heard())
    for said, words in (
        ("改期 1", "请这样写：改期 12 明天 9:00"),
        ("改期 1 昨天 9:00", "已经过去了"),
        ("改期 1 2月30日", "没有“2月30日”这个时间"),
        ("改期 1 每周二", "只发一次"),
        ("改期 99 明天 9:00", "没有找到 #99"),
        ("跳过 1", "跳过哪个计划"),
        ("跳过 P9", "没有找到计划 P9"),
        ("取消 P9", "没有找到计划 P9"),
    ):
        answer = await secretary.says(said)
        assert answer is not None
        assert words in answer, said
    answer = await li.says("跳过 P1")
    assert answer is not None
    assert "P1" not in answer or "没有" in answer


@pytest.mark.faults("CLK3")
async def test_what_was_missed_does_not_come_in_a_bunch(any_world: World) -> None:
    world = any_world
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("/通知 打卡\n对象：李四\n定时：每天 9:00")
    await secretary.taps("发送")
    world.clock.advance(datetime.fromisoformat("2026-11-27T11:00+08:00") - world.clock.now())
    await world.restart()
    await world.app.settle()
    assert pushes(li, "打卡") == ["11-27 11:00"], "the newest is two hours late, the others are over"
    told = "\n".join(secretary.heard())
    assert "有 3 次到点时没能发出：11月24日（周二）09:00、11月25日（周三）09:00、11月26日（周四）09:00" in told
    world.clock.advance(datetime.fromisoformat("2026-11-30T21:00+08:00") - world.clock.now())
    await world.restart()
    await world.app.settle()
    assert len(pushes(li, "打卡")) == 1, "twelve hours are too late"
    assert "有 3 次到点时没能发出" in "\n".join(secretary.heard())
    await until(world, "2026-12-01 09:00")
    assert pushes(li, "打卡") == ["11-27 11:00", "12-01 09:00"]


async def test_nobody_speaks_for_a_branch_who_no_longer_may(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    second = await world.member("钱副书记", "第一支部")
    async with world.app.database.transaction() as tx:
        branch = (await tx.branches.named("第一支部"))[0]
        await tx.members.set_roles(second.member_id, {("secretary", branch.id)})
    await secretary.says("/通知 打卡\n对象：李四\n定时：每天 9:00")
    await secretary.taps("发送")
    await second.says("计划")
    assert "计划 P1" in second.last.text, "others of the branch see it"
    async with world.app.database.transaction() as tx:
        member = await tx.members.get(secretary.member_id)
        assert member is not None
        member.status = MemberStatus.LEFT
    await until(world, "2026-11-24 09:00")
    assert pushes(li, "打卡") == []
    assert "计划 P1“打卡”停了" in second.last.text
    await until(world, "2026-11-26 09:00")
    assert pushes(li, "打卡") == []


async def test_a_plan_by_workdays_keeps_the_branchs_own_calendar(tmp_path: Path) -> None:
    holidays = ["2026-11-25", "+2026-11-28"]
    database = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(database, tmp_path, reminders={"holidays": holidays}) as world:
        secretary, _ = await world.branch(members=["李四"])
        await secretary.says("/通知 值班\n对象：李四\n定时：每个工作日 9:00 共 5 次")
        seen = "\n".join(secretary.heard())
        assert "11月24日（周二）09:00、11月26日（周四）09:00、11月27日（周五）09:00" in seen
        assert "最后一次 11月30日（周一）09:00" in seen, "the 28th, a Saturday, is worked for the 25th"


async def test_a_meeting_a_poll_and_a_signup_come_again_with_what_is_their_own(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says(
        "/会议 支委会\n对象：第一支部\n定时：每周一 9:00 共 3 次\n时间：周三 15:00-17:00\n地点：二楼会议室\n请带笔记本"
    )
    assert "12月2日（周三）15:00–17:00" in "\n".join(secretary.heard())
    await secretary.taps("发送")
    await secretary.says(
        "/投票 下周几聚\n对象：第一支部\n定时：每周一 10:00 共 2 次\n截止：当天 18:00\n匿名\nA. 周四\nB. 周五"
    )
    await secretary.taps("发送")
    await secretary.says("/报名 义务劳动\n对象：第一支部\n定时：每周一 9:30 共 2 次\n截止：当天 20:00\n名额：5")
    await secretary.taps("发送")
    await until(world, "2026-11-30 12:00")
    assert await secretary.says("改期 P1 下周二 9:00") == (
        "好的，计划 P1 的下一次（#4）改在 12月8日（周二）09:00 发出，再往后照旧。"
    )
    li.heard()
    await until(world, "2026-12-07 12:00")
    await until(world, "2026-12-08 09:30")
    heard = "\n".join(li.heard())
    assert "12月9日（周三）15:00–17:00" in heard, "the day is counted from when it goes"
    assert "二楼会议室" in heard
    assert "A 周四" in heard
    assert "名额：5" in heard
    async with world.reading() as tx:
        poll = await tx.polls.get(6)
        assert poll is not None
        assert poll.anonymous
    await until(world, "2026-12-14 09:00")
    assert "12月16日（周三）15:00–17:00" in "\n".join(li.heard())

    fixed = "/会议 支委会\n对象：第一支部\n定时：每周一 9:00\n时间：12月30日 15:00"
    assert "“12月30日 15:00”是固定的日子" in str(await secretary.says(fixed))
    await secretary.says("当天 14:30")
    assert "12月21日（周一）14:30" in "\n".join(secretary.heard())
