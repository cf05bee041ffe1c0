"""How the parts of one running bot stand, in figures for the auditor."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from bot.clock import Clock, SystemClock
from bot.inbound.health import Check
from bot.log import get_logger
from bot.metrics import INBOX, MESSAGES, OLDEST_DUE_SECONDS, SOCKET_CONNECTED
from bot.outbound.sender import Sender
from bot.platforms.base import Platform
from bot.platforms.wecom_bot.platform import WeComBot
from bot.rules.watching import MOST_SKEW, Figures
from bot.schedule.hearing import Hearing
from bot.schedule.scheduler import Scheduler
from bot.schedule.tasks import Tasks
from bot.services.roads import APP, BOT, RESIDENTS
from bot.services.settings import Settings
from bot.timekeeping import Timekeeping
from storage import schema
from storage.database import Database
from storage.enums import InboxState, Phase
from storage.transaction import Transaction

log = get_logger("vitals")

WRITTEN_WITHIN = timedelta(seconds=10)
NOTHING = timedelta()
PEOPLE = (APP, BOT, RESIDENTS)
"""The platforms that people are reached through; another system that does not listen is its own affair."""


def free_bytes(folder: Path) -> int:
    """What is left for us on the folder's disk. Raises OSError."""
    return shutil.disk_usage(folder).free


@dataclass(slots=True)
class Vitals:
    """`folders` are those that must not run full."""

    database: Database
    settings: Settings
    clock: Clock
    platforms: Mapping[str, Platform]
    sender: Sender
    scheduler: Scheduler
    tasks: Tasks
    timekeeping: Timekeeping
    hearing: Hearing
    folders: Sequence[Path]
    is_here: Callable[[str], bool] = lambda _: True
    """Whether it is this instance that sends by a platform."""
    backs_up: bool = False
    """Whether a backup is made every day."""
    free: Callable[[Path], int] = free_bytes
    _seen_until: int = field(default=0, init=False)
    """The open item that was last looked at for its soundness."""
    _unsound: set[tuple[str, int]] = field(default_factory=set, init=False)
    """(rule, item) of what was found in this round through the open items and the one before it."""
    _this_round: set[tuple[str, int]] = field(default_factory=set, init=False)

    def checks(self) -> dict[str, Check]:
        """What is asked anew whenever somebody asks whether it is ready."""
        return {"database": self._database_well, "schema": self._schema_well, "held": self._not_held}

    def live(self) -> Figures:
        """What the process itself knows."""
        bot = self.platforms.get(BOT)
        disconnected = bot.disconnected_for if isinstance(bot, WeComBot) else None
        if isinstance(bot, WeComBot):
            SOCKET_CONNECTED.set(bot.connected)
        return Figures(
            metronome=self.scheduler.since_beat(),
            sender=self.sender.looked(),
            moved=self.sender.moved(),
            dead=[*self.tasks.dead(), *self.scheduler.stuck()],
            disconnected=disconnected,
            deaf=disconnected is None and self.hearing.is_deaf(BOT, beside=APP),
            held={name: why for name, why in self.sender.held().items() if name in PEOPLE},
            heard=self.hearing.since(),
        )

    async def whole(self) -> Figures:
        """What the process, the database, the disks and the platforms say."""
        figures, now = self.live(), self.clock.now()
        skews = await self._platform_skews()
        reachable = [
            name for name in self.platforms if name in PEOPLE and name not in figures.held and self.is_here(name)
        ]
        quiet_now = self.settings.reminding.quiet.is_quiet(now)
        async with self.database.reading() as tx:
            oldest = await tx.ages.oldest(now, platforms=reachable, quiet_now=quiet_now)
            backlog, inbox = await tx.messages.backlog(), await tx.inbox.counts()
            instance = await tx.instances.get()
            unsound = await self._look_at_some_items(tx)
            if not self.database.is_sqlite and isinstance(self.clock, SystemClock):
                skews["database"] = await tx.ages.now() - self.clock.now()
        for phase in (Phase.READY, Phase.WAITING, Phase.IN_FLIGHT, Phase.DOUBTFUL):
            MESSAGES.labels(phase).set(backlog.get(phase, 0))
        for state in (InboxState.PENDING, InboxState.ASIDE):
            INBOX.labels(state).set(inbox.get(state, 0))

        def age(since: datetime | None, now: datetime = now) -> timedelta:
            return max(now - since, NOTHING) if since is not None else NOTHING

        held = instance is not None and instance.held_at is not None
        due = NOTHING if held else age(oldest.due)
        OLDEST_DUE_SECONDS.set(due.total_seconds())
        return replace(
            figures,
            due=due,
            in_flight=age(oldest.in_flight, self.timekeeping.now()),
            doubtful=NOTHING if held else age(oldest.doubtful, self.timekeeping.now()),
            update=age(oldest.update),
            skews=skews,
            free=await asyncio.to_thread(self._free),
            writable=await self._is_writable(now),
            backup=age(instance.backed_up_at or instance.created_at) if self.backs_up and instance else None,
            unsound=unsound,
        )

    async def _look_at_some_items(self, tx: Transaction) -> dict[str, list[int]]:
        """Rule → items that break it. Every look takes the next open items, and begins again behind the last."""
        items = await tx.soundness.some(self._seen_until)
        if not items:
            self._unsound, self._this_round = self._this_round, set()
            items = await tx.soundness.some(0)
        self._seen_until = items[-1] if items else 0
        for each in await tx.soundness.unsound(items):
            log.error("item.unsound", rule=each.rule, item_id=each.item_id, count=each.count)
            self._this_round.add((each.rule, each.item_id))
        known = sorted(self._unsound | self._this_round)
        return {rule: [item_id for _, item_id in same] for rule, same in groupby(known, key=itemgetter(0))}

    async def _platform_skews(self) -> dict[str, timedelta]:
        """Each platform's clock less ours; where its last answer makes ours look wrong it is asked once more."""
        await self.timekeeping.ask()
        skews = self.timekeeping.skews()
        for name, skew in skews.items():
            if abs(skew) > MOST_SKEW:
                skews[name] = await self.timekeeping.confirmed(name) or NOTHING
        return skews

    def _free(self) -> dict[str, int]:
        found = {}
        for folder in self.folders:
            with suppress(OSError):
                found[str(folder)] = self.free(folder)
        return found

    async def _is_writable(self, now: datetime) -> bool:
        try:
            async with asyncio.timeout(WRITTEN_WITHIN.total_seconds()), self.database.transaction() as tx:
                await tx.ticks.note("audit", "", now)
        except Exception:
            log.exception("database.not_writable")
            return False
        return True

    async def _database_well(self) -> str | None:
        await self.database.check()
        return None

    async def _schema_well(self) -> str | None:
        found = await schema.found_version(self.database)
        return None if found == schema.expected_version() else f"version {found}"

    async def _not_held(self) -> str | None:
        async with self.database.reading() as tx:
            held = await tx.instances.held()
        return None if held is None else f"{held[1]} since {held[0]:%Y-%m-%d %H:%M}Z: run branchbot resume"
