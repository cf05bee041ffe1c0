"""The periodic work: each job does what is due until nothing is, and says how much that was."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.clock import Clock
from bot.inbound.dispatcher import Dispatcher
from bot.killing import here
from bot.log import bound, get_logger
from bot.schedule.backups import Backups
from bot.schedule.keeping import Keeping
from bot.schedule.looks import EVEN_HELD, LOOKS
from bot.schedule.making import Maker
from bot.schedule.trust import Trust
from bot.services.amending import bring_due
from bot.services.approvals import remind_due as ask_again
from bot.services.closing import close_due
from bot.services.commitments import ask_due
from bot.services.escalations import escalate_due, warn_of_windows
from bot.services.events import hand_out
from bot.services.files import forget_unwanted
from bot.services.forgetting import forget_old
from bot.services.kinds import KINDS
from bot.services.leaves import end_leaves
from bot.services.leaving import send_due
from bot.services.releasing import publish_due
from bot.services.reminders import remind_due
from bot.services.settings import Settings
from bot.services.verdicts import close_answered
from bot.services.withdrawal_reports import report_due
from storage.database import Database
from storage.leases import INSTANCE
from storage.ledger import Ledger
from storage.milestone import Milestone

log = get_logger("schedule.jobs")

BATCH = 1000
PUBLISHING = timedelta(milliseconds=200)
"""How often it looks whether something goes out: everybody who is to get it waits for that."""
REPLIES_KEPT = timedelta(days=1)
KEYS_KEPT = timedelta(days=2)
DEAD_KEPT = timedelta(days=1)
"""The names of instances that live no more."""
TICKS_KEPT = timedelta(days=40)
WORDS_KEPT = timedelta(days=1)
"""Words of responders that may be an answer, and that nobody has confirmed."""
NEVER_KEPT = timedelta(days=1)
"""A file that was begun and has no row by then belongs to a process that died."""
SEALED_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one process. Each returns how many things it did."""

    database: Database
    dispatcher: Dispatcher
    settings: Settings
    clock: Clock
    trust: Trust
    milestone: Milestone
    ledger: Ledger
    backups: Backups
    keeping: Keeping
    maker: Maker
    audit_key: bytes
    """What the audit's rows are sealed with."""

    async def mark(self) -> int:
        """Notes outside of the database how far it has come, and who was forgotten."""
        try:
            async with self.database.looking() as tx:
                marks = await tx.instances.marks()
                forgotten = await tx.forgotten.count()
            self.milestone.note(marks)
            if forgotten != self.ledger.lines:
                async with self.database.reading() as tx:
                    new = await tx.forgotten.all()
                await asyncio.to_thread(self.ledger.add, new)
        except Exception:  # the next beat tries again; nothing else waits for it
            log.exception("mark.failed")
        return 0

    async def mind_clock(self) -> int:
        """Looks at the clock also while nothing is due, so that a jump there and back is two jumps."""
        await self.trust.is_given()
        return 0

    async def publish(self) -> int:
        """Items whose undo window, or chosen time, is over; one that cannot be pushed does not hold up the others."""
        if not await self.trust.is_given():
            return 0
        now, done = self.clock.now(), 0
        async with self.database.reading() as tx:
            due = [item.id for item in await tx.items.due_for_publication(now, 20)]
        for item_id in due:
            try:
                async with self.database.transaction(direct=True) as tx:
                    done += await publish_due(tx, self.settings, item_id, now=now)
                here("K4")
            except Exception:
                log.exception("item.not_published", item_id=item_id)
        return done

    async def correct(self) -> int:
        """Corrections whose undo window is over; one that cannot be brought out does not hold up the others."""
        now, done = self.clock.now(), 0
        async with self.database.reading() as tx:
            due = await tx.versions.due(now, 20)
        for item_id, number in due:
            try:
                async with self.database.transaction() as tx:
                    done += await bring_due(tx, self.settings, item_id, number, now=now)
            except Exception:
                log.exception("item.not_corrected", item_id=item_id)
        return done

    async def remind(self) -> int:
        """Reminders whose time has come."""
        if not await self.trust.is_given():
            return 0
        now, done = self.clock.now(), 0
        while True:
            async with self.database.transaction() as tx:
                reminded = await remind_due(tx, self.settings, now=now, limit=BATCH)
            if not reminded:
                return done
            done += reminded

    async def close(self) -> int:
        """Items that all have done, or whose time is over."""
        if not await self.trust.is_given():
            return 0
        async with self.database.transaction() as tx:
            return await close_due(tx, self.settings, now=self.clock.now(), limit=BATCH)

    async def remind_approvers(self) -> int:
        """Second persons who have been waited for since yesterday."""
        async with self.database.transaction() as tx:
            return await ask_again(tx, self.settings, self.clock.now(), 20)

    async def report_withdrawals(self) -> int:
        """How taking items back went, where that is known now."""
        async with self.database.transaction() as tx:
            return await report_due(tx, self.settings, self.clock.now())

    async def desk(self) -> int:
        """Residents' questions whose time runs out, whose window closes, or that nobody says anything more about."""
        now, done = self.clock.now(), 0
        for work in (escalate_due, warn_of_windows, close_answered):
            async with self.database.transaction() as tx:
                done += await work(tx, self.settings, now=now, limit=BATCH)
        return done

    async def forget(self) -> int:
        """What residents wrote that has been kept long enough."""
        async with self.database.transaction() as tx:
            return await forget_old(tx, self.settings.desk, now=self.clock.now(), limit=BATCH)

    async def announce(self) -> int:
        """What other systems listen to, brought to the outbox."""
        async with self.database.transaction() as tx:
            return await hand_out(tx, self.settings, self.clock.now())

    async def tend(self) -> int:
        """What the clock has to do for items of some kind alone, and for members who are back from their leave."""
        now, done = self.clock.now(), 0
        async with self.database.looking() as tx:
            due = [kind for kind in KINDS.values() if await kind.any_due(tx, now=now)]
            back = await tx.leaves.any_ended(now)
        for kind in due:
            async with self.database.transaction() as tx:
                done += await kind.do_due(tx, self.settings, now=now)
        if back:
            async with self.database.transaction() as tx:
                done += await end_leaves(tx, self.settings, now=now)
        return done

    async def answer(self) -> int:
        """What responders wrote to residents, when its undo window is over."""
        async with self.database.transaction() as tx:
            return await send_due(tx, self.settings, now=self.clock.now())

    async def keep_promises(self) -> int:
        """Owners of promises whose day has come, or is over."""
        async with self.database.transaction() as tx:
            return await ask_due(tx, self.settings, now=self.clock.now())

    async def retry_updates(self) -> int:
        """Updates whose handler raised, each in its own transaction."""
        now = self.clock.now()
        async with self.database.reading() as tx:
            pending = await tx.inbox.pending(now, 20)
        for row in pending:
            with bound(inbox_id=row.id):
                try:
                    async with self.database.transaction() as tx:
                        await self.dispatcher.retry(tx, row.id, row.payload, now)
                except Exception:
                    log.exception("update.failed")
                    async with self.database.transaction() as tx:
                        await self.dispatcher.put_off(tx, row.id, now)
        return len(pending)

    async def tidy(self) -> int:
        """Forgets what nobody needs any more."""
        now = self.clock.now()
        async with self.database.transaction() as tx:
            await tx.inbox.forget_replies(now - REPLIES_KEPT)
            await tx.ticks.forget(now - TICKS_KEPT)
            await tx.alarms.forget(now - TICKS_KEPT)
            await tx.budgets.forget(now - TICKS_KEPT)
            await tx.leases.forget(INSTANCE, DEAD_KEPT)
            await tx.helping.end_of_left(now)
            await tx.persons.finish_forgetting()
            await tx.idempotency.forget(now - KEYS_KEPT)
            await tx.answers.forget(now - WORDS_KEPT)
            await forget_unwanted(tx, self.settings, now=now)
        await asyncio.to_thread(self.settings.files.folder.sweep, now - NEVER_KEPT)
        return 0

    async def seal(self) -> int:
        """The audit's rows of a while ago, when none of them can be under way any more."""
        now = self.clock.now()
        while True:
            async with self.database.transaction() as tx:
                sealed = await tx.seals.seal(self.audit_key, now - SEALED_AFTER, BATCH, now=now)
                last = await tx.seals.latest() if sealed else None
            if last is None:
                return 0
            log.info("audit.sealed", through=last.through, digest=last.digest)

    def always(self) -> dict[str, tuple[timedelta, Callable[[], Awaitable[int]]]]:
        """Name → (how often, job) of the jobs that do not look first."""
        return {name: job for name, job in self._all().items() if name not in LOOKS}

    async def due(self) -> list[Callable[[], Awaitable[int]]]:
        """The jobs that have something to do now, all asked at once."""
        now = self.clock.now()
        async with self.database.looking() as tx:
            names = {name for name, look in LOOKS.items() if await look(tx, self.settings, now)}
            if names - EVEN_HELD and await tx.instances.is_held():
                names &= EVEN_HELD
        return [job for name, (_, job) in self._all().items() if name in names]

    def by_interval(self) -> dict[str, tuple[timedelta, Callable[[], Awaitable[int]]]]:
        """Name → (how often, job). Each looks first whether there is something to do."""
        return {
            name: (interval, partial(self._when_due, name, job) if name in LOOKS else job)
            for name, (interval, job) in self._all().items()
        }

    async def _when_due(self, name: str, job: Callable[[], Awaitable[int]]) -> int:
        async with self.database.looking() as tx:
            if not await LOOKS[name](tx, self.settings, self.clock.now()):
                return 0
            if name not in EVEN_HELD and await tx.instances.is_held():
                return 0
        return await job()

    def _all(self) -> dict[str, tuple[timedelta, Callable[[], Awaitable[int]]]]:
        return {
            "mind_clock": (timedelta(seconds=1), self.mind_clock),
            "mark": (timedelta(seconds=5), self.mark),
            "publish": (PUBLISHING, self.publish),
            "correct": (timedelta(seconds=1), self.correct),
            "remind": (timedelta(seconds=1), self.remind),
            "announce": (timedelta(seconds=1), self.announce),
            "export": (timedelta(seconds=1), self.maker.export),
            "tend": (timedelta(seconds=5), self.tend),
            "draw": (timedelta(seconds=1), self.maker.draw),
            "answer": (timedelta(seconds=1), self.answer),
            "keep_promises": (timedelta(seconds=30), self.keep_promises),
            "retry_updates": (timedelta(seconds=2), self.retry_updates),
            "close": (timedelta(seconds=3), self.close),
            "remind_approvers": (timedelta(minutes=1), self.remind_approvers),
            "report_withdrawals": (timedelta(seconds=5), self.report_withdrawals),
            "desk": (timedelta(seconds=5), self.desk),
            "forget": (timedelta(minutes=10), self.forget),
            "keep": (timedelta(hours=1), self.keeping.forget),
            "backup": (timedelta(minutes=10), self.backups.make),
            "seal": (timedelta(hours=6), self.seal),
            "tidy": (timedelta(hours=6), self.tidy),
        }
