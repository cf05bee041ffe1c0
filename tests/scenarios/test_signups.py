"""A sign-up with a number of places: never one too many, and nobody is passed over."""

import asyncio
import random

from bot.services import signups
from storage.enums import Source
from tests.rooms import Room
from tests.world import Person, World

SIGNUP = "/报名 红色参观\n名额：2\n截止：周四 18:00\n周六上午集合。"


async def test_places_waiting_and_moving_up(world: World) -> None:
    secretary, li, wang, zhao, sun = await world.branch(members=["李四", "王五", "赵六", "孙七"])
    assert "没看懂名额" in str(await secretary.says("/报名 参观\n名额：很多"))
    assert "没看懂名额" in str(await secretary.says("0"))
    await secretary.says("不限")
    assert "名额：不限" in secretary.last.text
    number = await world.published(secretary, SIGNUP)
    (card,) = li.heard()
    assert "名额" in card
    assert "2 人" in card
    await li.taps("报名")
    assert "已报名" in li.cards()[-1].text
    assert "报上了，#2 红色参观" in str(await wang.says("报名 2"))
    assert "前面还有 0 人" in str(await zhao.says("报名"))
    assert "前面还有 1 人" in str(await sun.says("报名 2"))
    assert "已经在候补了" in str(await sun.says("报名 2"))
    assert "已报名 2 人 · 候补 2 人 · 名额 2 人" in str(await secretary.says(f"进度 {number}"))
    for person in (li, zhao, sun):
        person.heard()
    assert "退出了" in str(await wang.says("退出 2"))
    assert "递补上了：#2 红色参观" in zhao.heard()[0]
    assert sun.heard() == []
    await li.taps("退出")
    assert "递补上了" in sun.heard()[0]
    assert "您没有报名" in str(await wang.says("退出 2"))
    await secretary.says("报名 2")
    names = str(await secretary.says("名单 2"))
    assert "报上 2 人：赵六、孙七" in names
    assert "候补 1 人：张书记" in names
    await world.skips(days=3, hours=9)
    assert "已经截止了" in str(await wang.says("报名 2"))
    assert any("报上 2 人：赵六、孙七" in words for words in secretary.heard())


async def test_in_a_group_there_are_counts(group_world: World) -> None:
    secretary, li, wang = people = await group_world.branch(members=["李四", "王五"])
    room = Room(group_world, "第一支部群", people)
    await room.says(secretary, "绑定")
    await group_world.published(secretary, SIGNUP.replace("名额：2", "名额：1"))
    await room.taps(li, "报名")
    await room.taps(wang, "报名")
    assert "已报名 1 · 候补 1" in room.cards()[-1].text
    assert "前面还有 0 人" in wang.heard()[-1]
    assert await room.says(wang, "退出 1") == ["#1 记下了。"]


async def test_however_many_tap_at_once_nobody_gets_a_place_too_many(world: World) -> None:
    names = [f"成员{n}" for n in range(9)]
    secretary, *members = await world.branch(members=names)
    number = await world.published(secretary, SIGNUP.replace("名额：2", "名额：4"))
    chance = random.Random(20261122)
    for _ in range(25):
        await asyncio.gather(
            *(_does(world, each, number, chance.random() < 0.55) for each in chance.choices(members, k=6))
        )
        async with world.reading() as tx:
            taken, waiting = (await tx.signups.counts([number]))[number]
            queue = list(await tx.signups.names(number, waiting=True))
        assert taken <= 4
        assert not waiting or taken == 4
        assert len(set(queue)) == len(queue) == waiting


async def _does(world: World, person: Person, number: int, enters: bool) -> None:
    now = world.clock.now()
    async with world.app.database.transaction() as tx:
        if enters:
            await signups.enter(tx, person.member_id, number, source=Source.CARD, now=now)
        else:
            settings = world.app.settings
            await signups.leave(tx, settings, person.member_id, number, source=Source.CARD, now=now)
