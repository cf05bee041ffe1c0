"""Polls: with names one may change one's mind; without names nobody, ever, can tell who chose what."""

import io
import logging
from pathlib import Path

import pytest

from bot import log
from tests.rooms import Room
from tests.world import World

OPTIONS = "A 周六上午爬山\nB 周日下午参观\nC 不去"
SECRET = "/投票 支委推荐\n截止：周五 18:00\n匿名\nA 推荐甲候选人\nB 推荐乙候选人\nC 弃权不推荐\n请独立填写。"


async def test_what_cannot_be_voted_on_is_asked_back(world: World) -> None:
    (secretary,) = await world.branch()
    for said, asked in (
        ("/投票 活动", "有哪些选项"),
        ("A 爬山", "只有一个选项"),
        ("A 爬山\nB 爬 山", "“爬 山”写了两次"),
        ("\n".join(f"第{i}个地方" for i in range(21)), "选项太多了：21 个，最多 20 个"),
        ("爬山、参观、看书", "预览 #1 投票：活动"),
    ):
        assert asked in (str(await secretary.says(said)) + secretary.last.text)
    assert "B 参观" in secretary.last.text
    assert "请回复：单选，或：多选" in str(await secretary.says(f"/投票 活动\n方式：随便\n{OPTIONS}"))


async def test_a_poll_with_names(world: World) -> None:
    secretary, li, wang, zhao, sun = await world.branch(members=["李四", "王五", "赵六", "孙七"])
    number = await world.published(secretary, f"/投票 周末活动\n截止：周五 18:00\n{OPTIONS}")
    (card,) = li.heard()
    assert "A 周六上午爬山" in card
    assert "请选一项，11月27日（周五）18:00 截止" in card
    await li.taps("A 周六上午爬山")
    assert "A 周六上午爬山" in li.cards()[-1].text
    assert "投好了，#1 周末活动：B 周日下午参观" in str(await wang.says("投 1 B"))
    assert "投好了" in str(await wang.says("投1A"))
    assert "请回复选项字母（A 到 C）" in str(await zhao.says("投 1 D"))
    assert "最多选 1 项" in str(await zhao.says("投票 1 AB"))
    assert "请按卡片上的选项投票" in str(await zhao.says("收到"))
    assert "投好了，#1 周末活动：C 不去" in str(await zhao.says("我选c"))
    assert "票数不到 5 张" in str(await secretary.says(f"进度 {number}"))
    await sun.says("投 1 C")
    await secretary.says("投票 1 A")
    result = str(await secretary.says("结果 1"))
    assert "A 周六上午爬山：3 票 ▓▓▓▓▓▓░░░░ 60%" in result
    assert "C 不去：2 票" in result
    assert "A 周六上午爬山：张书记、李四、王五" in result
    assert "：张书记" not in str(await li.says("结果 1"))
    assert "3 票" in str(await li.says("结果 1"))
    await world.skips(days=4, hours=9)
    assert "已经结束了" in str(await li.says("投 1 B"))
    assert any("A 周六上午爬山：3 票" in words for words in secretary.heard())


@pytest.fixture
def logged() -> io.StringIO:
    """Every line that the bot writes, down to the smallest."""
    lines = io.StringIO()
    log.configure(stream=lines, level=logging.DEBUG)  # type: ignore[arg-type]
    return lines


async def test_nothing_joins_a_person_and_their_choice(group_world: World, logged: io.StringIO, tmp_path: Path) -> None:
    world = group_world
    people = await world.branch(members=["李四", "王五", "赵六", "孙七"])
    secretary, li, wang, zhao, sun = people
    room = Room(world, "第一支部群", people)
    await room.says(secretary, "绑定")
    number = await world.published(secretary, SECRET)
    assert "匿名，投了不能改" in li.cards()[-1].text
    sent_before = len(world.twin.requests_to("message/send"))

    await li.taps("A 推荐甲候选人")
    assert not li.cards()[-1].button("已投票").enabled
    assert "您已经投过了" in str(await li.says(f"投 {number} B"))
    await room.taps(wang, "B 推荐乙候选人")
    assert "已回复 2 人" in room.cards()[-1].text
    (refused,) = await room.says(zhao, f"投 {number} C")
    assert "没有算" in refused
    assert "谁投了什么没有记录" in str(await zhao.says(f"投{number}c"))
    assert "谁投了什么没有记录" in str(await sun.says("B"))
    assert "结束后才看得到结果" in str(await secretary.says(f"结果 {number}"))
    await secretary.says(f"投 {number} Z")
    await secretary.says(f"投 {number} B")

    async with world.reading() as tx:
        poll = await tx.polls.get(number)
        assert poll is not None
        assert await tx.polls.counts(poll) == {0: 1, 1: 3, 2: 1}
        assert await tx.polls.votes(poll) == 5
        assert [await tx.polls.chosen_by(number, person.member_id) for person in people] == [[]] * 5
    await world.app.stop()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    after = "".join(str(request.body) for request in world.twin.requests_to("message/send")[sent_before:])
    # On every card each option stands once, whoever it is for; a press that was kept would make one of them more.
    assert len({kept.count(f"vote:{number}-{option}".encode()) for option in "ABC"}) == 1
    assert len({after.count(f"vote:{number}-{option}") for option in "ABC"}) == 1
    written = [f"投 {number} B", f"投{number}c", f"投 {number} C", f"投 {number} Z"]
    lines = logged.getvalue()
    assert "app.stopped" in lines
    assert [words for words in written if words.encode() in kept or words in after] == []
    assert [words for words in (*written, "vote:", "候选人") if words in lines] == []


async def test_few_votes_are_never_split(world: World) -> None:
    secretary, li, wang, _ = await world.branch(members=["李四", "王五", "赵六"])
    number = await world.published(secretary, SECRET)
    for person, choice in ((li, "A"), (wang, "B")):
        await person.says(f"投 {number} {choice}")
    await secretary.says(f"结束 {number}")
    assert "票数不到 5 张" in str(await secretary.says(f"结果 {number}"))
    assert "票数不到 5 张" in str(await li.says(f"结果 {number}"))


async def test_options_are_corrected_before_the_first_vote(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    number = await world.published(secretary, f"/投票 周末活动\n截止：周五 18:00\n{OPTIONS}")
    old = li.cards()[-1]
    li.heard(), wang.heard()
    await secretary.says(f"更正 {number}\nA 周六下午爬山\nB 周日下午参观")
    assert "选项：A 周六上午爬山 B 周日下午参观 C 不去 → A 周六下午爬山 B 周日下午参观" in secretary.last.text
    await secretary.taps("小修")
    await world.skips(minutes=3)
    assert "A 周六下午爬山" in "".join(li.heard())
    await li.taps("A 周六上午爬山", old)
    assert li.last.text == (
        f"#{number} 的选项改过了，刚才的没有算。现在的选项：\nA 周六下午爬山\nB 周日下午参观\n"
        f"请在新的卡片上投，或回复：投 {number} A"
    )
    await li.says(f"更正 {number}\n选项：去、不去")
    await secretary.says(f"更正 {number}\n选项：去、不去")
    await secretary.taps("重要")
    await wang.taps("A 周六下午爬山")
    secretary.heard()
    await world.skips(minutes=3)
    assert "在更正发出之前有人投票了，选项没有改" in "".join(secretary.heard())
    async with world.reading() as tx:
        assert (await tx.polls.options([number]))[number] == ["周六下午爬山", "周日下午参观"]
    assert await secretary.says(f"更正 {number}\n选项：去、不去") == (
        f"#{number} 已经有人投票，选项不能再改。要改请先撤回：撤回 {number}，再重新发一个投票。"
    )
