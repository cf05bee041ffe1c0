"""`db backup`, `db restore` and `resume` as an operator types them."""

import io
import sqlite3
import stat
from pathlib import Path

import pytest

from storage.lock import ProcessLock
from tests.bot.commands.conftest import Cli
from tests.bot.commands.test_db import database, execute


def names(folder: Path) -> set[str]:
    connection = sqlite3.connect(database(folder))
    found = {row[0] for row in connection.execute("SELECT name FROM member")}
    connection.close()
    return found


@pytest.mark.faults("UPG7", "UPG8", "UPG9")
def test_there_and_back(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    backup = folder / "backup.db"
    made = cli("db", "backup", backup)
    assert (made.code, "完好" in made.out) == (0, True)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert list(folder.glob(".branchbot-*")) == []

    again = cli("db", "backup", backup)
    assert (again.code, "--force" in again.err) == (2, True)
    assert cli("db", "backup", backup, "--force").code == 0

    execute(folder, "UPDATE member SET name = '王五' WHERE name = '张三'")
    side = database(folder).with_name("branchbot.db-wal")
    side.write_bytes(b"left behind")
    with ProcessLock(database(folder).with_name("branchbot.db.lock")):
        assert "先停掉" in cli("db", "restore", backup, "--yes").err
    assert names(folder) == {"王五", "李四"}

    done = cli("db", "restore", backup, "--yes")
    assert done.code == 0
    assert "branchbot resume" in done.out
    assert names(folder) == {"张三", "李四"}
    assert not side.exists()
    assert stat.S_IMODE(database(folder).stat().st_mode) == 0o600
    (aside,) = folder.glob("data/branchbot.db.replaced-*")
    connection = sqlite3.connect(aside)
    assert connection.execute("SELECT count(*) FROM member WHERE name = '王五'").fetchone() == (1,)
    connection.close()

    doctor = cli("doctor")
    assert "什么都不发送（数据库刚从备份恢复）" in doctor.out
    resumed = cli("resume", "--yes")
    assert (resumed.code, "没有旧的内容在排队" in resumed.out) == (0, True)
    assert "没有什么被暂停" in cli("resume").out
    assert "什么都不发送" not in cli("doctor").out


@pytest.mark.faults("UPG2", "UPG9", "DB9")
def test_what_is_no_backup_changes_nothing(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    before = database(folder).read_bytes()
    (folder / "words.db").write_text("只是一些字" * 1000, encoding="utf-8")
    sqlite3.connect(folder / "other.db").execute("CREATE TABLE a (b)").connection.close()
    cli("db", "backup", folder / "newer.db")
    newer = sqlite3.connect(folder / "newer.db")
    with newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    cli("db", "backup", folder / "torn.db")
    content = bytearray((folder / "torn.db").read_bytes())
    for place in range(4096, len(content), 512):
        content[place : place + 64] = b"\xff" * 64
    (folder / "torn.db").write_bytes(content)
    for name, words in (
        ("absent.db", "找不到"),
        ("words.db", "不是支部助手的备份"),
        ("other.db", "不是支部助手的备份"),
        ("newer.db", "比本程序新"),
        ("torn.db", "已损坏"),
    ):
        ended = cli("db", "restore", name, "--yes")
        assert (ended.code, words in ended.err) == (2, True), (name, ended)
    execute(folder, "SELECT 1")
    assert database(folder).read_bytes() == before


def test_attachments_come_along_once(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    content = folder / "data" / "files" / "ab" / "cd"
    content.parent.mkdir(parents=True)
    content.write_bytes(b"a picture")
    assert "--files" in cli("db", "backup", folder / "one.db").out
    assert "新增 1 个" in cli("db", "backup", folder / "two.db", "--files", folder / "kept").out
    assert "新增 0 个" in cli("db", "backup", folder / "three.db", "--files", folder / "kept").out
    assert stat.S_IMODE((folder / "kept/ab/cd").stat().st_mode) == 0o600
    content.unlink()
    assert "取回 1 个" in cli("db", "restore", folder / "two.db", "--yes", "--files", folder / "kept").out
    assert content.read_bytes() == b"a picture"


@pytest.mark.faults("UPG3")
def test_resume_asks_item_by_item(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    execute(
        folder,
        *(
            "INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience,"
            " audience_size, reminders, policy, code, timed, created_at, publish_at)"
            f" VALUES ({number}, 'notice', 1, 'scheduled', '{title}', '', 'ack', 1, 2, '', 1, 0, '', '', 0,"
            " '2026-11-20 02:00:00', '2026-11-20 02:02:00')"
            for number, title in ((1, "周五开会"), (2, "交学习笔记"))
        ),
    )
    cli("db", "backup", folder / "backup.db")
    cli("db", "restore", folder / "backup.db", "--yes")
    assert "没有这些：7" in cli("resume", "--yes", "--send", "7").err
    monkeypatch.setattr("sys.stdin", io.StringIO("\ny\n"))
    ended = cli("resume")
    assert ended.code == 0, ended
    assert "#1 周五开会" in ended.out
    assert "等待发布：1" in ended.out
    connection = sqlite3.connect(database(folder))
    assert connection.execute("SELECT status FROM item ORDER BY id").fetchall() == [("draft",), ("scheduled",)]
    connection.close()
    assert "没有什么被暂停" in cli("resume").out


@pytest.mark.faults("PRV10")
def test_a_lost_backup_says_nothing_without_its_key(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    config, key = folder / "config.toml", folder / "backup.key"
    plain = config.read_text(encoding="utf-8")
    config.write_text(f'{plain}\n[backup]\ndir = "backups"\nkey_file = "{key}"\n', encoding="utf-8")
    backup, kept = folder / "lost.db.enc", folder / "kept"
    absent = cli("db", "backup", backup)
    assert (absent.code, "backup.key_file" in absent.err) == (2, True)
    key.write_text("0123456789abcdef" * 4, encoding="ascii")
    content = folder / "data" / "files" / "ab" / "abcdef"
    content.parent.mkdir(parents=True)
    content.write_bytes("张三的照片".encode())

    made = cli("db", "backup", backup, "--files", kept)
    assert (made.code, "已加密" in made.out) == (0, True)
    for path in (backup, kept / "ab" / "abcdef.enc"):
        assert "张三".encode() not in path.read_bytes()
        assert b"SQLite" not in path.read_bytes()
    assert not list(folder.glob("**/.branchbot-*"))

    content.unlink()
    execute(folder, "UPDATE member SET name = '王五' WHERE name = '张三'")
    key.write_text("fedcba9876543210" * 4, encoding="ascii")
    wrong = cli("db", "restore", backup, "--yes")
    assert (wrong.code, "不是用配置里的这个密钥加密的" in wrong.err) == (2, True)
    config.write_text(plain, encoding="utf-8")
    without = cli("db", "restore", backup, "--yes")
    assert (without.code, "[backup] key_file" in without.err) == (2, True)
    assert names(folder) == {"王五", "李四"}

    config.write_text(f'{plain}\n[backup]\ndir = "backups"\nkey_file = "{key}"\n', encoding="utf-8")
    key.write_text("0123456789abcdef" * 4, encoding="ascii")
    whole = backup.read_bytes()
    backup.write_bytes(whole[:-1])
    assert "已损坏" in cli("db", "restore", backup, "--yes").err
    backup.write_bytes(whole)
    assert cli("db", "restore", backup, "--yes", "--files", kept).code == 0
    assert names(folder) == {"张三", "李四"}
    assert content.read_bytes() == "张三的照片".encode()
    assert not list(folder.glob("**/.branchbot-*"))
    beside = folder / "data" / "backups" / "backup.key"
    beside.parent.mkdir(exist_ok=True)
    beside.write_text("0123456789abcdef" * 4, encoding="ascii")
    config.write_text(f'{plain}\n[backup]\ndir = "backups"\nkey_file = "{beside}"\n', encoding="utf-8")
    assert "密钥不能跟着丢" in cli("db", "backup", folder / "other.db").err
