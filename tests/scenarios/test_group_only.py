"""A branch behind NAT: nothing but the group bot, no public address. Everything has to work over its socket."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.simulator.shown import Shown
from storage.enums import Source
from tests.rooms import Room, taps_bot, tells_bot
from tests.world import Person, World, build

UNDO = timedelta(minutes=2, seconds=1)
FIRST_A_WORD = "刚才那条没能私下发出。请先点我的头像，私下跟我说一句话，再来一次。"
Branch = tuple[World, Room, Person, Person, Person]


@pytest.fixture
async def branch(tmp_path: Path) -> AsyncIterator[Branch]:
    """A bound group of a secretary and two members who have never written to the bot in private."""
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, bot=True, wecom=None, public_url=None) as world:
        secretary, li, wang = await world.branch(members=["李四", "王五"])
        room = Room(world, "第一支部群", [secretary, li, wang])
        await room.says(secretary, "绑定 第一支部")
        yield world, room, secretary, li, wang


async def after(world: World, length: timedelta) -> None:
    world.clock.advance(length)
    await world.app.settle()


def count_on(card: Shown) -> str:
    """What the group reads on the card about receipts."""
    return card.text.splitlines()[-1]


async def sources(world: World, number: int, person: Person) -> list[str]:
    async with world.reading() as tx:
        delivery = await tx.deliveries.get(number, person.member_id)
        assert delivery is not None
        return [receipt.source for receipt in await tx.receipts.of(delivery.id)]


async def test_a_notice_from_mention_to_receipts(branch: Branch) -> None:
    world, room, secretary, li, wang = branch
    (preview,) = await room.says(secretary, "通知 周五大会\n截止：12月1日 18:00\n三点，三楼会议室。")
    assert preview.splitlines() == [
        "第一支部",
        "预览 #1 周五大会",
        "请在 12月1日（周二）18:00 前确认收到",
        "三点，三楼会议室。",
        "约 1 分钟；本周第一条",
        "发给：第一支部，3 人",
        "发出：点“发送”后 2 分钟",
        "截止：12月1日（周二）18:00",
        "提醒：11月24日（周二）10:02 起，共 4 次",
    ]
    draft = room.last
    assert await room.taps(secretary, "发送") == ["好的，#1 周五大会 会在 2 分钟后发给 3 人。想收回就回复：撤销 1"]
    assert [button.text for button in draft.buttons] == ["已确认发送"]
    await after(world, UNDO)
    (posted,) = room.heard()
    assert posted.splitlines()[1:] == [
        "#1 周五大会",
        "请在 12月1日（周二）18:00 前确认收到",
        "三点，三楼会议室。",
    ]
    card = room.last
    assert [button.text for button in card.buttons] == ["确认收到"]

    assert await room.taps(li, "确认收到") == []
    assert count_on(card) == "回执：已回复 1 人，共 3 人"
    assert [button.text for button in card.buttons] == ["确认收到"]
    assert await room.says(wang, "收到") == ["#1 周五大会，已确认，谢谢。"]
    assert await room.says(wang, "收到 1") == ["#1 您已确认过，时间是 11月23日（周一）10:02。"]
    assert await room.taps(secretary, "确认收到", card) == []
    assert count_on(card) == "回执：已回复 3 人，共 3 人"
    for person in (secretary, li, wang):
        assert await sources(world, 1, person) == [Source.GROUP]


async def test_progress_has_counts_and_names_go_to_private_talk(branch: Branch) -> None:
    world, room, secretary, li, _ = branch
    await room.says(secretary, "通知 周五大会")
    await room.says(secretary, "确认 1")
    await after(world, UNDO)
    await room.taps(li, "确认收到")
    room.heard()
    assert await room.says(secretary, "进度 1") == [
        "#1 周五大会\n进行中，没有截止时间\n已完成 1/3  ▓▓▓░░░░░░░ 33%\n已确认 1 · 联系不上 2"
    ]
    counted = "#1 周五大会\n还有 2 人没有完成，名单已私下发给您。"
    assert await room.says(secretary, "未读 1") == [counted, FIRST_A_WORD]
    assert await tells_bot(secretary, "待办") == ["您有 1 件待办：\n#1 周五大会\n看过后请回复编号，例如：收到 1"]
    assert await room.says(secretary, "未读 1") == [counted]
    (named,) = secretary.heard()
    assert "王五（还没有和机器人说过话）" in named
    assert not any("王五" in shown.text for shown in room.group.messages if shown.sender == "bot")


async def test_the_private_talk_does_everything_as_well(branch: Branch) -> None:
    world, room, secretary, li, wang = branch
    await tells_bot(li, "你好")
    body = "第一段要读完。" * 30
    words, preview = await tells_bot(secretary, f"学习 本周材料\n链接：https://example.org/a\n{body}")
    assert words == f"#1 本周材料\n{body}"
    assert "收不到：王五（还没有和机器人说过话）" not in preview
    assert await taps_bot(secretary, "发送") == ["好的，#1 本周材料 会在 2 分钟后发给 3 人。想收回就回复：撤销 1"]
    await after(world, UNDO)
    whole = f"#1 学习：本周材料\n{body}\nhttps://example.org/a"
    text, card = li.heard()
    assert text == whole
    assert card.splitlines()[1:3] == ["#1 学习：本周材料", "请看一看，看完点“我看完了”"]
    assert wang.heard() == []
    assert room.heard()[0] == whole

    assert await taps_bot(li, "我看完了") == []
    assert [button.text for button in li.cards()[-1].buttons] == ["已读"]
    assert await sources(world, 1, li) == [Source.CARD]
    assert await room.says(wang, "看完了") == ["#1 本周材料，记下您看过了，谢谢。"]
    assert await tells_bot(wang, "待办") == ["您没有待办，都完成了。"]
    assert (await tells_bot(secretary, "进度 1"))[0].splitlines()[2] == "已完成 2/3  ▓▓▓▓▓▓▓░░░ 67%"
    await after(world, timedelta(hours=25))
    assert li.heard() == []
    assert "提醒：#1 本周材料" in secretary.heard()[-1]


async def test_who_has_written_once_is_reached_from_then_on(branch: Branch) -> None:
    world, room, secretary, li, _ = branch
    await room.says(secretary, "通知 周五大会")
    await room.says(secretary, "确认 1")
    await after(world, UNDO)
    assert li.heard() == []
    assert await tells_bot(li, "收到") == ["#1 周五大会，已确认，谢谢。"]
    await room.says(secretary, "通知 交党费")
    await room.says(secretary, "确认 2")
    await after(world, UNDO)
    assert len(li.heard()) == 1


async def test_taking_back_in_the_group(branch: Branch) -> None:
    world, room, secretary, li, _ = branch
    await room.says(secretary, "通知 周五大会")
    await room.taps(secretary, "取消")
    assert room.last.text == "#1 周五大会 已取消，没有发给任何人。"
    await room.says(secretary, "通知 交党费")
    await room.says(secretary, "确认 2")
    assert await room.says(secretary, "撤销 2") == [
        "#2 交党费 已收回，没有人看到。再发请回复：确认 2；不要了请回复：取消 2"
    ]
    await room.says(secretary, "确认 2")
    await after(world, UNDO)
    await room.taps(li, "确认收到")
    room.heard()
    said = await room.says(secretary, "撤回 2")
    assert said[0].splitlines()[:3] == ["#2 交党费", "已撤回，催办已停止。撤回不能恢复。", "· 撤回前已有 1 人看过"]
    assert said[1] == "#2 交党费 已撤回，请不要再按它办理，也不用回复了。"


async def test_what_is_missing_is_asked_and_answered_in_the_group(branch: Branch) -> None:
    _, room, secretary, _, wang = branch
    assert await room.says(secretary, "通知") == ["通知的标题是什么？直接回复标题就好，不发了就回复“取消”。"]
    assert await room.says(wang, "周六大会") == ["没有听懂。要回复通知请说“收到 编号”，想看能做什么请发：帮助"]
    assert "预览 #1 周五大会" in (await room.says(secretary, "周五大会"))[0]
