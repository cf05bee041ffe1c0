"""The machine's clock is days ahead, or a day behind, for a while: nothing is sent twice, too early, or never."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.enums import ItemStatus
from tests.kills.lives import Life, Nursery, Scene, comes, scene
from tests.kills.test_stopped import EVERYBODY, prepare, publishes

BEHIND, AHEAD = timedelta(days=1), timedelta(days=2)
REMINDED_AFTER = "30h"
"""Behind: what is sent then is due for a reminder only later, when the clock is right. Ahead: all would be due."""
TITLES = [f"第{number}件" for number in "一二三四五六七"]
SETTINGS = {
    "publishing": {"undo_window": "0s", "code_above": 0},
    "reminders": {"after": [REMINDED_AFTER], "before_due": [], "quiet_hours": [], "daily_limit": 0},
}


async def out(there: Scene) -> int:
    async with there.database.reading() as tx:
        return len(await tx.items.page(statuses=[ItemStatus.PUBLISHED], limit=20))


async def under_way(there: Scene) -> int:
    """Calls whose end nobody has noted; in doubt for longer than the platform compares they would be asked about."""
    async with there.database.reader.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM call WHERE state <> 'settled'")) or 0)


async def goes_out(there: Scene, life: Life, title: str, behind: timedelta = timedelta()) -> None:
    """It is published by a process whose clock is right or behind, and everybody has it.

    Three in a minute are enough for anybody, so the minute passes on all clocks.
    """
    number = await out(there)
    await publishes(there, title)

    async def more() -> bool:
        if await out(there) > number and seen(there, title) == EVERYBODY and not await under_way(there):
            return True
        await there.later(seconds=2)
        life.clock_is(there.clock.offset - behind)
        return False

    await comes(more)


async def does_not_go_out(there: Scene, title: str) -> None:
    """A process whose clock nobody believes keeps it, and reminds nobody before it is time."""
    number = await out(there)
    await publishes(there, title)
    assert there.near.callbacks[-1].accepted
    await asyncio.sleep(1.5)
    assert await out(there) == number
    assert not reminded(there, "件")


@pytest.mark.timeout(240)
@pytest.mark.faults("CLK7", "CLK8", "OUT1")
async def test_a_clock_that_is_days_wrong_while_it_runs_and_at_its_start(tmp_path: Path, nursery: Nursery) -> None:
    async with scene(nursery, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, **SETTINGS) as there:
        await prepare(there)

        life = await there.lives()
        await goes_out(there, life, "第一件")
        life.clock_is(there.clock.offset + AHEAD)
        await does_not_go_out(there, "第二件")
        life.clock_is(there.clock.offset)
        await goes_out(there, life, "第三件")
        life.clock_is(there.clock.offset - BEHIND)
        await goes_out(there, life, "第四件", behind=BEHIND)
        await there.near.app.say("li", f"收到 {await last(there)}")
        assert there.near.callbacks[-1].accepted
        life.clock_is(there.clock.offset)
        await goes_out(there, life, "第五件")
        await life.kill()

        life = await there.lives(shift=AHEAD.total_seconds())
        await does_not_go_out(there, "第六件")
        await life.kill()
        life = await there.lives(shift=-BEHIND.total_seconds())
        await publishes(there, "第七件")  # three in a minute are enough for anybody: it may be said later
        assert there.near.callbacks[-1].accepted
        await life.kill()

        await there.later(hours=54)
        life = await there.lives()

        async def all_is_said() -> bool:
            await there.later(minutes=1)  # three in a minute are enough for anybody
            life.clock_is(there.clock.offset)
            await asyncio.sleep(0.5)
            return all(seen(there, title) == EVERYBODY for title in TITLES) and len(reminded(there, "第一件")) == 3

        await comes(all_is_said)
        for title in ("第一件", "第三件", "第五件"):
            assert reminded(there, title) == EVERYBODY, title
        assert reminded(there, "第四件") == {"wang": 1, "zhao": 1}
        assert there.shown_twice() == {}


def seen(there: Scene, title: str) -> dict[str, int]:
    """How often each was shown an item itself."""
    return _heard(there, title, reminding=False)


def reminded(there: Scene, title: str) -> dict[str, int]:
    """How often each was reminded of an item."""
    return _heard(there, title, reminding=True)


def _heard(there: Scene, title: str, *, reminding: bool) -> dict[str, int]:
    found: Counter[str] = Counter()
    for event in there.written("shown"):
        if title in event["text"] and ("没回复" in event["text"]) == reminding and event["userids"] != ["boss"]:
            found.update(event["userids"])
    return dict(found)


async def last(there: Scene) -> int:
    async with there.database.reading() as tx:
        (item, *_) = await tx.items.page(statuses=[ItemStatus.PUBLISHED], limit=1)
    return item.id
