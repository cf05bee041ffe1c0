"""Work that never ends is held, and is seen when it is dead."""

import asyncio

import pytest

from bot.schedule.tasks import Tasks


@pytest.mark.faults("DB19")
async def test_work_that_fails_is_seen_and_work_that_goes_on_is_not() -> None:
    tasks, begun = Tasks(), asyncio.Event()

    async def lives() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def fails() -> None:
        raise RuntimeError

    async def ends() -> None:
        return

    tasks.keep("lives", lives)
    tasks.keep("fails", fails)
    tasks.keep("ends", ends)
    await asyncio.wait_for(begun.wait(), 20)
    await asyncio.sleep(0)
    assert tasks.dead() == ["fails"]
    await tasks.stop("fails")
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "fails"]
    await tasks.stop()
    assert not [task for task in asyncio.all_tasks() if task.get_name() in ("lives", "ends")]
