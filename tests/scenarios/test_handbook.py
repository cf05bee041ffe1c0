"""The secretary's handbook: every answer that it quotes is what the bot really says."""

import re
from pathlib import Path

from tests import samples
from tests.rooms import Room
from tests.world import Person, World, build

HANDBOOK = Path(__file__).parents[2] / "docs" / "zh" / "书记手册.md"
NOTICE = (
    "/通知 关于召开支部大会的通知\n对象：第一支部\n截止：周五 12:00\n要求：确认\n"
    "各位成员：支部定于周五 15:00 在二楼会议室召开支部大会，请准时参加。"
)


def quoted(page: str) -> list[str]:
    """What the page says the bot says: its block quotes, and in tables of commands the second column.

    A part in full-width brackets explains and is no quote; …… stands for what was left out.
    """
    found: list[str] = []
    for line in page.splitlines():
        if line.startswith("> "):
            found += line[2:].split("［")[0].split("……")
        elif re.match(r"\| (?:马上再来一次 )?`[@/]?[^`]+`.* \|", line):
            for part in re.split(r"<br>|……", line.split("|")[2]):
                found.append("" if re.fullmatch(r"\s*（.*）\s*", part) else part)
    return [plain(each) for each in found if plain(each)]


def plain(words: str) -> str:
    """One line, and the four digits of a preview hidden: they are new each time."""
    return re.sub(r"(确认 \d+ )\d{4}", r"\1****", " ".join(words.split()))


async def spoken(world: World) -> str:
    """A secretary's day, as the handbook tells it; every word that the bot said."""
    zhou, wang, li, chen = await world.branch(secretary="周慧", members=["王秀英", "李建国", "陈晓明"])
    room = Room(world, "第一支部群", [zhou, wang, li, chen])
    await room.says(zhou, "绑定 第一支部")
    await zhou.says(NOTICE)
    await zhou.taps("发送")
    for text in ("撤销 1", "确认 1"):
        await zhou.says(text)
    await world.skips(minutes=2)
    await wang.taps("确认收到")
    await li.says("收到")
    await chen.says("那天我出差，能请假吗")
    for text in (
        "进度",
        "进度 1",
        "未读 1",
        "列表",
        "线下确认 1 2、4",
        "撤销线下 1",
        "导出 1",
        "豁免 1 陈晓明 出差",
        "恢复 1 陈晓明",
        "催办 1",
        "催办 1",
    ):
        await zhou.says(text)
    for text in ("进度 1", "未读 1"):
        await room.says(zhou, text)
    await world.member("赵国强", "第一支部")
    for text in ("补发 1 赵国强", "结束 1", "/学习 本周学习材料\n截止：周日\n正文", "取消 2", "/通知 交党费", "确认 3"):
        await zhou.says(text)
    await world.skips(minutes=3)
    for text in ("撤回 3", "/通知 请XX同志参加会议\n正文", "/通知 开会\n截止：周五3点", "取消"):
        await zhou.says(text)
    await room.says(zhou, "解绑")
    await calls(world)
    await attached(zhou)
    await second_thoughts(world, zhou)
    shown = [each for person in world.people.values() for each in person.phone.messages] + room.group.messages
    return "\n".join(plain(each.text) for each in shown if each.sender in ("app", "bot"))


async def calls(world: World) -> None:
    """A meeting, a poll and a sign-up."""
    zhou, wang, li, chen, zhao = world.people.values()
    meeting = "/会议 支部大会\n时间：周五 15:00-17:00\n地点：二楼会议室\n截止：周四 18:00\n请带学习笔记。"
    poll = "/投票 周末活动\n截止：周四 18:00\n匿名\nA 周六上午爬山\nB 周日下午参观"
    signup = "/报名 红色参观\n名额：2\n截止：周四 18:00\n周六上午集合。"
    for text in (meeting, poll, signup):
        await zhou.says(text)
        await zhou.taps("发送")
    await world.skips(minutes=3)
    for person, text in (
        (wang, "参加 5"),
        (li, "请假 5 去医院"),
        (zhou, "进度 5"),
        (zhou, "名单 5"),
        (zhou, "签到 5"),
        (wang, "投 6 A"),
        (zhou, "结果 6"),
        *((each, "投 6 A") for each in (li, chen)),
        *((each, "投 6 B") for each in (zhao, zhou)),
        *((each, "报名 7") for each in (wang, li, chen)),
        (li, "退出 7"),
        (zhou, "进度 7"),
        (zhou, "名单 7"),
    ):
        await person.says(text)
    await world.skips(days=4, hours=5)
    await zhou.says("签到 5 陈晓明")
    await zhou.says("结果 6")


async def attached(zhou: Person) -> None:
    """The section on pictures and files."""
    await zhou.world.skips(minutes=1)
    await zhou.sends_file("会场.jpg", samples.PHOTO)
    await zhou.says("/通知 主题党日")
    for name, content in (("议程.docx", samples.DOCX), ("议程.docm", samples.DOCM)):
        await zhou.sends_file(name, content)
    for text in ("不附 8 2", "不附 8"):
        await zhou.says(text)


async def second_thoughts(world: World, zhou: Person) -> None:
    """A correction, an approval, and how a withdrawal went."""
    async with world.app.database.transaction() as tx:
        (branch,) = await tx.branches.named("第一支部")
        now = world.clock.now()
        added = {"name": "马超", "branch_id": branch.id, "tier": None, "phone": None, "now": now}
        await tx.members.add(platform="wecom", user_id="admin", **added)
    chief = world.people["马超"] = world.stranger("admin")
    number = await world.published(zhou, "/通知 周六义务劳动\n周六上午八点在东门集合。")
    correction = f"更正 {number}\n周六上午九点在东门集合。"
    for text in (
        correction,
        f"确认 {number} 重要",
        f"撤销 {number}",
        f"取消 {number}",
        correction,
        f"确认 {number} 小修",
    ):
        await zhou.says(text)
    await world.skips(minutes=3)
    await world.people["王秀英"].taps("确认收到")
    await zhou.says(f"进度 {number}")
    await chief.says("审批 第一支部 开")
    await zhou.says("/通知 周日大扫除\n早上八点。")
    await zhou.says(f"确认 {number + 1}")
    for text in ("审批", f"退回 {number + 1} 时间要改"):
        await chief.says(text)
    await zhou.says(f"确认 {number + 1}")
    await chief.says(f"同意 {number + 1}")
    await zhou.says(f"撤回 {number}")
    await world.skips(minutes=5)


async def planned(world: World) -> str:
    """What comes again, a rehearsal, and the line of burden; every word that the bot said."""
    zhou, *_ = await world.branch(secretary="周慧", members=["王秀英", "李建国", "陈晓明", "赵国强"])
    for number in range(1, 9):
        await zhou.says(f"/通知 草稿{number}")
        await zhou.says(f"取消 {number}")
    await zhou.says(
        "/通知 交周报\n对象：第一支部\n定时：每周一 9:00 到 12月20日\n截止：当天 18:00\n请把本周的周报发给组长。"
    )
    for text in ("确认 9", "计划", "改期 9 周二 9:00", "改期 P1 每周三 9:00", "跳过 P1", "取消 P1"):
        await zhou.says(text)
    for text in ("/通知 春游", "演练 11", "负担线 30分钟/周", "负担线", "负担线 无"):
        await zhou.says(text)
    return "\n".join(plain(each.text) for each in zhou.phone.messages if each.sender == "app")


async def test_every_quoted_answer_is_said(group_world: World, tmp_path: Path) -> None:
    said = await spoken(group_world)
    async with build(f"sqlite+aiosqlite:///{tmp_path}/planned.db", tmp_path) as world:
        said += await planned(world)
    quotes = quoted(HANDBOOK.read_text(encoding="utf-8"))
    assert len(quotes) > 40
    assert [quote for quote in quotes if quote not in said] == []
