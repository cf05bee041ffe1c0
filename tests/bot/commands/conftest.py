"""The command line in a folder of its own, with the far side on loopback where a test asks for it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.commands.tree import build
from bot.simulator.server import serve
from bot.simulator.twin import Twin


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


Cli = Callable[..., Ended]

CONFIG = """
locale = "{locale}"
[access]
administrators = ["ZhangSan"]
[database]
url = "sqlite+aiosqlite:///{folder}/data/branchbot.db"
"""

WECOM = """
[wecom]
corp_id = "ww00branchbot00"
agent_id = 1000002
secret = "simulated-app-secret"
token = "BranchTok1"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
api_base = "{base}"
oauth_base = "{base}"
[wecom_bot]
bot_id = "simulated-bot"
secret = "simulated-bot-secret"
ws_url = "{socket}/ws"
[official_account]
app_id = "wx00branchbot0000"
secret = "simulated-account-secret"
token = "BranchTok2"
encoding_aes_key = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
api_base = "{base}/mp"
oauth_base = "{base}/mp"
"""

ROSTER = "姓名,账号,支部,学习层级,角色\n张三,zhangsan,机关总支/第一支部,正式,书记\n李四,lisi,机关总支/第一支部,预备,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a configuration and a roster."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config.toml").write_text(CONFIG.format(locale="zh_CN", folder=tmp_path), encoding="utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs `branchbot` with these arguments."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            build()(args=[str(each) for each in arguments], prog_name="branchbot")
        written = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, written.out, written.err)

    return run


@pytest.fixture
def twin(folder: Path) -> Iterator[Twin]:
    """The vendor's side on a thread of its own, entered in the configuration."""
    found = Twin(SystemClock())
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    base = ""

    async def hold() -> None:
        nonlocal base
        async with serve(found) as base:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(hold()), daemon=True)
    thread.start()
    assert started.wait(timeout=10)
    more = WECOM.format(base=base, socket=base.replace("http", "ws"))
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    yield found
    loop.call_soon_threadsafe(stop.set)
    thread.join(timeout=10)
    loop.close()
