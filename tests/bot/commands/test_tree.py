"""Help, languages, and what every command does with a bad configuration."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.bot.commands.conftest import CONFIG, Cli

COMMANDS = (
    ("run",),
    ("demo",),
    ("doctor",),
    ("members",),
    ("members", "import"),
    ("members", "sync"),
    ("account",),
    ("account", "menu"),
    ("account", "codes"),
    ("db",),
    ("db", "upgrade"),
    ("db", "check"),
)
NEED_CONFIG = (
    ("run",),
    ("doctor",),
    ("members", "import", "x.csv"),
    ("members", "sync"),
    ("account", "menu"),
    ("account", "codes"),
    ("db", "upgrade"),
    ("db", "check"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_every_command_has_help(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], language: str
) -> None:
    monkeypatch.setenv("LANG", language)
    ended = cli(*command, "--help")
    assert ended.code == 0
    assert "cli.help" not in ended.out
    assert ("。" in ended.out) == language.startswith("zh")
    assert "Show this message" not in ended.out


def test_it_says_which_version_it_is(cli: Cli) -> None:
    ended = cli("--version")
    assert (ended.code, ended.out.strip()) == (0, version("branchbot"))


def test_help_is_there_for_a_program_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "LANG": "zh_CN.UTF-8"},
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert "doctor" in done.stdout


def test_nothing_slow_is_imported_for_help() -> None:
    slow = ("sqlalchemy", "aiohttp", "pydantic", "rich", "openpyxl", "alembic", "importlib.metadata")
    words = "import sys, bot.commands.tree as t; t.build(); print(*(m for m in sys.argv[1:] if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", words, *slow], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("members", "import"), ("run", "--what"), ("demo", "--port", "x")]
)
def test_bad_usage_is_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    ended = cli(*arguments)
    assert ended.code == 2
    assert ended.err


@pytest.mark.faults("CFG1")
@pytest.mark.parametrize("command", NEED_CONFIG, ids=" ".join)
def test_a_bad_configuration_is_2_with_every_problem(cli: Cli, folder: Path, command: tuple[str, ...]) -> None:
    (folder / "bad.toml").write_text(
        'locale = "zh_CN"\nsurprise = 1\ntimezone = "Mars/Olympus"\n[publishing]\nundo_window = "2"\n'
        '[wecom]\ncorp_id = "ww1"\nagent_id = 1\nsecret = "s3cr3t"\ntoken = "t"\nencoding_aes_key = "short"\n',
        encoding="utf-8",
    )
    for place in (("--config", "bad.toml", *command), (*command, "--config", "bad.toml")):
        ended = cli(*place)
        assert ended.code == 2
        for key in ("surprise", "timezone = Mars/Olympus", "publishing.undo_window = 2", "wecom.encoding_aes_key"):
            assert key in ended.err
        assert "Traceback" not in ended.err
        assert "s3cr3t" not in ended.err
        assert "short" not in ended.err
    assert not (folder / "data").exists()


def test_no_configuration_at_all(cli: Cli, folder: Path) -> None:
    (folder / "config.toml").unlink()
    ended = cli("doctor")
    assert ended.code == 2
    assert "config.example.toml" in ended.err


def test_the_language_is_the_configurations(cli: Cli, folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG.format(locale="en", folder=folder) + "oops = 1\n", encoding="utf-8")
    ended = cli("db", "check")
    assert "expected a known key" in ended.err
    (folder / "config.toml").write_text(CONFIG.format(locale="en", folder=folder), encoding="utf-8")
    assert "Run: branchbot db upgrade" in cli("db", "check").err
