"""Lives of our service that end by a signal, the far side beside them, and the judge: what the far side wrote down."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bot.clock import ShiftedClock
from bot.config import Config, check
from bot.simulator.twin import Twin
from storage import integrity
from storage.database import Database
from tests.world import MONDAY_MORNING, configuration, free_port

ROOT = Path(__file__).parents[2]
LOOK = 0.01
"""Seconds between looks at another process."""
CALM = 4


@dataclass(frozen=True, slots=True)
class Life:
    """A process and those that it started."""

    nursery: "Nursery"
    pid: int
    clock: Path
    """Where it reads by how much its clock is off."""

    def signal(self, name: signal.Signals) -> None:
        """To the whole group; one that has ended hears nothing."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, name)

    async def end(self, within: float = 90) -> int:
        """How it ended, as `subprocess` says it."""
        async with asyncio.timeout(within):
            while True:
                if (code := self.nursery.ask({"status": self.pid})["code"]) is not None:
                    return int(code)
                await asyncio.sleep(LOOK)

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.end()

    def clock_is(self, off: timedelta) -> None:
        """Its machine's clock is set, while it lives; a process that is stopped sees it when it goes on."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(off.total_seconds()), encoding="utf-8")
        new.replace(self.clock)  # it may just be reading the last one
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGUSR1)

    def longest_file(self, size: int) -> None:
        """From now on no file of it grows beyond so many bytes, as on a full disk; -1 when there is room again."""
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    @property
    def ended(self) -> bool:
        return self.nursery.ask({"status": self.pid})["code"] is not None


class Nursery:
    """Where lives begin; see `tests.kills.nursery`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=ROOT,
        )

    def ask(self, asked: Mapping[str, object]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        return json.loads(self._process.stdout.readline())

    def life(self, **asked: object) -> Life:
        return Life(self, self.ask(asked)["pid"], Path(str(asked["clock"])))

    def close(self) -> None:
        self._process.communicate(timeout=60)


class Scene:
    """Our service on one database, and what it stands before.

    `near` is the third side: what people say, with the platform's tries. The far side keeps its own log.
    """

    def __init__(self, nursery: Nursery, url: str, folder: Path, **sections: Any) -> None:
        self.nursery, self.url, self.folder = nursery, url, folder
        self.clock = ShiftedClock()
        self.clock.advance(MONDAY_MORNING - datetime.now(UTC))
        self.ports = [free_port(), free_port()]
        self.near = Twin(self.clock, log=folder / "near.log")
        self.near.app.pause_between = self.near.account.push.pause_between = timedelta(milliseconds=400)
        self.near.callback_url = f"{self.address}/wecom/callback"
        self.near.account.callback_url = f"{self.address}/official-account/callback"
        self.config: Config = self._configure(sections)
        self.database = Database(url)
        self._far: Life | None = None
        self._lives: list[Life] = []

    @property
    def address(self) -> str:
        """Where our service is."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def far(self) -> str:
        """Where the far side is."""
        return f"http://127.0.0.1:{self.ports[1]}"

    def _configure(self, sections: Mapping[str, Any]) -> Config:
        sections = {"files": {"dir": str(self.folder / "files")}, **sections}
        data = configuration(self.near, self.far, self.url, self.ports[0], **sections)
        file = self.folder / "config.toml"
        file.write_text(_toml(data), encoding="utf-8")
        return check(data)

    async def opens(self, people: Mapping[str, str], latency: float = 0) -> None:
        """The far side begins, with these people in its directory: id → name."""
        (self.folder / "people.json").write_text(
            json.dumps([{"userid": userid, "name": name} for userid, name in people.items()]), encoding="utf-8"
        )
        options = {"port": self.ports[1], "latency": latency, "callback": self.near.callback_url}
        options |= {"log": self.folder / "far.log", "people": self.folder / "people.json"}
        argv = [f"--{name}={value}" for name, value in options.items()]
        self._far = self._life("platform", *argv)
        await self.listens(self._far, self.ports[1])

    async def runs(self, *argv: str, **asked: object) -> int:
        """A command of `branchbot` to its end."""
        return await self._life("branchbot", *argv, **asked).end()

    def begins(self, **asked: object) -> Life:
        """`branchbot run`, which may die before it listens."""
        return self._life("branchbot", "run", **asked)

    async def lives(self, **asked: object) -> Life:
        """`branchbot run` that can be spoken to."""
        life = self.begins(**asked)
        await self.listens(life, self.ports[0])
        return life

    async def dies(self, point: str, passage: int = 1) -> None:
        """One life of the service that comes to a named instant so often, and no further."""
        life = self.begins(points={point: (passage, "SIGKILL")})
        assert await life.end() == -signal.SIGKILL, point

    async def later(self, **length: float) -> None:
        """So much time passes on all clocks; for a life of the service only from its next on."""
        by = timedelta(**length)
        self.clock.advance(by)
        async with ClientSession() as session:
            answer = await session.post(f"{self.far}/page/clock", json={"hours": by / timedelta(hours=1)})
            assert answer.status == 200, await answer.text()

    async def outlasts_leases(self) -> None:
        """On PostgreSQL others may live: what a dead process carried is nobody's only when its lease is over.

        Nobody may live now: the database has a clock of its own, which cannot be moved, so its leases are ended.
        """
        if not self.database.is_sqlite:
            await self.later(minutes=2)
            async with self.database.transaction() as tx:
                await tx.leases.end_all()

    async def rests(self, within: float = 90) -> None:
        """Until nothing is on its way any more, seen several times: a row that is taken just now is not seen."""
        calm = 0
        async with asyncio.timeout(within):
            while calm < CALM:
                calm = 0 if await self._busy() else calm + 1
                await asyncio.sleep(0.05)

    async def _busy(self) -> object:
        now = self.clock.now()
        async with self.database.reading() as tx:
            return (
                await tx.items.due_for_publication(now, 1)
                or await tx.messages.backlog()
                or await tx.inbox.pending(now, 1)
                or await tx.reminders.any_due(now)
            )

    async def ends(self) -> None:
        """Nobody is left; what the database says adds up."""
        for life in self._lives:
            await life.kill()
        await self.near.close()
        found = await integrity.flaws(self.database)
        await self.database.close()
        assert found == []

    def _life(self, play: str, *argv: str, shift: float = 0, **asked: object) -> Life:
        off = self.clock.offset.total_seconds() + shift
        out = str(self.folder / "out.log")
        config = ["--config", str(self.folder / "config.toml")] if play == "branchbot" else []
        clock = str(self.folder / f"clock{len(self._lives)}")
        life = self.nursery.life(play=play, argv=[*argv, *config], out=out, shift=off, clock=clock, **asked)
        self._lives.append(life)
        return life

    async def listens(self, life: Life, port: int) -> None:
        """Until it can be spoken to; what comes before it is lost to it."""
        async with asyncio.timeout(90):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    assert not life.ended, (self.folder / "out.log").read_text(encoding="utf-8")[-2000:]
                    await asyncio.sleep(LOOK)
                else:
                    writer.close()
                    return

    def seen(self, words: str, *, kind: str = "", without: str = "\n\n\n") -> Counter[str]:
        """How often each person was shown a message with these words and without those."""
        found: Counter[str] = Counter()
        for event in self.written("shown"):
            if words in event["text"] and without not in event["text"] and kind in event["kind"]:
                found.update(event["userids"])
        return found

    def written(self, event: str) -> list[dict[str, Any]]:
        """What the far side wrote down, of one kind."""
        lines = (self.folder / "far.log").read_text(encoding="utf-8").splitlines()
        return [found for found in map(json.loads, lines) if found["event"] == event]

    def shown_twice(self) -> dict[tuple[str, str], int]:
        """(person, words) that came more than once, with how often."""
        shown: Counter[tuple[str, str]] = Counter()
        for event in self.written("shown"):
            shown.update((userid, event["text"]) for userid in event["userids"])
        return {each: times for each, times in shown.items() if times > 1}


async def comes(told: Callable[[], Awaitable[object]], within: float = 60) -> None:
    """Until it is so."""
    async with asyncio.timeout(within):
        while True:
            if await told():
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def scene(nursery: Nursery, url: str, folder: Path, **sections: Any) -> AsyncIterator[Scene]:
    built = Scene(nursery, url, folder, **sections)
    try:
        yield built
    finally:
        await built.ends()


def _toml(data: Mapping[str, Any]) -> str:
    """The configuration as a file."""
    plain = {name: value for name, value in data.items() if not isinstance(value, dict)}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in plain.items()]
    for name, section in data.items():
        if isinstance(section, dict):
            lines.append(f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in section.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_value(each)}" for name, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
