"""From the command to the first `ok`, and what the process then holds; and what should not be loaded for that."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.callbacks import CORP
from benchmarks.children import ROOT, child
from benchmarks.cores import cpu_of, memory_of
from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import free_port, new_database, user_id

STARTS = 5
GIVE_UP_SECONDS = 30.0
NOT_AT_START = (
    *("openpyxl", "matplotlib", "numpy", "pandas", "PIL", "lxml", "hypothesis", "wechatpy", "typer.testing"),
    *("alembic", "mako"),
)
"""Too slow, or not needed, before anybody asks for a file."""

_CONFIG = """
public_url = "http://127.0.0.1:{port}"
secret_key = "a secret for measuring, long enough for the rule"
[server]
port = {port}
[database]
url = "sqlite+aiosqlite:///{database}"
[access]
administrators = ["{administrator}"]
[wecom]
corp_id = "{corp_id}"
agent_id = {agent_id}
secret = "{secret}"
token = "{token}"
encoding_aes_key = "{aes_key}"
api_base = "{base}"
oauth_base = "{base}"
"""
_LOADED = "import json, sys; import bot.app, handlers; handlers.commands(); print(json.dumps(sorted(sys.modules)))"


async def measure(folder: Path) -> list[Figure]:
    """Start and memory of `branchbot run`. Raises Wrong when it does not come up."""
    database, port = folder / "starting.db", free_port()
    await new_database(database, members=100)
    config = folder / "config.toml"
    with child("bot.simulator", ["--port", 0], log=folder / "simulator.log") as (_, base):
        return _measure(config, database, port, base)


def _measure(config: Path, database: Path, port: int, base: str) -> list[Figure]:
    """The platform answers: a service that nobody tells the time is not ready."""
    folder = config.parent
    config.write_text(
        _CONFIG.format(
            port=port,
            database=database,
            administrator=user_id(1),
            corp_id=CORP.corp_id,
            agent_id=CORP.agent_id,
            secret=CORP.secret,
            token=CORP.token,
            aes_key=CORP.encoding_aes_key,
            base=base,
        )
    )
    seconds, processor, resident = [], [], []
    _start(config, port, folder / "run.log")
    for _ in range(STARTS):
        took, worked, holds = _start(config, port, folder / "run.log")
        seconds.append(took)
        processor.append(worked)
        resident.append(holds)
    loaded = _loaded()
    culprits = [name for name in NOT_AT_START if name in loaded]
    named = f" ({', '.join(culprits)})" if culprits else ""
    return [
        Figure("start", "from the command to ready", median(seconds), 2, 1, most=True, unit=" s"),
        Figure("start", "memory when idle", median(resident), 120, 100, most=True, unit=" MB"),
        Figure("", "processor time to ready", median(processor), unit=" s"),
        Figure("start", f"modules loaded too early{named}", len(culprits), 0, 0, most=True),
    ]


def _loaded() -> list[str]:
    """The modules that the service has imported before anything happens."""
    ran = subprocess.run([sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, check=True)
    names: list[str] = json.loads(ran.stdout)
    return names


def _start(config: Path, port: int, log: Path) -> tuple[float, float, float]:
    """Seconds until it is ready, of them at work, MB once it idles.

    Compiled as it is once it is installed: the first start does that.
    """
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(log.parent / "compiled")}
    with log.open("ab") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--config", str(config)],
            cwd=ROOT,
            env=os.environ | compiled,
            stdout=output,
            stderr=output,
        )
        try:
            while not _ready(port):
                if process.poll() is not None or time.perf_counter() - started > GIVE_UP_SECONDS:
                    raise Wrong(f"the service did not start: {log.read_text()[-500:]}")
                time.sleep(0.01)
            took = time.perf_counter() - started
            worked = cpu_of(process.pid)
            time.sleep(1.5)
            return took, worked, memory_of(process.pid).resident
        finally:
            process.terminate()
            process.wait(30)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False
