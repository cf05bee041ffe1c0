"""`python -m tests.scenarios.kill CONFIG`: the whole service as a process that may be killed at any instant."""

import asyncio
import json
import sys
from pathlib import Path

from bot import log
from bot.app import App
from bot.config import check


async def run(file: Path) -> None:
    log.configure(level=40, json=False)
    app = App(check(json.loads(file.read_text(encoding="utf-8"))), folder=file.parent)
    await app.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
