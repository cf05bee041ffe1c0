"""The example file, its marked values, the key of a small installation, and what is worth saying at a start."""

import re
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.config import OFFICIAL_HOSTS, Config, check, load
from bot.config.advice import advice, hosts
from bot.config.dummies import dummies, refuse_dummies
from bot.config.secret_key import key_path, secret_key
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def test_the_example_loads_and_has_every_key() -> None:
    config = load(EXAMPLE, {})
    text = EXAMPLE.read_text(encoding="utf-8")
    # What an installation has to make first, a key file, is only shown.
    written, shown = tomllib.loads(text), set(re.findall(r"^# (\w+) = ", text, re.MULTILINE))

    def compare(section: BaseModel, data: dict[str, object], where: str) -> None:
        known = set(type(section).model_fields)
        assert set(data) <= known, where
        assert known - set(data) <= shown, where
        for name, value in section:
            inside = data.get(name)
            if isinstance(value, BaseModel) and isinstance(inside, dict):
                compare(value, inside, name)

    compare(config, written, "top")
    assert config.api.tokens[0].scope == "read"


def test_the_examples_values_are_the_defaults() -> None:
    example, default = load(EXAMPLE, {}), Config()
    for name in ("locale", "timezone", "server", "database", "publishing", "reminders", "questions", "study"):
        assert getattr(example, name) == getattr(default, name), name


def test_every_marked_value_is_refused_by_name() -> None:
    with pytest.raises(ConfigError) as refused:
        refuse_dummies(load(EXAMPLE, {}))
    named = {problem.key for problem in refused.value.problems}
    secrets = {re.sub(r"tokens\.[^.]+\.", "tokens.0.", key) for key, _ in load(EXAMPLE, {}).secrets()}
    assert named >= secrets | {"public_url", "wecom.corp_id", "official_account.app_id", "access.administrators.0"}


def test_own_values_are_no_dummies() -> None:
    config = check(
        {
            "public_url": "https://bot.zhibu.cn",
            "access": {"administrators": ["zhangwei"]},
            "wecom": {
                "corp_id": "ww1234567890abcdef",
                "agent_id": 1000002,
                "secret": "Zx-1_replacement",
                "token": "T0k3n",
                "encoding_aes_key": AES_KEY,
            },
        }
    )
    assert dummies(config) == []


@pytest.fixture
def small(tmp_path: Path) -> Config:
    return check({"database": {"url": f"sqlite+aiosqlite:///{tmp_path}/branchbot.db"}})


def test_the_key_is_made_once_and_private(small: Config, tmp_path: Path) -> None:
    key = secret_key(small)
    path = tmp_path / "branchbot.db.key"
    assert key_path(small) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) == 64
    assert secret_key(small) == key
    assert [each.name for each in tmp_path.iterdir()] == ["branchbot.db.key"]


def test_two_programs_that_start_together_have_one_key(small: Config) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_key(small), range(8)))) == 1


def test_half_a_key_is_not_written_over(small: Config, tmp_path: Path) -> None:
    (tmp_path / "branchbot.db.key").write_text("short\n", encoding="ascii")
    with pytest.raises(ConfigError) as refused:
        secret_key(small)
    assert refused.value.problems[0].expected == "whole_key"
    assert (tmp_path / "branchbot.db.key").read_text(encoding="ascii") == "short\n"


def test_the_configured_key_comes_first(tmp_path: Path) -> None:
    config = check({"secret_key": "k" * 40, "database": {"url": f"sqlite+aiosqlite:///{tmp_path}/branchbot.db"}})
    assert secret_key(config) == b"k" * 40
    assert list(tmp_path.iterdir()) == []


WECOM = f"""
[wecom]
corp_id = "ww1"
agent_id = 1
token = "t"
encoding_aes_key = "{AES_KEY}"
"""


@pytest.mark.faults("CFG6")
@pytest.mark.parametrize(
    ("mode", "secret", "environ", "said"),
    [
        (0o644, 'secret = "s"', {}, True),
        (0o600, 'secret = "s"', {}, False),
        (0o644, "", {"BRANCHBOT_WECOM__SECRET": "s"}, False),
    ],
)
def test_secrets_in_an_open_file(tmp_path: Path, mode: int, secret: str, environ: dict[str, str], said: bool) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{WECOM}{secret}\n", encoding="utf-8")
    path.chmod(mode)
    found = [each for each in advice(load(path, environ), path, OFFICIAL_HOSTS) if each.name == "open_secrets"]
    names = str(found[0].params["names"]) if found else ""
    assert ("BRANCHBOT_WECOM__SECRET" in names) == said


@pytest.mark.faults("CFG9", "PRV9")
def test_unusual_hosts_are_said(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{WECOM}secret = "s"\napi_base = "https://proxy.zhibu.cn/wecom"\n', encoding="utf-8")
    config = load(path, {})
    assert hosts(config) == ["proxy.zhibu.cn", "open.weixin.qq.com"]
    said = [each.params for each in advice(config, path, OFFICIAL_HOSTS) if each.name == "host"]
    assert said == [{"name": "wecom.api_base", "host": "proxy.zhibu.cn"}]


@pytest.mark.faults("CFG2", "CFG4", "CFG8", "CFG9")
@pytest.mark.parametrize(
    ("data", "key", "expected"),
    [
        ({"wecom": {"encoding_aes_key": "A" * 42}}, "wecom.encoding_aes_key", "42"),
        ({"wecom": {"encoding_aes_key": f" {'A' * 42}"}}, "wecom.encoding_aes_key", "43"),
        ({"public_url": "http://bot.zhibu.cn"}, "public_url", "https_only"),
        ({"public_url": "https://user@bot.zhibu.cn"}, "public_url", "https_base"),
        ({"public_url": "bot.zhibu.cn"}, "public_url", "https_base"),
        ({"timezone": "Asia/Shanghi"}, "timezone", "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone", "timezone"),
        ({"wecom": {"api_base": "http://proxy.zhibu.cn"}}, "wecom.api_base", "https_only"),
        (
            {"wecom_bot": {"bot_id": "b", "secret": "s", "ws_url": "ws://proxy.zhibu.cn"}},
            "wecom_bot.ws_url",
            "wss_only",
        ),
    ],
)
def test_what_cannot_be_right_is_named(data: dict[str, Any], key: str, expected: str) -> None:
    if "wecom" in data:
        app = {"corp_id": "ww1", "agent_id": 1, "secret": "s", "token": "t", "encoding_aes_key": "A" * 43}
        data = {**data, "wecom": {**app, **data["wecom"]}}
    with pytest.raises(ConfigError) as refused:
        check(data)
    (problem,) = refused.value.problems
    assert problem.key == key
    assert expected in str(problem)


@pytest.mark.faults("CFG10")
def test_figures_are_for_this_machine() -> None:
    assert Config().server.host == "127.0.0.1"
    operations = EXAMPLE.parent / "docs" / "operations"
    assert "location = /metrics { return 404; }" in (operations / "nginx.conf").read_text(encoding="utf-8")
    assert "path /metrics" in (operations / "Caddyfile").read_text(encoding="utf-8")
