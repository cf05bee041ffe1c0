"""What has been kept long enough goes by itself; a backup a day is made, and goes, too."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.copies import check, in_the_clear
from storage.enums import ItemStatus
from tests.world import World, build

KEY = b"a key for tests, long enough for the rule"
NOTICE = "/通知 周五开会\n对象：第一支部\n要求：确认\n一起看房顶漏水"


@pytest.fixture
async def keeping_world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "backup.key").write_bytes(KEY)
    backup = {
        "dir": str(tmp_path / "backups"),
        "at": "03:30",
        "keep_for": "3d",
        "key_file": str(tmp_path / "backup.key"),
    }
    keep_for = {"messages": "10d", "updates": "5d", "drafts": "7d", "accesses": "4d"}
    async with build(database_url, tmp_path, backup=backup, keep_for=keep_for) as built:
        yield built


@pytest.mark.faults("PRV3", "UPG9")
async def test_what_was_kept_long_enough_goes(keeping_world: World, tmp_path: Path) -> None:
    world = keeping_world
    secretary, li = await world.branch(members=["李四"])
    number = await world.published(secretary, NOTICE)
    await secretary.says("/通知 换个日子\n对象：第一支部\n要求：确认\n还没想好")
    await secretary.says(f"未读 {number}")
    await li.says("收到")
    assert any("漏水" in body for body in await world.values("content", "body"))

    # The first backup is of the same morning, for its time is over; then one a day.
    names = sorted(path.name for path in (tmp_path / "backups").glob("*.enc"))
    assert names == ["branchbot-2026-11-23.db.enc"]
    assert "retention" not in await world.values("lease", "name")  # nothing is old enough, so nobody need take turns
    for _ in range(5):
        await world.skips(days=1)
    assert "retention" in await world.values("lease", "name")
    names = sorted(path.name for path in (tmp_path / "backups").glob("*.enc"))
    assert names == [f"branchbot-2026-11-{day}.db.enc" for day in (25, 26, 27, 28)]
    with in_the_clear(tmp_path / "backups" / names[-1], tmp_path, KEY) as plain:
        assert check(plain)
        with closing(sqlite3.connect(plain)) as copy:
            assert copy.execute("SELECT count(*) FROM member").fetchone() == (2,)
    assert (tmp_path / "backups" / names[-1]).stat().st_mode & 0o777 == 0o600
    async with world.reading() as tx:
        assert await tx.instances.backed_up_at() == world.clock.now()
        assert await tx.accesses.at_member(li.member_id, 5) == ([], 0)
    assert any("漏水" in body for body in await world.values("content", "body"))

    await world.skips(days=3)
    assert sorted(await world.values("item", "status")) == [ItemStatus.DROPPED, ItemStatus.PUBLISHED]
    assert sorted(await world.values("item", "title")) == ["", "周五开会"]
    await world.skips(days=7)
    assert not any("漏水" in body for body in await world.values("content", "body"))
    assert not any("漏水" in body for body in await world.values("call", "body"))
    async with world.reading() as tx:
        item = await tx.items.get(number)
        assert item is not None
        assert "漏水" in item.body  # what was published stays
    assert "已确认 1" in (await secretary.says(f"进度 {number}") or "")
