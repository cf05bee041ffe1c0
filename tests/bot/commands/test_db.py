"""The schema's versions, damage, sums and the lock."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storage.file_folder import FileFolder
from storage.lock import Locked, ProcessLock
from storage.schema import expected_version
from tests.bot.commands.conftest import Cli


def database(folder: Path) -> Path:
    return folder / "data" / "branchbot.db"


def execute(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(database(folder))
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.faults("DB11")
def test_upgrade_makes_a_private_database_once(cli: Cli, folder: Path) -> None:
    first = cli("db", "upgrade")
    assert (first.code, "已建好" in first.out) == (0, True)
    assert stat.S_IMODE(database(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(database(folder).parent.stat().st_mode) == 0o700
    again = cli("db", "upgrade")
    assert (again.code, "不用升级" in again.out) == (0, True)
    assert cli("db", "check").code == 0


@pytest.mark.faults("UPG2", "DB9")
@pytest.mark.parametrize("command", [("db", "check"), ("members", "import", "roster.csv"), ("run",)], ids=" ".join)
def test_without_a_schema_the_command_is_named(cli: Cli, folder: Path, command: tuple[str, ...]) -> None:
    ended = cli(*command)
    assert ended.code == 2
    assert "branchbot db upgrade" in ended.err
    assert not database(folder).exists()


@pytest.mark.faults("UPG2", "UPG5")
@pytest.mark.parametrize("command", [("db", "check"), ("db", "upgrade"), ("run",)], ids=" ".join)
def test_a_database_of_a_newer_program_is_left_alone(cli: Cli, folder: Path, command: tuple[str, ...]) -> None:
    cli("db", "upgrade")
    execute(folder, "UPDATE alembic_version SET version_num = '9999'")
    ended = cli(*command)
    assert ended.code == 2
    assert "9999" in ended.err
    assert expected_version() in ended.err


@pytest.mark.faults("DB9")
@pytest.mark.parametrize("command", [("db", "check"), ("db", "upgrade"), ("run",)], ids=" ".join)
def test_a_damaged_file_is_refused_and_kept(cli: Cli, folder: Path, command: tuple[str, ...]) -> None:
    cli("db", "upgrade")
    content = bytearray(database(folder).read_bytes())
    for place in range(4096, len(content), 512):
        content[place : place + 64] = b"\xff" * 64
    database(folder).write_bytes(content)
    ended = cli(*command)
    assert ended.code == 2
    assert "已损坏" in ended.err
    assert database(folder).read_bytes()[:8192] == content[:8192]


def test_check_finds_orphans_and_wrong_sums(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    execute(
        folder,
        "INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience,"
        " audience_size, reminders, policy, code, timed, created_at)"
        " VALUES (1, 'notice', 1, 'published', 't', '', 'ack', 1, 2, '', 1, 0, '', '', 0, '2026-11-23 02:00:00')",
        "INSERT INTO delivery"
        " (id, item_id, member_id, branch_id, require, transport, state, acknowledged_at, reminders)"
        " VALUES (1, 1, 1, 2, 'ack', 'sent', 'acknowledged', '2026-11-23 02:00:00', 0)",
        "INSERT INTO tally (item_id, branch_id, state, n) VALUES (1, 2, 'sent', 1)",
        "INSERT INTO role (member_id, role, branch_id) VALUES (999, 'secretary', 2)",
    )
    ended = cli("db", "check")
    assert ended.code == 1
    lines = [line for line in ended.out.splitlines() if line.startswith("✗")]
    assert len(lines) == 4
    assert "role" in lines[0]
    assert "#1" in lines[1]
    assert "#1" in lines[2]


@pytest.mark.faults("DB3")
def test_the_second_service_names_the_first(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    words = (
        "import sys; from pathlib import Path; from storage.lock import ProcessLock;"
        "lock = ProcessLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
    )
    path = database(folder).with_name("branchbot.db.lock")
    holder = subprocess.Popen(
        [sys.executable, "-c", words, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        ended = cli("run")
        assert ended.code == 2
        assert str(holder.pid) in ended.err
        assert cli("db", "upgrade").code == 2
        assert cli("members", "import", "roster.csv").code == 0
        assert cli("db", "check").code == 0
        assert ProcessLock(path).holder() == holder.pid
    finally:
        holder.kill()
        holder.communicate()
    assert ProcessLock(path).holder() is None


def test_check_names_the_files_that_are_lost(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    files = FileFolder(database(folder).with_name("files"))
    for letter, size in (("a", 3), ("b", 3), ("c", 4)):
        path = files.path(letter * 64)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"abc")
        columns = f"('{letter * 64}', {size}, 'pdf', '2026-11-23 02:00:00')"
        execute(folder, f"INSERT INTO file (digest, size, type, wanted_at) VALUES {columns}")
    files.path("b" * 64).unlink()
    ended = cli("db", "check")
    assert ended.code == 1
    assert str(files.path("a" * 64)) not in ended.out
    for letter in "bc":
        assert f"附件 {files.path(letter * 64)}（pdf）不在，或者不完整" in ended.out


@pytest.mark.faults("DB3")
def test_the_lock_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "branchbot.db.lock"
    with ProcessLock(path):
        with pytest.raises(Locked) as refused:
            ProcessLock(path).acquire()
        assert refused.value.pid == os.getpid()
    with ProcessLock(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
