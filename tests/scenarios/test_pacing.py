"""A big push and the people who talk to the bot meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from bot.message import Text, dump
from storage.enums import Priority
from storage.messages import NewMessage
from tests.world import World

PUSH = "message/send"


async def pour(world: World, count: int) -> None:
    """So many personal messages, to people of the directory who are not on the roster."""
    for n in range(count):
        world.twin.directory.add(f"p{n}", f"成员{n}")
    async with world.app.database.transaction() as tx:
        await tx.messages.queue(
            [
                NewMessage(
                    kind="note",
                    subject=str(n),
                    platform="wecom",
                    recipient=f"p{n}",
                    body=dump(Text(f"您的第 {n} 份材料")),
                    priority=Priority.ITEM,
                )
                for n in range(count)
            ],
            world.clock.now(),
        )


@pytest.mark.faults("DB20")
async def test_a_question_is_answered_while_three_thousand_messages_wait(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await pour(world, 3000)
    sending = asyncio.create_task(world.app.sender.run())
    try:
        await world.twin.until(lambda: bool(world.twin.requests_to(PUSH)))
        await world.twin.app.say(secretary.userid, "/通知 周五开会\n请看")
        await world.twin.until(lambda: bool(secretary.cards()), within=timedelta(seconds=10))
        passive = await asyncio.wait_for(world.twin.app.say(li.userid, "待办"), 10)
        assert passive
        async with world.reading() as tx:
            assert (await tx.messages.backlog())["ready"] > 2000
    finally:
        world.app.sender.stopping = True
        world.app.wake.set()
        await sending
        await world.app.sender.finish(timedelta(seconds=5))
        async with world.app.database.transaction() as tx:
            waiting = await tx.messages.next_due(world.clock.now(), 3000, platforms=["wecom"], quiet_now=False)
            await tx.messages.wait([row.id for row in waiting], world.clock.now() + timedelta(days=9))


@pytest.mark.faults("OUT12")
async def test_the_platform_is_never_asked_for_more_at_once_than_it_bears(world: World) -> None:
    await world.branch()
    world.twin.limits.concurrent = 2
    world.twin.latency = timedelta(milliseconds=10)
    await pour(world, 30)
    for _ in range(6):
        await world.skips(seconds=4)
    world.twin.latency = timedelta()
    refused = [request for request in world.twin.requests_to(PUSH) if request.errcode == 45033]
    assert len(refused) <= 4
    assert all(len(world.twin.phone(f"p{n}").messages) == 1 for n in range(30))


@pytest.mark.faults("OUT26")
async def test_a_timed_notice_waits_for_the_morning_and_a_confirmed_one_does_not(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.passes(hours=12, minutes=30)
    await secretary.says("/通知 夜里的\n对象：李四\n定时：今天 23:00\n请看")
    await secretary.taps("发送")
    await world.skips(hours=1)
    assert li.heard() == []
    await world.published(secretary, "/通知 现在的\n对象：李四\n请看")
    (now,) = li.heard()
    assert "现在的" in now
    await world.skips(hours=9)
    (morning,) = li.heard()
    assert "夜里的" in morning
