"""Leases: one holder at a time, a higher fence for each, and an old one is refused."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import LeaseLost
from bot.schedule.leases import Hold, Leases, Pace, Work
from storage.database import Database

LONG, OVER = timedelta(hours=1), timedelta()


async def test_each_holder_has_a_higher_fence(database: Database) -> None:
    async with database.apart() as tx:
        assert await tx.leases.take("socket", "a", LONG) == 1
        assert await tx.leases.take("socket", "b", LONG) is None
        assert await tx.leases.take("socket", "a", LONG) is None, "not twice at once in one instance either"
        assert await tx.leases.take("backup", "b", LONG) == 1, "each name by itself"
        assert await tx.leases.holder("socket") == "a"
    async with database.apart() as tx:
        assert await tx.leases.renew("socket", 1, OVER)
        assert await tx.leases.holder("socket") is None
        assert await tx.leases.renew("socket", 1, LONG), "over, but nobody took it"
        await tx.leases.give_up("socket", 1)
        assert await tx.leases.take("socket", "b", LONG) == 2
        assert not await tx.leases.renew("socket", 1, LONG)
        await tx.leases.give_up("socket", 1)
        assert await tx.leases.holder("socket") == "b", "whose fence is old gives nothing up"
        assert await tx.leases.alive("so") == {"b"}
    async with database.apart() as tx:
        await tx.leases.end_all()
        assert await tx.leases.alive("") == set()
        await tx.leases.forget("so", timedelta(hours=1))
        assert await tx.leases.take("socket", "c", LONG) == 3, "what ended just now is remembered"


@pytest.mark.faults("CLK7")
async def test_an_old_fence_writes_nothing(database: Database) -> None:
    """I13: a holder that was paused for longer than its lease wakes and finds that it may not write any more."""
    old = Hold("retention", 1)
    async with database.apart() as tx:
        assert await tx.leases.take("retention", "a", OVER) == 1
    async with database.transaction() as tx:
        await old.check(tx)  # its time is over, but it is nobody else's yet
    async with database.apart() as tx:
        assert await tx.leases.take("retention", "b", LONG) == 2

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.branches.add("甲支部", None)
            await old.check(tx)

    with pytest.raises(LeaseLost):
        await write()
    async with database.reading() as tx:
        assert await tx.branches.all() == []


async def test_work_runs_in_one_instance_and_moves(database: Database) -> None:
    quick = Pace(renew=timedelta(milliseconds=10), ask=timedelta(milliseconds=10))
    first, second = Leases(database, quick), Leases(database, quick)
    begun: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    ended: asyncio.Queue[str] = asyncio.Queue()

    def work(name: str) -> Work:
        async def run(hold: Hold) -> None:
            begun.put_nowait((name, hold.fence))
            try:
                await asyncio.Event().wait()
            finally:
                ended.put_nowait(name)

        return run

    running = asyncio.create_task(first.always("socket", work("first")))
    assert await begun.get() == ("first", 1)
    assert first.holds("socket")
    assert not await second.once("socket", work("never"))
    waiting = asyncio.create_task(second.always("socket", work("second")))

    async with database.apart() as tx:  # as if the first had been paused for longer than its lease
        await tx.leases.give_up("socket", 1)
        assert await tx.leases.take("socket", "elsewhere", LONG) == 2
    assert await ended.get() == "first"
    async with database.apart() as tx:
        await tx.leases.give_up("socket", 2)
    name, fence = await begun.get()
    assert fence == 3
    holder, task = (first, running) if name == "first" else (second, waiting)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not holder.holds("socket")
    assert (await begun.get())[1] == 4, "given up, it is taken at once"
    for task in (running, waiting):
        task.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)
    assert await first.once("retention", _nothing)
    assert await second.once("retention", _nothing)


async def _nothing(_: Hold) -> None:
    """Work that is done at once."""
