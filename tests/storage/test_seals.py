"""The audit: what was sealed cannot be changed or removed unseen."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage.database import Database

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
KEY = b"k" * 32


async def sealed(database: Database, *, until: datetime = NOW, limit: int = 4) -> None:
    while True:
        async with database.transaction() as tx:
            if not await tx.seals.seal(KEY, until, limit, now=NOW):
                return


async def broken(database: Database, key: bytes = KEY) -> Sequence[tuple[int, int]]:
    async with database.reading() as tx:
        return [(seal.first, seal.through) async for seal in tx.seals.broken(key)]


async def written(database: Database, count: int, at: datetime = NOW - timedelta(hours=2)) -> None:
    async with database.transaction() as tx:
        for number in range(count):
            subject = "member:1" if number == 1 else f"item:{number}"
            tx.audit.add(at=at, actor_id=None, source="cli", action="x", subject=subject, before="1", after=None)


@pytest.mark.faults("PRV12")
@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ("UPDATE audit SET actor_id = NULL", []),
        ("UPDATE audit SET after = '2' WHERE id = 6", [(5, 8)]),
        ("UPDATE audit SET action = 'y' WHERE id IN (1, 9)", [(1, 4), (9, 10)]),
        ("DELETE FROM audit WHERE id = 3", [(1, 4)]),
        ("DELETE FROM audit_seal WHERE first = 5", [(9, 10)]),
        ("UPDATE audit SET before = NULL WHERE subject = 'member:1'", []),
        ("UPDATE audit SET before = NULL", [(1, 4), (5, 8), (9, 10)]),
    ],
)
async def test_what_was_sealed_cannot_change_unseen(
    database: Database, done: str, expected: Sequence[tuple[int, int]]
) -> None:
    await written(database, 10)
    await sealed(database)
    assert await broken(database) == []
    async with database.writing() as connection:
        await connection.execute(text(done))
    assert await broken(database) == expected


async def test_seals_go_on_where_they_ended_and_leave_out_what_is_under_way(database: Database) -> None:
    await written(database, 3)
    await written(database, 2, NOW)
    await sealed(database)
    await written(database, 1)
    async with database.reading() as tx:
        assert len(await tx.seals.unsealed(NOW + timedelta(hours=1), 9)) == 3
    await sealed(database, until=NOW + timedelta(hours=1))
    assert await broken(database) == []
    assert len(await broken(database, b"another")) == 2
