"""The metronome: APScheduler with one interval job for each concern, in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.log import bound, get_logger
from bot.metrics import TICKS
from bot.schedule.beats import Beat

log = get_logger("schedule.scheduler")

STUCK_AFTER = timedelta(minutes=2)
"""No job takes so long for what is due."""
LOOK = timedelta(seconds=1)
"""How often it looks whether the machine's clock was set back."""
SET_BACK = timedelta(seconds=2)
"""By more than this the beats are counted anew: they would not come before the clock is where it was."""
JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
"""A beat that comes late still comes, once: APScheduler's own default drops it after a second."""

BaseTrigger.register(Beat)


class Scheduler:
    """Beats for the jobs. `after` is called when a job has done something; `elapsed` is a clock that nobody sets."""

    def __init__(
        self,
        jobs: Mapping[str, tuple[timedelta, Callable[[], Awaitable[int]]]],
        after: Callable[[], None],
        elapsed: Callable[[], timedelta],
    ) -> None:
        self._after = after
        self._elapsed = elapsed
        self._beat_at = elapsed()
        self._started = False
        self._began: dict[str, timedelta] = {}
        """When the jobs began that are at work."""
        self._beats: set[asyncio.Future[int]] = set()
        self._jobs = jobs
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._beat_at, self._started = self._elapsed(), True
        for name, (interval, job) in self._jobs.items():
            self._scheduler.add_job(self.beat, Beat(interval), (name, job), id=name)
        self._scheduler.start()
        self._watch = asyncio.create_task(self._mind_wall(), name="metronome")

    async def stop(self) -> None:
        """No further beats; a job that runs goes on to its end first."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        if self._scheduler.running:
            self._scheduler.pause()
            await asyncio.gather(*self._beats, return_exceptions=True)
            self._scheduler.shutdown(wait=False)

    def jobs(self) -> list[Job]:
        """The jobs as the metronome holds them."""
        return list(self._scheduler.get_jobs())

    def since_beat(self) -> timedelta:
        """How long ago any job last beat; zero as long as it was never started."""
        return self._elapsed() - self._beat_at if self._started else timedelta()

    def stuck(self) -> list[str]:
        """The jobs that have been at one run for too long."""
        now = self._elapsed()
        return sorted(name for name, began in self._began.items() if now - began > STUCK_AFTER)

    async def beat(self, name: str, job: Callable[[], Awaitable[int]]) -> None:
        """One run of a job. What it raises is counted; the next beat tries again."""
        with bound(job=name):
            try:
                self._began[name] = self._elapsed()
                done = await self._held(job)
            except Exception:
                TICKS.labels(name, "failed").inc()
                log.exception("job.failed")
                return
            finally:
                self._began.pop(name, None)
        self._beat_at = self._elapsed()
        TICKS.labels(name, "done" if done else "idle").inc()
        if done:
            self._after()

    async def _mind_wall(self) -> None:
        """APScheduler reads the wall: after it was set back it would wait until it says again what it said before."""
        wall, elapsed = datetime.now(UTC), self._elapsed()
        while True:
            await asyncio.sleep(LOOK.total_seconds())
            before, since = wall, elapsed
            wall, elapsed = datetime.now(UTC), self._elapsed()
            if wall - before < elapsed - since - SET_BACK:
                log.warning("clock.set_back", seconds=round((before - wall).total_seconds()))
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=job.trigger.get_next_fire_time(None, wall))

    async def _held(self, job: Callable[[], Awaitable[int]]) -> int:
        """The job as a task of its own: the metronome's end must not cut it."""
        task = asyncio.ensure_future(job())
        self._beats.add(task)
        task.add_done_callback(self._beats.discard)
        return await asyncio.shield(task)
