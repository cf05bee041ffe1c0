"""One line for each thing looked at, and an exit code."""

import os
import shutil
from pathlib import Path

import pytest

from bot.simulator.twin import Twin
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
