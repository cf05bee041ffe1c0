"""The servers that are compared, each a process: `python -m benchmarks.servers bare|bot|no-write|push|soak …`."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.callbacks import PATH
from benchmarks.cores import SERVER, stay_on
from benchmarks.place import configuration
from benchmarks.questions import PATH as QUESTIONS_PATH
from bot import log
from bot.app import App
from bot.collecting import keep_loaded, share_heap
from bot.inbound.entrances import Submitted, answers
from bot.inbound.writer import Writer
from bot.update import UpdateKind

WORDS = "已收到您对第 12 号“关于召开支部党员大会的通知”的确认。"
"""About as long as what the bot says to an acknowledgement."""


SOAKED = {"quiet_hours": [], "daily_limit": 0, "weekly_limit": 0}
"""Reminders at any time and as often as they are due."""

STALL = timedelta(milliseconds=150)
"""How long the bot's loop stands still when it is told to, so that it can be seen that this is seen."""


class Forgetful(Writer):
    """Opens and answers like the writer, all that wait together, and stores nothing."""

    async def _commit(self, batch: Sequence[Submitted], careful: bool) -> list[Any]:
        kinds = [submitted.waiting.update.kind for submitted in batch if submitted.waiting is not None]
        return await answers(batch, [WORDS if kind is UpdateKind.TEXT else None for kind in kinds])


def bare() -> web.Application:
    """Reads the request and answers: what the HTTP library takes."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    app = web.Application()
    app.router.add_post(PATH, answer)
    app.router.add_post(QUESTIONS_PATH, answer)
    return app


async def serve(app: web.Application, port: int) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await _until_told()
    await runner.cleanup()


async def serve_bot(given: argparse.Namespace) -> None:
    """The bot itself; `no-write` with a writer that stores nothing.

    Only `push` and `soak` send and do periodic work: else there is nobody to send to.
    """
    reminders = SOAKED if given.kind == "soak" else None
    config = configuration(given.database, given.port, base=given.base, url=given.url, reminders=reminders)
    app = App(config, folder=given.database.parent)
    if given.kind == "no-write":
        app.writer.__class__ = Forgetful
    await app.start(by_the_clock=given.kind in ("push", "soak"))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, time.sleep, STALL.total_seconds())
    await _until_told()
    await app.stop()


async def _until_told() -> None:
    keep_loaded()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("bare", "bot", "no-write", "push", "soak", "shared"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--base", default="http://127.0.0.1:9")
    parser.add_argument("--url", help="of the database that instances share")
    parser.add_argument("--core", type=int, default=SERVER)
    given = parser.parse_args()
    stay_on(given.core)
    share_heap()
    log.configure()
    if given.kind == "bare":
        asyncio.run(serve(bare(), given.port))
    else:
        asyncio.run(serve_bot(given))


if __name__ == "__main__":
    main()
