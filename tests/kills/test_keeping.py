"""Killed in the middle of a backup, and of forgetting what was kept long enough: all of it or nothing, and again."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.copies import check
from tests.kills.lives import Nursery, Scene, comes, scene
from tests.kills.test_points import newest

ROSTER = "姓名,账号,支部,上级支部,角色\n书记,boss,总支,,书记\n李四,li,第一支部,总支,\n"
NOTICE = "/通知 周五开会\n对象：李四\n请看"
SETTINGS = {
    "publishing": {"undo_window": "0s", "code_above": 0},
    "reminders": {"after": [], "before_due": [], "quiet_hours": []},
    "keep_for": {"messages": "1d", "updates": "1d"},
}


async def count(there: Scene, table: str, where: str = "true") -> int:
    async with there.database.reader.connect() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}")) or 0)


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("branchbot-*.db"))


@pytest.mark.timeout(240)
@pytest.mark.faults("DB7", "UPG9", "PRV3")
async def test_killed_in_a_backup_and_in_forgetting(database_url: str, tmp_path: Path, nursery: Nursery) -> None:
    backups = tmp_path / "backups"
    sections = {**SETTINGS, "backup": {"dir": str(backups), "at": "00:00"}}
    async with scene(nursery, database_url, tmp_path, **sections) as there:
        roster = tmp_path / "roster.csv"
        roster.write_text(ROSTER, encoding="utf-8")
        assert await there.runs("db", "upgrade") == 0
        assert await there.runs("members", "import", str(roster)) == 0
        await there.opens({"boss": "书记", "li": "李四"})

        await there.dies("K15")
        await there.outlasts_leases()
        assert copies(backups) == [], "what is not whole has no name"
        life = await there.lives()
        await there.near.app.say("boss", NOTICE)
        await there.near.app.say("boss", f"确认 {await newest(there)}")
        await there.rests()
        await there.near.app.say("li", "收到 1")
        await there.rests()

        async def made() -> bool:
            return bool(copies(backups))

        await comes(made)
        (copy,) = copies(backups)
        assert check(copy)
        await life.kill()
        await there.outlasts_leases()

        other = tmp_path / "other.db"
        assert await there.runs("db", "backup", str(other), points={"K15": (1, "SIGKILL")}) == -signal.SIGKILL
        assert not other.exists()
        assert await there.runs("db", "backup", str(other)) == 0
        assert check(other)

        await there.later(days=3)
        assert await count(there, "message") >= 2
        await there.dies("K17")
        assert await count(there, "message", "recipient = ''") == 0, "not a part of it"
        await there.outlasts_leases()
        await there.lives()

        async def forgotten() -> bool:
            return await count(there, "message", "recipient = ''") >= 2

        await comes(forgotten)
        assert await count(there, "receipt") == 1, "that they have seen it stays"
        await there.rests()
        assert there.seen("周五开会", kind="card", without="预览") == {"li": 1}
        assert there.shown_twice() == {}
