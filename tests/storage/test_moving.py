"""From SQLite to PostgreSQL: one moment of a database in use, compared, and all of it or nothing."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import integrity, schema
from storage.database import Database
from storage.enums import DeliveryState
from storage.moving import BrokenOff, NotEmpty, move
from tests.postgres import Postgres
from tests.world import World


@pytest.mark.faults("UPG11")
@pytest.mark.postgres
async def test_a_database_in_use_moves_whole_or_not_at_all(world: World, postgres: Postgres, tmp_path: Path) -> None:
    secretary, li, _ = await world.branch("第一支部", members=["李四", "王五"])
    number = await world.published(secretary, "/通知 搬家\n把东西带齐")
    await li.says("收到")
    await world.resident().says("路灯坏了，什么时候修？")
    source, target = world.app.database, Database(await postgres.empty())

    def fails(table: str) -> None:
        if table == "item":
            with ThreadPoolExecutor() as elsewhere:
                elsewhere.submit(asyncio.run, postgres.shut(target.url)).result()

    try:
        with pytest.raises(BrokenOff):
            await move(source, target, folder=tmp_path, after_table=fails)
        await postgres.open_again(target.url)
        assert await schema.found_version(target) is None, "nobody sees anything of a try that was broken off"
        await li.says("待办")

        moving = asyncio.create_task(move(source, target, folder=tmp_path))
        await li.says("/帮助")
        moved = await moving
        counts = moved.rows
        assert moved.kept > 3, "what was there and the same is not copied again"
        async with source.reading() as before, target.reading() as after:
            assert await after.inbox.counts() == await before.inbox.counts(), "one moment, the newest"
        assert (counts["item"], counts["delivery"], counts["question"]) == (1, 3, 1)
        assert await integrity.flaws(target) == []
        async with target.transaction() as tx:
            item = await tx.items.get(number)
            assert item is not None
            assert (item.title, await tx.items.tallies([number])) == ("搬家", await _tallies(source, number))
            assert (await tx.branches.add("新支部", None)).id > 1, "the numbers go on behind the highest"
            assert not await tx.instances.is_held()
        with pytest.raises(NotEmpty):
            await move(source, target, folder=tmp_path)
        assert not list(tmp_path.glob(".branchbot-*")), "nothing lies about"
    finally:
        await target.close()


async def _tallies(database: Database, number: int) -> dict[int, dict[DeliveryState, int]]:
    async with database.reading() as tx:
        return await tx.items.tallies([number])
