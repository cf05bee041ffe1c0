"""Transactions: nothing is lost between reading and writing, and readers cannot write."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.base import UTCDateTime
from storage.branches import Branch
from storage.database import READERS, Database
from storage.transaction import Transaction
from tests.world import checked_out

MOST_WAITS = 200
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.faults("DB1", "DB2")
async def test_read_then_write_loses_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        branch = await tx.branches.add("0", None)
        number = branch.id

    async def count() -> None:
        for _ in range(20):
            async with database.transaction() as tx:
                found = (await tx._session.execute(text("SELECT name FROM branch"))).scalar_one()
                await asyncio.sleep(0)
                change = text("UPDATE branch SET name = :name WHERE id = :id")
                await tx._session.execute(change, {"name": str(int(found) + 1), "id": number})

    await asyncio.gather(*(count() for _ in range(5)))
    async with database.reading() as tx:
        assert await tx.branches.get_name(number) == "100"
    assert checked_out(database) == 0


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await tx.branches.add("甲支部", None)
            raise LookupError

    with pytest.raises(LookupError):
        await work()
    async with database.reading() as tx:
        assert await tx.branches.all() == []
    assert checked_out(database) == 0


async def test_a_savepoint_that_raises_takes_only_its_own_back(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        async with tx.savepoint():
            await tx.branches.add("乙支部", None)
            raise LookupError

    async with database.transaction() as tx:
        await tx.branches.add("甲支部", None)
        with pytest.raises(LookupError):
            await work(tx)
        await tx.branches.add("丙支部", None)
    async with database.reading() as tx:
        assert sorted(branch.name for branch in await tx.branches.all()) == ["丙支部", "甲支部"]


@pytest.mark.faults("DB15", "CLK4")
async def test_a_period_is_claimed_once(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.ticks.claim("alarm", "2026-11-23", NOW)
        assert not await tx.ticks.claim("alarm", "2026-11-23", NOW)
        assert await tx.ticks.claim("alarm", "2026-11-24", NOW)


@pytest.mark.faults("CLK6")
def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        UTCDateTime().process_bind_param(datetime(2026, 11, 23), sqlite.dialect())  # noqa: DTZ001


@pytest.mark.faults("DB2", "DB3")
async def test_sqlite_is_set_up_and_its_readers_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    try:
        assert await database.journal_mode() == "wal"
        for name, wanted in (("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)):
            async with database.writer.connect() as connection:
                assert await connection.scalar(text(f"PRAGMA {name}")) == wanted
        with pytest.raises(DBAPIError):
            async with database.reader.begin() as connection:
                await connection.execute(text("CREATE TABLE a (b INTEGER)"))
        assert (tmp_path / "bot.db").stat().st_mode & 0o777 == 0o600
    finally:
        await database.close()


@pytest.mark.faults("EXP6")
async def test_what_reads_sees_one_moment_and_cannot_write(database: Database) -> None:
    async with database.reading() as tx:
        assert await tx.branches.all() == []
        async with database.transaction() as other:
            await other.branches.add("甲支部", None)
        assert await tx.branches.all() == []
    async with database.reading() as tx:
        assert len(await tx.branches.all()) == 1
        with pytest.raises(DBAPIError):
            await tx._session.execute(text("DELETE FROM branch"))
    assert checked_out(database) == 0


@pytest.mark.faults("DB10")
async def test_a_row_without_what_it_belongs_to_is_refused(database: Database) -> None:
    async def orphan() -> None:
        async with database.transaction() as tx:
            tx._session.add(Branch(name="孤儿", parent_id=4711))

    with pytest.raises(IntegrityError):
        await orphan()
    assert checked_out(database) == 0


@pytest.mark.faults("DB14")
async def test_work_that_is_cancelled_anywhere_leaves_nothing_behind(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await tx.branches.add("甲支部", None)
            await tx.flush()
            await tx.branches.add("乙支部", None)

    waits = 0
    while waits < MOST_WAITS:
        task = asyncio.ensure_future(work())
        for _ in range(waits):
            await asyncio.sleep(0)
        if task.done():
            break
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        waits += 1
        async with database.reading() as tx:
            names = [branch.name for branch in await tx.branches.all()]
        if names:  # it had committed by then
            break
        assert checked_out(database) == 0
    else:
        await asyncio.wait_for(work(), 10)
    async with database.reading() as tx:
        assert {branch.name for branch in await tx.branches.all()} == {"甲支部", "乙支部"}
    assert waits > 3
    assert checked_out(database) == 0


_LONG = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n")


@pytest.mark.faults("DB14")
async def test_who_goes_in_the_middle_of_a_look_leaves_the_connection_to_the_next(database: Database) -> None:
    async def look() -> None:
        async with database.reading() as tx:
            assert await tx.branches.all() == []
            await tx._session.execute(_LONG)
            raise AssertionError("it was to be cancelled")

    looks = [asyncio.ensure_future(look()) for _ in range(READERS)]
    await asyncio.sleep(0.05)
    for each in looks:
        each.cancel()
    assert {type(found) for found in await asyncio.gather(*looks, return_exceptions=True)} == {asyncio.CancelledError}
    async with database.transaction() as tx:
        await tx.branches.add("甲支部", None)
    for _ in range(READERS):
        async with database.reading() as tx:
            assert len(await tx.branches.all()) == 1
    assert checked_out(database) == 0
