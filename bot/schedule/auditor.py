"""The auditor looks once a minute how everything stands, and says what is wrong. The metronome does not move it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import timedelta

from bot.clock import Clock
from bot.log import get_logger
from bot.metrics import AGE_SECONDS, AUDITED, DISK_FREE_BYTES, FINDINGS, SKEW_SECONDS, UNSOUND
from bot.rules.watching import Figures, Finding, findings
from bot.services import watching
from bot.services.roads import BOT
from bot.services.settings import Settings
from storage.database import Database

log = get_logger("schedule.auditor")

EVERY = timedelta(minutes=1)
LOST_AFTER = timedelta(minutes=2, seconds=30)
"""An auditor that has not looked for so long has died itself."""
SAID_WITHIN = timedelta(seconds=15)
"""What cannot be written by then is tried again at the next look."""
AGES = ("metronome", "sender", "moved", "due", "in_flight", "doubtful", "update")


class Auditor:
    """`live` gives what is known at once, `whole` everything; `beat` tells the outside that all is well.

    `unproven` are platforms that were broken, and of which nobody knows yet whether they work again.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        *,
        live: Callable[[], Figures],
        whole: Callable[[], Awaitable[Figures]],
        unproven: Callable[[], Container[str]],
        beat: Callable[[], Awaitable[bool]] | None,
        wake: Callable[[], None],
    ) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._live, self._whole, self._unproven, self._beat, self._wake = live, whole, unproven, beat, wake
        self._found: Sequence[Finding] = ()
        self._looked_at: timedelta | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY.total_seconds())

    async def look(self) -> Sequence[Finding]:
        """One look: figures for Prometheus, words for administrators, a beat when there is nothing to say."""
        figures = await self._whole()
        found = findings(figures, bot=BOT)
        _show(figures, found)
        self._found, self._looked_at = found, self._clock.elapsed()
        if found:
            log.warning("audit.found", causes=sorted(f"{each.key}:{each.about}" for each in found))
        await self._tell(found)
        if not found and self._beat is not None:
            await self._beat()
        return found

    def current(self) -> list[Finding]:
        """What is wrong at this moment, as far as that is known without a look."""
        now = self._clock.elapsed()
        found = {(each.key, each.about): each for each in (*findings(self._live(), bot=BOT), *self._found)}
        if self._looked_at is not None and now - self._looked_at > LOST_AFTER:
            found["audit", ""] = Finding(
                "audit", params={"minutes": int((now - self._looked_at).total_seconds() // 60)}
            )
        return list(found.values())

    async def _tell(self, found: Sequence[Finding]) -> None:
        """What cannot be said now is said at the next look: whoever asks `/readyz` hears it meanwhile."""
        try:
            async with asyncio.timeout(SAID_WITHIN.total_seconds()):
                if not found:
                    async with self._database.reading() as tx:
                        if not await tx.alarms.open():
                            return
                async with self._database.transaction() as tx:
                    now = self._clock.now()
                    await watching.tell(tx, self._settings, found, unproven=self._unproven(), now=now)
            self._wake()
        except Exception:
            log.exception("audit.not_told")


def _show(figures: Figures, found: Sequence[Finding]) -> None:
    for name in AGES:
        AGE_SECONDS.labels(name).set(getattr(figures, name).total_seconds())
    if figures.backup is not None:
        AGE_SECONDS.labels("backup").set(figures.backup.total_seconds())
    for platform, age in figures.heard.items():
        AGE_SECONDS.labels(f"heard_{platform}").set(age.total_seconds())
    FINDINGS.clear()
    for each in found:
        FINDINGS.labels(each.key).inc()
    for whose, skew in figures.skews.items():
        SKEW_SECONDS.labels(whose).set(skew.total_seconds())
    for folder, free in figures.free.items():
        DISK_FREE_BYTES.labels(folder).set(free)
    UNSOUND.clear()
    for rule, items in figures.unsound.items():
        UNSOUND.labels(rule).set(len(items))
    AUDITED.set(time.time())
