"""SQLite's log is copied into the database when commits rest, or when it has become long."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.checkpoints import MOST, OF_A_COMMIT, WORTH, Checkpoints


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Of a database with one row that stands in the log alone."""
    with closing(sqlite3.connect(tmp_path / "some.db", isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "wal_autocheckpoint=0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE a (b)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("INSERT INTO a VALUES (1)")
        yield connection


def copied(folder: Path) -> bool:
    """Whether the row stands in the database itself."""
    with closing(sqlite3.connect(f"file:{folder}/some.db?immutable=1", uri=True)) as connection:
        return connection.execute("SELECT count(*) FROM a").fetchone() == (1,)


@pytest.mark.usefixtures("writer")
async def test_a_long_log_is_copied_at_once(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "some.db", asyncio.Lock())
    checkpoints.committed(MOST - OF_A_COMMIT - 1)
    await checkpoints.end()
    assert not copied(tmp_path)
    checkpoints.committed(MOST)
    await checkpoints.end()
    assert copied(tmp_path)


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    ("changes", "rests", "expected"), [(WORTH, True, True), (WORTH, False, False), (1, True, False)]
)
async def test_a_shorter_one_when_the_burst_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: int, rests: bool, expected: bool
) -> None:
    loop, hours = asyncio.get_running_loop(), iter(range(100))
    checkpoints = Checkpoints(tmp_path / "some.db", asyncio.Lock())
    if rests:  # an hour passes each time that somebody looks
        monkeypatch.setattr(loop, "time", lambda: 3600.0 * next(hours))
    checkpoints.committed(changes)
    for _ in range(3):
        await asyncio.sleep(0)
    await checkpoints.end()
    assert copied(tmp_path) is expected


async def test_the_log_begins_anew_also_while_commits_go_on(
    tmp_path: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = asyncio.Lock()
    checkpoints, copy = Checkpoints(tmp_path / "some.db", turn), Checkpoints._run
    held: list[bool] = []

    def copied_while_somebody_commits(self: Checkpoints) -> None:
        copy(self)
        held.append(turn.locked())
        if not turn.locked():  # whoever writes has the turn
            with closing(sqlite3.connect(tmp_path / "some.db", isolation_level=None)) as other:
                other.execute("INSERT INTO a VALUES (2)")

    monkeypatch.setattr(Checkpoints, "_run", copied_while_somebody_commits)
    checkpoints.committed(MOST)
    await checkpoints.end()
    log = tmp_path / "some.db-wal"
    before = log.stat().st_size
    writer.execute("INSERT INTO a VALUES (3)")
    assert (held, log.stat().st_size) == ([False, True], before)
