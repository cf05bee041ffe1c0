"""One branch and what happens to it: acts that a machine chooses, in one world that many branches share."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot import killing
from bot.update import Update, UpdateKind
from storage.enums import ItemStatus, MemberStatus
from tests.world import Person, World

ZONE = ZoneInfo("Asia/Shanghai")
TICK = timedelta(seconds=1)
"""Between any two acts: what happened first is what has the earlier time."""
MEMBERS = 4
REPLIES_KEPT = timedelta(days=1)

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Said:
    """What came in, as the platform's adapter would have opened it; the answer is the words."""

    update: Update

    def open(self) -> Update:
        return self.update

    def answer(self, _: Update, words: str | None) -> str | None:
        return words


class Killed(BaseException):
    """The process is dead: nothing of it does anything any more."""


@dataclass
class Play:
    """A branch of its own, its secretary and members, and what is known of its items."""

    world: World
    name: str
    people: list[Person]
    items: list[int] = field(default_factory=list)
    said: list[Update] = field(default_factory=list)
    spoken: dict[str, str | None] = field(default_factory=dict)
    """Key → what was answered the first time."""
    _death: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @classmethod
    async def begin(cls, world: World) -> "Play":
        """On a Monday morning of its own."""
        number = next(_numbers)
        clock = world.clock
        morning = clock.now().astimezone(ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
        clock.advance(morning + timedelta(days=7 - morning.weekday()) - clock.now())
        name = f"支部{number}"
        members = [f"成员{number}之{place}" for place in range(MEMBERS)]
        people = await world.branch(name, members=members, secretary=f"书记{number}")
        await world.app.settle()
        return cls(world, name, people)

    @property
    def secretary(self) -> Person:
        return self.people[0]

    @property
    def members(self) -> list[Person]:
        return self.people[1:]

    @property
    def ids(self) -> list[int]:
        return [person.member_id for person in self.people]

    async def says(self, who: Person, text: str = "", *, action: str = "") -> str | None:
        """Their words, or a button that they press."""
        kind = UpdateKind.CLICK if action else UpdateKind.TEXT
        update = Update(
            "wecom", f"{self.name}-{len(self.said)}", kind, who.userid, self.world.clock.now(), text=text, action=action
        )
        self.said.append(update)
        return await self.comes(update)

    async def comes(self, update: Update) -> str | None:
        """An update, perhaps once more. A process that dies of it is started again, and the update comes again."""
        for _ in range(2):
            submitted = self.world.app.writer.submit_in_time(Said(update), inline_bytes=2048, speaks_later=True)
            submitting = asyncio.create_task(submitted)
            await asyncio.wait({submitting, self._death}, return_when=asyncio.FIRST_COMPLETED)
            if self._dead:
                submitting.cancel()
                with contextlib.suppress(asyncio.CancelledError, Killed):
                    await submitting
                await self.restarts()
                continue
            answer = submitting.result()
            first = self.spoken.setdefault(update.key, answer)
            forgotten = answer is None and self.world.clock.now() - update.sent_at >= REPLIES_KEPT
            assert answer == first or forgotten, "every copy is answered alike"
            return answer
        raise AssertionError("died twice of the same")

    @property
    def _dead(self) -> bool:
        return self._death.done()

    async def passes(self, by: timedelta) -> None:
        """Time goes by, and what is due is done."""
        self.world.clock.advance(by)
        await self.settles()

    async def settles(self) -> None:
        with contextlib.suppress(Killed):
            await self.world.app.settle()
        if self._dead:
            await self.restarts()
            await self.world.app.settle()

    def arms(self, point: str) -> None:
        """The process dies when it comes there next."""

        def die() -> None:
            if not self._dead:
                self._death.set_result(None)
            for each in killing.POINTS:
                killing.arm(each, die)
            raise Killed(point)

        killing.arm(point, die)

    async def restarts(self) -> None:
        """What was under way is cut off, as far as it is; another process takes over."""
        killing.disarm()
        await self.world.restart(abruptly=True)
        self._death = asyncio.get_running_loop().create_future()

    async def publishes(self, require: str, remind: str, due: str, *, body: str = "请看") -> None:
        """A notice to the whole branch, confirmed; it goes out when its undo window is over."""
        lines = [
            f"/通知 事项{len(self.said)}",
            f"要求：{require}",
            f"提醒：{remind}",
            *([f"截止：{due}"] if due else []),
        ]
        await self.says(self.secretary, "\n".join([*lines, body]))
        async with self.world.reading() as tx:
            drafts = await tx.items.page(statuses=[ItemStatus.DRAFT], limit=1)
        if drafts and drafts[0].author_id == self.secretary.member_id and drafts[0].id not in self.items:
            self.items.append(drafts[0].id)
            await self.says(self.secretary, f"确认 {drafts[0].id}")

    async def leaves(self, who: Person, *, back: bool) -> None:
        """The roster says that they left, or are back."""
        async with self.world.app.database.transaction() as tx:
            member = await tx.members.get(who.member_id)
            assert member is not None
            member.status = MemberStatus.ACTIVE if back else MemberStatus.LEFT

    async def ends(self) -> None:
        """All is well again and time goes by: everything comes to rest, and nothing of it is left to do."""
        killing.disarm()
        self.world.twin.faults.clear()
        self.world.twin.limits.concurrent = None
        for person in self.people:
            self.world.twin.directory.change(person.userid, visible=True)
        await self.world.restart()
        await self.world.app.settle()
        for by in (timedelta(minutes=10), timedelta(hours=12), timedelta(hours=12)):
            await self.passes(by)

    async def is_over(self) -> None:
        """Nobody hears of its items any more."""
        async with self.world.app.database.transaction() as tx:
            for item_id in self.items:
                await tx.items.change_status(item_id, [*ItemStatus], ItemStatus.WITHDRAWN)
                await tx.reminders.end_of_item(item_id)
