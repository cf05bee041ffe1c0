"""A backup has a connection of its own and sees what was committed."""

import asyncio
from pathlib import Path

import pytest

from storage.copies import back_up
from storage.database import Database


@pytest.mark.faults("UPG10", "UPG7")
async def test_a_backup_waits_for_nobody_who_writes(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    async with database.transaction() as tx:
        await tx.branches.add("已经写好", None)
    async with database.transaction() as tx:
        await tx.branches.add("还没写完", None)
        await tx.flush()
        await asyncio.wait_for(back_up(database, path), 20)
    copy = Database(f"sqlite+aiosqlite:///{path}")
    try:
        async with copy.reading() as tx:
            assert [branch.name for branch in await tx.branches.all()] == ["已经写好"]
    finally:
        await copy.close()
