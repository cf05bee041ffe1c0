"""One line for each thing looked at, and an exit code."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.twin import Twin
from storage.lock import ProcessLock
from tests.bot.commands.conftest import Cli

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


@pytest.fixture
def healthy(cli: Cli, twin: Twin, folder: Path) -> Cli:
    twin.directory.add("ZhangSan", "张三")
    twin.public_url = "http://127.0.0.1:8080"
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    return cli


def test_all_is_well(healthy: Cli) -> None:
    ended = healthy("doctor")
    assert ended.code == 0, ended.out
    assert "✗" not in ended.out
    for words in ("WAL", "凭据有效", "连接和订阅正常", "名单上有 2 人", "系统管理员 1 人", "会连接的主机：127.0.0.1"):
        assert words in ended.out
    assert all(line[0] in "✓!–" for line in ended.out.splitlines()[:-1])
    assert "simulated-app-secret" not in ended.out


def test_a_machine_without_a_chinese_font_is_told_what_to_install(
    healthy: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.drawings.FONTS", ())
    ended = healthy("doctor")
    assert ended.code == 0
    assert "! 没有中文字体，二维码海报上只有码、没有字。Debian、Ubuntu 请装：apt install fonts-noto-cjk" in ended.out


@pytest.mark.faults("CFG5")
def test_administrators(healthy: Cli, folder: Path) -> None:
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(config.replace('"ZhangSan"', '"nobody"'), encoding="utf-8")
    assert "! 系统管理员 nobody 不在名单上" in healthy("doctor").out
    (folder / "config.toml").write_text(config.replace('"ZhangSan"', ""), encoding="utf-8")
    ended = healthy("doctor")
    assert (ended.code, "✗ 没有系统管理员" in ended.out) == (1, True)


@pytest.mark.faults("DB11", "CFG6")
def test_what_others_may_read(healthy: Cli, folder: Path) -> None:
    (folder / "config.toml").chmod(0o644)
    (folder / "data" / "branchbot.db").chmod(0o644)
    ended = healthy("doctor")
    assert ended.code == 1
    assert "BRANCHBOT_WECOM__SECRET" in ended.out
    assert f"chmod 600 {folder}/data/branchbot.db" in ended.out


def test_wrong_credentials(healthy: Cli, folder: Path) -> None:
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(config.replace("simulated-", "another-"), encoding="utf-8")
    ended = healthy("doctor")
    assert ended.code == 1
    assert sum(line.startswith("✗") for line in ended.out.splitlines()) == 3


def test_trial_mode_is_shown(healthy: Cli, folder: Path) -> None:
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(f'{config}[publishing]\ntrial_members = ["lisi", "who"]\n', encoding="utf-8")
    ended = healthy("doctor")
    assert ended.code == 0
    assert "! 试用中：只有 trial_members 里的 2 人" in ended.out
    assert "! 试用名单里的 who" in ended.out


@pytest.mark.faults("UPG2")
def test_an_empty_database(cli: Cli, folder: Path) -> None:
    ended = cli("doctor")
    assert (ended.code, "branchbot db upgrade" in ended.out) == (1, True)
    assert not (folder / "data").exists()


@pytest.mark.faults("DB4")
def test_a_file_system_that_cannot_share_memory_is_told(healthy: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_such_a_file_system(path: Path, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{path}?vfs=unix-none", uri=True, **options)

    connect = sqlite3.connect
    with closing(connect("data/branchbot.db")) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")  # as it is before anybody has asked for another
    monkeypatch.setattr(sqlite3, "connect", on_such_a_file_system)
    ended = healthy("doctor")
    assert ended.code == 1
    assert "delete" in next(line for line in ended.out.splitlines() if "WAL" in line)


@pytest.mark.faults("DB8")
def test_a_log_that_has_grown_is_told(healthy: Cli, folder: Path) -> None:
    with (folder / "data" / "branchbot.db-wal").open("wb") as log:
        log.truncate(65 * 1024 * 1024)
    (folder / "data" / "branchbot.db-wal").chmod(0o600)
    ended = healthy("doctor")
    assert ended.code == 0
    assert "! " in next(line for line in ended.out.splitlines() if "65 MB" in line)


@pytest.mark.faults("CFG2", "CFG3")
def test_values_that_belong_to_another_app(healthy: Cli, folder: Path) -> None:
    path = folder / "config.toml"
    config = path.read_text(encoding="utf-8")
    path.write_text(config.replace("agent_id = 1000002", "agent_id = 1000009"), encoding="utf-8")
    ended = healthy("doctor")
    assert ended.code == 1
    (wrong,) = (line for line in ended.out.splitlines() if line.startswith("✗"))
    assert "agent_id" in wrong


@pytest.mark.faults("CFG11")
def test_a_configuration_younger_than_the_service_is_not_in_force(healthy: Cli, folder: Path) -> None:
    with ProcessLock(folder / "data" / "branchbot.db.lock"):
        assert "重启" not in healthy("doctor").out
        later = time.time() + 60
        os.utime(folder / "config.toml", (later, later))
        assert "! " in next(line for line in healthy("doctor").out.splitlines() if "重启" in line)


@pytest.mark.faults("CLK14")
def test_the_calendar_is_looked_at(healthy: Cli) -> None:
    assert "日历" in healthy("doctor").out


def test_the_example_is_named_key_by_key(cli: Cli, folder: Path) -> None:
    shutil.copy(EXAMPLE, folder / "example.toml")
    ended = cli("run", "--config", "example.toml")
    assert ended.code == 2
    for key in ("secret_key", "public_url", "wecom.corp_id", "wecom.secret", "api.tokens.0.token"):
        assert key in ended.err
    assert "replace-me-app-secret" not in ended.err
    assert not os.path.exists("branchbot.db")


def test_somebody_has_to_answer_residents(healthy: Cli, folder: Path) -> None:
    config = folder / "config.toml"
    places = '\n[questions]\nneighbourhoods = [{ name = "幸福小区", branch = "不存在的支部" }]\n'
    config.write_text(config.read_text(encoding="utf-8") + places, encoding="utf-8")
    said = healthy("doctor").out
    assert "! 群众答复：没有答复人" in said
    assert "幸福小区 对应的支部不在名单上" in said
