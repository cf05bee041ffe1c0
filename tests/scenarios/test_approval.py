"""A second person agrees before something is sent: who is asked, what they see, and what exactly they agreed to."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from storage.enums import Role
from tests.world import Person, World, build

pytestmark = pytest.mark.faults("CMD7")


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[World]:
    """Everything for more than two members needs a second person; user1 is the administrator."""
    async with build(
        f"sqlite+aiosqlite:///{tmp_path}/bot.db",
        tmp_path,
        publishing={"approval_above": 2},
        access={"administrators": ["user5"]},
    ) as world:
        yield world


async def office(world: World) -> tuple[Person, Person, Person, Person]:
    """The author, two others who may agree, and a member: 张书记, 周书记, 马超 (administrator) and 李四."""
    author, li, _ = await world.branch(members=["李四", "王五"])
    (zhou,) = await world.branch("第二支部", secretary="周书记")
    async with world.app.database.transaction() as tx:
        (branch,) = await tx.branches.named("第一支部")
        await tx.members.set_roles(zhou.member_id, {(Role.SECRETARY, branch.id)})
    admin = await world.member("马超", "第二支部")
    assert admin.userid == "user5"
    return author, zhou, admin, li


async def status_of(world: World, number: int) -> str:
    async with world.reading() as tx:
        item = await tx.items.get(number)
    assert item is not None
    return item.status


async def test_one_of_the_others_agrees_and_then_it_goes(strict: World) -> None:
    author, zhou, admin, li = await office(strict)
    await author.says("/通知 周五开会\n对象：第一支部\n带好笔记本。")
    await author.taps("发送")
    assert author.last.text == (
        "#1 要另一位书记同意才会发出，已请 周书记、马超 审批，结果会告诉您。不发了请回复：取消 1"
    )
    assert await author.says("确认 1") == "#1 正在等 周书记、马超 审批，不用再确认。不发了请回复：取消 1"
    assert await author.says("同意 1") == "#1 是您自己提交的，要由另一位书记同意。"
    await strict.skips(minutes=10)
    assert await status_of(strict, 1) == "draft"
    assert li.heard() == []
    assert (await li.says("/同意 1") or "").startswith("没有“同意”这个命令")

    assert zhou.heard()[0] == "张书记 请您审批 #1，您同意了才会发出。"
    shown = zhou.last.text.splitlines()
    assert shown[1:4] == ["待审批 #1 周五开会", "请点“确认收到”", "带好笔记本。"]
    assert "发给：第一支部，3 人" in shown
    assert [button.text for button in zhou.last.buttons] == ["同意", "退回"]
    assert await zhou.says("审批") == "等您审批：\n#1 周五开会（11月23日（周一）10:00 提交）"
    author.heard(), admin.heard()
    await zhou.taps("同意")
    assert zhou.heard()[-1] == "好的，#1 周五开会 会在 11月23日（周一）10:12 发给 3 人。"
    assert author.heard() == ["#1 周五开会：周书记 同意了，11月23日（周一）10:12 发出。想收回请回复：撤销 1"]
    assert admin.heard() == ["#1 周五开会 已由 周书记 同意，您不用再看了。"]
    for person in (zhou, admin):
        card = next(each for each in person.cards() if "#1" in each.text)
        assert "周书记 已同意 #1 周五开会" in card.text
        assert [button.text for button in card.buttons] == ["已同意"]
    await admin.taps("已同意")
    assert admin.last.text == "#1 已由 周书记 在 11月23日（周一）10:10 同意。"

    await author.says("撤销 1")
    assert (await author.says("确认 1") or "").startswith("好的，#1 周五开会 会在"), "it was agreed to as it is"
    await strict.skips(minutes=3)
    assert "#1 周五开会" in li.last.text
    async with strict.reading() as tx:
        actions = [row.action for row in await tx.audit.of("item:1")]
    assert [action for action in actions if "appro" in action] == ["item.approval.ask", "item.approve"]

    await author.says("更正 1 周五改到周六开会")
    await author.taps("重要")
    assert "#1 要另一位书记同意才会发出" in author.last.text
    await strict.skips(minutes=3)
    assert "更正" not in li.last.text
    assert "待审批的重要更正 #1 周五开会" in zhou.last.text
    assert "标题：周五开会 → 周五改到周六开会" in zhou.last.text
    await zhou.says("同意")
    await strict.skips(minutes=3)
    assert "更正：#1 周五改到周六开会" in li.last.text


async def test_sending_back_taking_back_and_waiting(strict: World) -> None:
    author, zhou, admin, li = await office(strict)
    await author.says("/通知 周五开会\n对象：第一支部")
    await author.says("确认 1")
    zhou.heard(), admin.heard(), author.heard()
    await zhou.taps("退回")
    assert zhou.last.text == "退回 #1 的事由是什么？直接回复一句话，作者会看到。"
    assert await zhou.says("时间写错了") == "#1 周五开会 已退回，事由已告诉作者。"
    assert author.heard() == [
        "#1 周五开会：周书记 退回了，事由：时间写错了\n没有发给任何人。改好请重新写；不要了请回复：取消 1"
    ]
    assert admin.heard() == ["#1 周五开会 已由 周书记 退回，您不用再看了。"]
    for person in (zhou, admin):
        assert "周书记 已退回 #1 周五开会" in person.cards()[-1].text, "the card that was pressed before the reason"
        assert [button.text for button in person.cards()[-1].buttons] == ["已退回"]
    assert await admin.says("同意 1") == "#1 已由 周书记 在 11月23日（周一）10:00 退回。"

    await strict.skips(minutes=2)
    await author.says("确认 1")
    await strict.skips(minutes=2)
    await author.says("取消 1")
    assert admin.heard()[-1] == "#1 周五开会 作者已经收回，不用审批了。"
    assert "#1" in (await admin.says("同意 1") or "")

    await author.says("/通知 周六开会\n对象：第一支部")
    await author.says("确认 2")
    async with strict.app.database.transaction() as tx:
        item = await tx.items.get(2)
        assert item is not None
        item.body = "改过的正文"
    await admin.taps("同意")
    assert admin.last.text == "#2 和送审的内容不一样了，没有发出，已请作者重新确认。"
    assert await status_of(strict, 2) == "draft"
    await author.says("确认 2")
    zhou.heard(), admin.heard()
    await strict.skips(hours=15)
    await strict.skips(hours=9)
    assert sum("#2 还在等审批" in words for words in zhou.heard()) == 1
    await strict.skips(hours=24)
    assert zhou.heard() == [], "once"
    async with strict.app.database.transaction() as tx:
        item = await tx.items.get(2)
        assert item is not None
    await zhou.says("同意 2")
    async with strict.app.database.transaction() as tx:
        item = await tx.items.get(2)
        assert item is not None
        item.title = "偷偷改的标题"
    author.heard()
    await strict.skips(minutes=3)
    assert any("和送审的内容不一样了，没有发出" in words for words in author.heard())
    assert li.heard() == []


async def test_a_branch_that_always_wants_it_and_nobody_who_could_agree(world: World) -> None:
    secretary, _ = await world.branch(members=["李四"])
    boss = world.stranger("admin")
    async with world.app.database.transaction() as tx:
        (branch,) = await tx.branches.named("第一支部")
        await tx.members.add(
            name="马超",
            branch_id=branch.id,
            tier=None,
            phone=None,
            platform="wecom",
            user_id="admin",
            now=world.clock.now(),
        )
    assert (await secretary.says("审批 第一支部 开") or "").startswith("哪些支部要审批由系统管理员设定。")
    assert await boss.says("审批 没有这个支部 开") == "没有叫“没有这个支部”的支部，请看看名字写得对不对。"
    assert await boss.says("审批 第一支部") == "请这样写：审批 第一支部 开，或：审批 第一支部 关"
    assert await boss.says("审批 第一支部 开") == "好的，第一支部 和下级支部以后每条都要另一位书记同意才发。"
    assert await boss.says("审批 第一支部 开") == "第一支部 本来就要审批。"
    await secretary.says("/通知 开会\n对象：李四")
    assert "已请 马超 审批" in (await secretary.says("确认 1") or "")
    await boss.says("/通知 停电\n对象：李四")
    assert await boss.says("确认 2") == (
        "#2 要另一位书记同意才会发出，已请 张书记 审批，结果会告诉您。不发了请回复：取消 2"
    )
    async with world.app.database.transaction() as tx:
        await tx.members.set_roles(secretary.member_id, set())
    await boss.says("/通知 停水\n对象：李四")
    assert await boss.says("确认 3") == (
        "#3 要另一位书记同意才能发，可是现在没有别人能审批。请在名册里给这个支部再设一位书记。"
    )
    await boss.says("审批 第一支部 关")
    assert (await boss.says("确认 3") or "").startswith("好的，#3 停水")


async def test_what_was_agreed_to_holds_for_each_time_of_a_plan_until_it_changes(strict: World) -> None:
    author, zhou, _, li = await office(strict)
    await author.says("/会议 支委会\n对象：第一支部\n定时：每天 9:00\n时间：当天 15:00\n地点：二楼")
    await author.taps("发送")
    await zhou.taps("同意")
    for day in (24, 25):
        strict.clock.advance(datetime.fromisoformat(f"2026-11-{day}T09:00+08:00") - strict.clock.now())
        await strict.app.settle()
        assert f"11月{day}日" in "".join(li.heard())
        assert await status_of(strict, day - 23) == "published"
    assert "另一位书记同意过的" in str(await author.says("改期 P1 每天 10:00"))
    assert await status_of(strict, 3) == "scheduled"

    await author.says("撤销 3")
    await author.says("改期 3 11月26日 11:00")
    zhou.heard()
    await author.says("确认 3")
    assert "要另一位书记同意才会发出" in author.last.text, "its time is not what was agreed to"
    assert "待审批 #3 支委会" in "".join(zhou.heard())
    await strict.skips(days=1, hours=2)
    assert await status_of(strict, 3) == "draft"
