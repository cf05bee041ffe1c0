"""`python -m tests.kills.nursery`: imports everything once; each life that is asked for is a fork, and lives at once.

Each line that comes in is a JSON object and is answered by one:
{"play": "branchbot", "argv", "out", "shift", "clock", "points", "largest_file", "environment"} → {"pid"}: the real
command line. `shift` are the seconds by which the machine's clock is off; SIGUSR1 reads them anew from the file
`clock`. `points` says at which passage of a named instant which
signal comes, `largest_file` is how long a file may become.
{"play": "platform", "argv", "out", "shift"} → {"pid"}: the far side; its page moves its clock.
{"status": pid} → {"code"}: how it ended, as `subprocess` says it; null as long as it lives.
"""

import asyncio
import contextlib
import gc
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import FrameType
from typing import Any, Self

import apscheduler.schedulers.base

import bot
import bot.schedule.scheduler
import handlers
import storage
from bot import clock, killing
from bot.commands import main
from bot.simulator import __main__ as platform
from bot.simulator.server import serve

LAZY = ("asyncpg", "aiosqlite", "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite")

Asked = dict[str, Any]

_codes: dict[int, int | None] = {}


def import_all() -> None:
    """Every module of ours, so that nothing is read from a file any more."""
    for room in (bot, handlers, storage):
        for module in walk_packages(room.__path__, f"{room.__name__}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                import_module(module.name)
    for name in LAZY:
        import_module(name)


class Wall(datetime):
    """The time of day as the metronome reads it."""

    off = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + cls.off


class SetClock:
    """The machine's clock, set to another time."""

    def __init__(self, shift: float) -> None:
        Wall.off = timedelta(seconds=shift)
        clock.SystemClock.now = lambda _: datetime.now(UTC) + Wall.off  # type: ignore[method-assign]
        for module in (apscheduler.schedulers.base, bot.schedule.scheduler):
            module.datetime = Wall

    def move(self, by: timedelta) -> None:
        Wall.off += by

    def follow(self, file: Path) -> None:
        """Whenever it is told to the clock is off by as many seconds as the file says."""

        def read(*_: object) -> None:
            Wall.off = timedelta(seconds=float(file.read_text(encoding="utf-8")))

        signal.signal(signal.SIGUSR1, read)


def _at(passage: int, name: str) -> Callable[[], None]:
    """Sends this process a signal when it is called so often."""
    left = passage

    def pass_by() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.Signals[name])

    return pass_by


def live(asked: Asked) -> None:
    """A life in a process group of its own."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(asked["out"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    set_clock = SetClock(asked.get("shift", 0))
    if "clock" in asked:
        set_clock.follow(Path(asked["clock"]))
    for point, (passage, name) in asked.get("points", {}).items():
        killing.arm(point, _at(passage, name))
    os.environ.update(asked.get("environment", {}))
    if size := asked.get("largest_file"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    if asked["play"] == "platform":
        asyncio.run(_platform(asked["argv"], set_clock))
    else:
        sys.argv = ["branchbot", *asked["argv"]]
        main()


async def _platform(argv: list[str], set_clock: SetClock) -> None:
    given = platform.arguments().parse_args(argv)
    twin = platform.build_twin(given)
    twin.move_clock = set_clock.move
    async with serve(twin, given.host, given.port):
        await asyncio.Event().wait()


def _bury(_: int, __: FrameType | None) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _codes[pid] = os.waitstatus_to_exitcode(status)


def _fork(asked: Asked) -> int:
    pid = os.fork()
    if pid:
        _codes.setdefault(pid, None)
        return pid
    code = 1
    try:
        live(asked)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def nurse() -> None:
    """Until nobody asks any more; then nobody is left."""
    import_all()
    gc.freeze()
    signal.signal(signal.SIGCHLD, _bury)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    try:
        for line in sys.stdin:
            asked = json.loads(line)
            answer = {"code": _codes[asked["status"]]} if "status" in asked else {"pid": _fork(asked)}
            answers.write(json.dumps(answer) + "\n")
    finally:
        for pid, code in list(_codes.items()):
            if code is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    nurse()
