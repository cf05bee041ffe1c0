"""The world that many plays share: lean, quick, and taken down and up again as often as a play wants.

What is left out makes nothing that a play looks at: the official account, and disks (the files lie in memory where the
machine has a place for that). The platform has a clock of its own, which nobody sets.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar, copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import killing
from bot.app import App
from bot.clock import ManualClock
from bot.commands.store import process_lock
from bot.config import Config, check
from storage.database import Database
from storage.lock import ProcessLock
from storage.sqlite import Connection
from tests.world import World, build, configuration, free_port

IN_MEMORY = Path("/dev/shm")
SECTIONS: Mapping[str, Any] = {"official_account": None, "wecom": {"account_limit": 10}}
"""So small an app has a day that counts: its use is compared with what left."""

LEASE_COMES = timedelta(milliseconds=200)
PATIENCE = timedelta(minutes=2)
"""Nobody is hurried by the clock of the machine, which may be busy with something else."""

ACTOR: ContextVar[int] = ContextVar("actor", default=0)
"""Which of the instances runs."""


class Stage:
    """`fresh` gives the address of an empty database; the folder is where everything else lies."""

    def __init__(self, fresh: Callable[[Path], Awaitable[str]]) -> None:
        self._runner = asyncio.Runner()
        self._fresh = fresh
        self._kept: list[tuple[AsyncEngine, dict[Any, Any]]] = []
        self._folder = tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
        self.folder = Path(self._folder.name)
        self.second: App | None = None
        self.run(self._open())

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(act)

    def close(self) -> None:
        self.run(self._shut())
        self._runner.close()
        self._folder.cleanup()

    def renew(self) -> None:
        """Another world: what a failure left behind is of no use to anybody."""
        with contextlib.suppress(Exception):
            self.run(self._shut())
        self.run(self._open())

    @property
    def is_sqlite(self) -> bool:
        return self.world.app.database.is_sqlite

    @property
    def apps(self) -> list[App]:
        """The instances that live, the first one first."""
        return [self.world.app, *([self.second] if self.second is not None else [])]

    def advance(self, by: timedelta) -> None:
        """Time passes, here and over there."""
        self.world.clock.advance(by)
        self._far_clock.advance(by)

    def lock(self) -> ProcessLock:
        """Of the service on SQLite: whoever starts one takes it first."""
        lock = process_lock(self.world.app.config)
        assert lock is not None
        return lock

    async def settle(self, *, wholly: bool = False) -> None:
        """What is due now is done by all that live, beside each other, until nothing is; `wholly` with what is done
        every few hours."""
        settling = [self._as(number, app.settle() if wholly else _settled(app)) for number, app in enumerate(self.apps)]
        await asyncio.gather(*settling)

    async def restart(self, number: int = 0) -> None:
        """An instance is gone with what it had under way; another takes its place."""
        app = self.apps[number]
        await self.stop(app)
        killing.disarm()
        await self.start(number, app.config)

    async def stop(self, app: App) -> None:
        await app.sender.finish(timedelta())
        await app.stop()

    async def start(self, number: int, config: Config) -> None:
        app = App(config, clock=self.world.clock, folder=self.folder)
        app.writer.patience = PATIENCE
        self._lighten(app.database)
        await self._as(number, app.start(by_the_clock=False))
        if number:
            self.second = app
        else:
            self.world.app = app

    async def open_second(self) -> None:
        """Another process on the same database."""
        world = self.world
        data = configuration(world.twin, world.base, world.app.config.database.url, free_port(), **SECTIONS)
        await self.start(1, check(data))

    async def close_second(self) -> None:
        if self.second is not None:
            app, self.second = self.second, None
            await self.stop(app)

    def _as(self, number: int, act: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """What it does, and every task that it begins, runs as this instance."""
        context = copy_context()
        context.run(ACTOR.set, number)
        return asyncio.get_running_loop().create_task(act, context=context)

    async def _open(self) -> None:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        self._opening = build(await self._fresh(folder), folder, **SECTIONS)
        self.world: World = await self._opening.__aenter__()
        self._far_clock = self.world.twin.clock = ManualClock(self.world.clock.now())
        self._lighten(self.world.app.database)
        if self.is_sqlite:
            self._held = self.lock()
            self._held.acquire()
        await self.restart()

    async def _shut(self) -> None:
        await self.close_second()
        if self.is_sqlite:
            self._held.release()
        await self._opening.__aexit__(None, None, None)

    def _lighten(self, database: Database) -> None:
        """Statements need not change threads, and what one process has compiled the next one finds."""
        engines = [database.writer, database.reader]
        for number, engine in enumerate(engines):
            if len(self._kept) < len(engines):
                self._kept.append((engine, {}))
            first, compiled = self._kept[number]
            engine.sync_engine.dialect = first.sync_engine.dialect
            engine.update_execution_options(compiled_cache=compiled)
            if database.is_sqlite:
                event.listen(engine.sync_engine, "checkout", _be_brief)


def _be_brief(connection: Any, _: Any, __: Any) -> None:
    driven = connection.driver_connection
    assert isinstance(driven, Connection)
    driven.brief = True


async def _settled(app: App) -> None:
    """As `App.settle`, without what these plays have none of: files, and the housekeeping of hours."""
    await app.jobs.mind_clock()
    while True:
        done = 0
        for job in await app.jobs.due():
            done += await job()
        await app.sender.drain()
        if not app.leases.alive:  # a machine that stood still for long: nothing leaves before the others see us again
            await asyncio.sleep(LEASE_COMES.total_seconds())
        elif not done:
            return
