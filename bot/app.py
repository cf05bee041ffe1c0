"""The composition root: the only module that knows every part."""

import asyncio
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import web

import handlers
from bot import platforms
from bot.clock import Clock, SystemClock
from bot.collecting import keep_loaded
from bot.config import Config
from bot.config.backup_key import backup_key
from bot.config.secret_key import audit_key, secret_key
from bot.errors import WrongSchema
from bot.inbound.dispatcher import Dispatcher
from bot.inbound.doors import KEPT_ALIVE, Doors
from bot.inbound.fetching import Fetcher
from bot.inbound.health import add_health
from bot.inbound.picturing import PictureFetcher
from bot.inbound.replay import Replay
from bot.inbound.spool import Spool
from bot.inbound.writer import Writer
from bot.log import get_logger
from bot.outbound.heartbeat import Heartbeat
from bot.outbound.sender import Sender
from bot.outbound.shelf import TokenShelf
from bot.outbound.uploading import Uploader
from bot.platforms.base import Platform
from bot.platforms.official_account.platform import OfficialAccount
from bot.platforms.wecom.platform import WeCom
from bot.platforms.wecom_bot.platform import WeComBot
from bot.platforms.wecom_bot.supervisor import ALARM_KICKED
from bot.schedule.auditor import Auditor
from bot.schedule.backups import Backups
from bot.schedule.hearing import Hearing
from bot.schedule.jobs import Jobs
from bot.schedule.keeping import Keeping
from bot.schedule.leases import Leases
from bot.schedule.making import Maker
from bot.schedule.scheduler import Scheduler
from bot.schedule.stalls import Stalls
from bot.schedule.tasks import Tasks, steadily
from bot.schedule.trust import Trust
from bot.services.alarms import raise_alarm
from bot.services.gaps import tell_groups
from bot.services.roads import APP, BOT, RESIDENTS
from bot.services.watching import in_words
from bot.serving import served
from bot.settings import folders, settings_from
from bot.timekeeping import Timekeeping
from bot.update import Update
from bot.vitals import Vitals
from bot.waking import wake
from storage import schema
from storage.database import Database
from storage.ledger import Ledger
from storage.milestone import Milestone

log = get_logger("app")

FINISH_CALLS = timedelta(seconds=10)
SHUTDOWN = timedelta(seconds=20)
SOCKET = "socket"
"""The lease of whoever holds the group bot's connection."""
SPOOL_PAUSE = timedelta(seconds=5)
"""How often it tries again what could not be stored."""
FILES_PAUSE = timedelta(milliseconds=500)
"""How often it looks for files to bring from or to a platform."""


class App:
    """One running bot. `extend` may add routes to the web application before it starts (the demo's simulator)."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        folder: Path | None = None,
        extend: Callable[[web.Application], None] | None = None,
    ) -> None:
        """`folder` is where the configuration lies: the proofs of the domain are looked for there."""
        self.config = config
        self.clock = clock or SystemClock()
        self.database = Database(config.database.url)
        self.database.announced = frozenset(name for hook in config.webhooks for name in hook.events)
        self.leases = Leases(self.database)
        secret = secret_key(config)
        self.settings = settings_from(config, secret)
        self.wake = asyncio.Event()
        shelf = partial(TokenShelf, self.database, self.leases, self.clock, secret)
        self.platforms: dict[str, Platform] = platforms.build(config, self.clock, self._alarm, self._gap, secret, shelf)
        self.dispatcher = Dispatcher(self.settings, handlers.commands(), handlers.reception())
        self.spool = Spool(config.beside("spool"))
        self.writer = Writer(self.database, self.dispatcher, self.clock, self.wake, self.spool)
        self.replay = Replay(self.spool, self.writer, self._alarm)
        self.milestone = Milestone(config.beside("instance"))
        self.ledger = Ledger(config.beside("forgotten"))
        self.timekeeping = Timekeeping(self.platforms, self.clock)
        leaving, told = self.milestone.calls_to, self.timekeeping.now
        road = (self.database, self.platforms, self.settings, self.clock, self.wake)
        self.sender = Sender(*road, carrier=self.leases.instance, here=self._is_here, leaving=leaving, told=told)
        with_files = {name: each for name, each in self.platforms.items() if isinstance(each, WeCom | WeComBot)}
        self.fetcher = Fetcher(self.database, with_files, self.settings, self.clock, self.wake)
        account = self.platforms.get(RESIDENTS)
        official = account if isinstance(account, OfficialAccount) else None
        self.pictures = PictureFetcher(self.database, official, self.settings, self.clock)
        self.uploader = Uploader(self.database, with_files, self.settings, self.clock, self.wake, here=self._is_here)
        self.trust = Trust(self.database, self.settings, self.clock, partial(self.timekeeping.confirmed, APP))
        self.jobs = Jobs(
            *(self.database, self.dispatcher, self.settings, self.clock, self.trust),
            milestone=self.milestone,
            ledger=self.ledger,
            backups=self._backups(),
            keeping=Keeping(self.database, self.settings, self.clock, self.leases),
            maker=Maker(self.database, self.settings, self.clock, official),
            audit_key=audit_key(secret),
        )
        self._done_at: dict[str, datetime] = {}
        """When `settle` did what is done at every beat."""
        self.scheduler = Scheduler(self.jobs.by_interval(), self.wake.set, elapsed=self.clock.elapsed)
        self.tasks = Tasks()
        self.stalls = Stalls()
        self.hearing = Hearing(self.clock)
        self.vitals = Vitals(
            *(self.database, self.settings, self.clock, self.platforms, self.sender, self.scheduler, self.tasks),
            timekeeping=self.timekeeping,
            hearing=self.hearing,
            folders=folders(config),
            is_here=self._is_here,
            backs_up=config.backup is not None,
        )
        heartbeat_url = config.watching.heartbeat_url.get_secret_value()
        self.auditor = Auditor(
            self.database,
            self.settings,
            self.clock,
            live=self.vitals.live,
            whole=self.vitals.whole,
            unproven=self.sender.probing,
            beat=Heartbeat(heartbeat_url).beat if heartbeat_url else None,
            wake=self.wake.set,
        )
        self._stopping = False
        self.web = served(
            config,
            platforms=self.platforms,
            database=self.database,
            settings=self.settings,
            clock=self.clock,
            writer=self.writer,
            alarm=self._alarm,
            heard=self.hearing.note,
            on_commit=self.wake.set,
            secret=secret,
            folder=folder or Path(),
        )
        own = {"service": self._service_well, "spool": self._spool_well, "clock": self.timekeeping.check}
        add_health(self.web, {**self.vitals.checks(), **own}, self._reasons)
        if extend is not None:
            extend(self.web)
        self._runner = web.AppRunner(
            self.web,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=SHUTDOWN.total_seconds(),
            keepalive_timeout=KEPT_ALIVE.total_seconds(),
        )
        self.doors = Doors(self._runner)
        self.web.on_response_prepare.append(self.doors.spoke)

    async def start(self, *, by_the_clock: bool = True) -> None:
        """Schema, what was under way, then serve and send. Raises WrongSchema. One process for one SQLite file at most.

        Without `by_the_clock` nothing happens by itself: `settle` does what is due (tests hold the clock).
        """
        try:
            found, expected = await schema.found_version(self.database), schema.expected_version()
            if found != expected:
                raise WrongSchema(found, expected)
            now = self.clock.now()
            await wake(self.config, self.database, self.settings, self.milestone, self.ledger, now=now)
            await self._runner.setup()
            self.tasks.keep("writer", self.writer.run)
            await self.replay.step()
            await self.timekeeping.ask()
            await self.trust.begin(self.timekeeping.skews().get(APP))
            await self.sender.recover()
            await web.TCPSite(self._runner, self.config.server.host, self.config.server.port).start()
            bot = self.platforms.get(BOT)
            if isinstance(bot, WeComBot):
                self.tasks.keep("socket", lambda: self.leases.always(SOCKET, lambda _: bot.run(self._hear)))
            self.tasks.keep("presence", self.leases.live)
            await self.leases.shown()
            if by_the_clock:
                self.tasks.keep("downloads", lambda: steadily(self.fetcher.step, FILES_PAUSE))
                self.tasks.keep("pictures", lambda: steadily(self.pictures.step, FILES_PAUSE))
                self.tasks.keep("uploads", lambda: steadily(self.uploader.step, FILES_PAUSE))
                self.tasks.keep("spool", lambda: steadily(self.replay.step, SPOOL_PAUSE))
                self.tasks.keep("sender", self.sender.run)
                self.scheduler.start()
                self.tasks.keep("auditor", self.auditor.run)
                self.tasks.keep("stalls", self.stalls.run)
                self.tasks.keep("doors", self.doors.run)
        except BaseException:
            await self.stop()
            raise
        log.info("app.started", host=self.config.server.host, port=self.config.server.port)

    async def stop(self) -> None:
        """Nothing new is sent, what is under way ends or is found again, what came in is stored."""
        self._stopping = True
        await self.scheduler.stop()
        await self.sender.finish(FINISH_CALLS)
        await self._runner.cleanup()
        await self.tasks.stop()
        for platform in self.platforms.values():
            await platform.close()
        await self.database.close()
        self.milestone.close()
        log.info("app.stopped")

    async def run(self) -> None:
        """Until SIGTERM or SIGINT; a second signal ends at once."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def end() -> None:
            if ended.is_set():
                loop.call_soon(_exit)
            ended.set()

        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, end)
        await self.start()
        keep_loaded()
        await ended.wait()
        async with asyncio.timeout(SHUTDOWN.total_seconds()):
            await self.stop()

    async def settle(self) -> None:
        """Does everything that is due now, until nothing is."""
        now = self.clock.now()
        for name, (interval, job) in self.jobs.always().items():
            if abs(now - self._done_at.get(name, now - interval)) >= interval:
                self._done_at[name] = now
                await job()
        while True:
            done = 0
            for job in await self.jobs.due():
                done += await job()
            await self.sender.drain()
            done += (
                await self.fetcher.step()
                + await self.uploader.step()
                + await self.pictures.step()
                + await self.replay.step()
            )
            if not done:
                return

    def _backups(self) -> Backups:
        chosen = self.config.backup
        common = (self.database, self.settings, self.clock, self.leases)
        if chosen is None:
            return Backups(*common)
        return Backups(*common, self.config.backup_dir, chosen.at, chosen.keep_for, backup_key(self.config))

    def _is_here(self, platform: str) -> bool:
        """Whether this instance may send by it: the group bot's words leave where its connection is."""
        return self.leases.alive and (platform != BOT or self.leases.holds(SOCKET))

    async def _hear(self, update: Update) -> None:
        self.hearing.note(update.platform)
        await self.writer.submit(update)

    async def _alarm(self, key: str, /, **params: object) -> None:
        if key == ALARM_KICKED and await self._is_elsewhere():
            return  # it was another of our instances, which has the connection now
        async with self.database.transaction() as tx:
            about = ":".join(str(value) for value in params.values())
            await raise_alarm(tx, self.settings, key, about, now=self.clock.now(), **params)
        self.wake.set()

    async def _is_elsewhere(self) -> bool:
        async with self.database.reading() as tx:
            return await tx.leases.holder(SOCKET) not in (None, self.leases.instance)

    async def _gap(self, gap: timedelta) -> None:
        async with self.database.transaction() as tx:
            await tell_groups(tx, self.settings, gap, now=self.clock.now())
        self.wake.set()

    async def _service_well(self) -> str | None:
        return "stopping" if self._stopping else None

    async def _spool_well(self) -> str | None:
        return f"{len(self.spool)} updates wait to be stored" if len(self.spool) else None

    def _reasons(self) -> list[tuple[str, str]]:
        return [(each.key, in_words(self.settings, each)) for each in self.auditor.current()]


def _exit() -> None:
    raise SystemExit(1)
