"""One branch and what happens to it: acts that a machine chooses, in one world that many branches share."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, union_all

from bot import killing
from bot.inbound.entrances import OPEN
from bot.services.access import ROSTER
from bot.services.receipts import Claim, confirm
from bot.services.submissions import submit
from bot.update import Update, UpdateKind
from storage.calls import Call
from storage.enums import CallState, ItemKind, ItemStatus, MemberStatus, ReceiptKind, ReminderState, Role, Source
from storage.items import Item
from storage.members import Member
from storage.outbox import TO_SEND, OutboxMessage
from storage.reminders import Reminder
from tests.properties.stage import ACTOR, Stage
from tests.scanning import SCAN
from tests.world import Person, World

ZONE = ZoneInfo("Asia/Shanghai")
TICK = timedelta(seconds=1)
"""Between any two acts: what happened first is what has the earlier time."""
MEMBERS = 3
AT_ONCE = 4
"""Requests of one process."""
REPLIES_KEPT = timedelta(days=1)
UNTIL_REST = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=12), timedelta(hours=12))
MINUTES_TO_REST = 10
"""Then whatever has become due at once leaves at the pace of one person."""
LONG_AFTER = timedelta(days=1)
"""Where nothing becomes due sooner."""

_numbers = count(1)
_NEXT = select(
    func.min(
        union_all(
            select(func.min(Item.publish_at).label("at")).where(Item.status == ItemStatus.SCHEDULED),
            select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.OPEN),
            select(func.min(OutboxMessage.not_before)).where(OutboxMessage.phase.in_(TO_SEND)),
            select(func.min(Call.next_at)).where(Call.state == CallState.DOUBTFUL),
        )
        .subquery()
        .c.at
    )
)


class Killed(BaseException):
    """The process is dead: nothing of it does anything any more."""


@dataclass
class Play:
    """A branch of its own, its secretary and members, and what is known of its items."""

    stage: Stage
    name: str
    people: list[Person]
    items: list[int] = field(default_factory=list)
    said: list[Update] = field(default_factory=list)
    spoken: dict[str, str | None] = field(default_factory=dict)
    """Key → what was answered the first time."""
    dead: int | None = None
    """The instance that has died and is not replaced yet."""
    earlier: dict[int, str] = field(default_factory=dict)
    """Member → account, of those who were forgotten and came back as somebody new."""
    gone: dict[str, Person] = field(default_factory=dict)
    """Name → who was forgotten, until somebody speaks of them again."""
    forgotten: set[str] = field(default_factory=set)
    """Names of those who were forgotten and are not on the roster again."""
    forgotten_at: datetime | None = None
    tokens_lost: int = 0
    """How many tokens processes may have fetched and not kept when they died: as long as one is cut off, its requests
    that wait for each other each ask for one."""
    _death: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _replacing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def begin(cls, stage: Stage, hour: int, minute: int) -> "Play":
        """On a Monday of its own, at this time."""
        number, world = next(_numbers), stage.world
        start = world.clock.now().astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
        stage.advance(start + timedelta(days=7 - start.weekday()) - world.clock.now())
        name = f"支部{number}"
        names = [f"书记{number}", *(f"成员{number}之{place}" for place in range(MEMBERS))]
        SCAN.watch(names=names)
        people = []
        async with world.app.database.transaction() as tx:
            branch = await tx.branches.add(name, None)
            for place, each in enumerate(names):
                person = Person(world, f"user{number}and{place}", each, 0)
                of_roster = {"platform": ROSTER, "user_id": person.userid, "tier": None, "phone": None}
                member = await tx.members.add(name=each, branch_id=branch.id, now=world.clock.now(), **of_roster)
                world.twin.directory.add(person.userid, each)
                person.member_id = member.id
                people.append(person)
            await tx.members.set_roles(people[0].member_id, {(Role.SECRETARY, branch.id)})
        play = cls(stage, name, people)
        await play.settles()
        return play

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def secretary(self) -> Person:
        return self.people[0]

    @property
    def members(self) -> list[Person]:
        return self.people[1:]

    @property
    def ids(self) -> list[int]:
        return [person.member_id for person in self.people]

    def update(self, who: Person, text: str = "", *, action: str = "") -> Update:
        """Their words, or a button that they press, on the way to us."""
        kind = UpdateKind.CLICK if action else UpdateKind.TEXT
        key = f"{self.name}-{len(self.said)}"
        update = Update("wecom", key, kind, who.userid, self.now, text=text, action=action)
        for name in [each for each, person in self.gone.items() if each in text or person is who]:
            del self.gone[name]
        self.said.append(update)
        return update

    async def says(self, who: Person, text: str = "", *, action: str = "") -> str | None:
        return await self.comes(self.update(who, text, action=action))

    async def comes(self, update: Update) -> str | None:
        """An update, perhaps once more. A process that dies of it is started again, and the update comes again."""
        for _ in range(2):
            death, submitting = self._death, asyncio.create_task(self._submit(update))
            await asyncio.wait({submitting, death}, return_when=asyncio.FIRST_COMPLETED)
            if death.done():
                submitting.cancel()
                with contextlib.suppress(asyncio.CancelledError, Killed):
                    await submitting
                await self.revives()
                continue
            answer = submitting.result()
            first = self.spoken.setdefault(update.key, answer)
            kept_since = max(self.now - REPLIES_KEPT, self.forgotten_at or update.sent_at)
            forgotten = answer is None and update.sent_at <= kept_since
            assert answer == first or forgotten, ("every copy is answered alike", first, answer)
            return answer
        raise AssertionError("died twice of the same")

    async def together(self, updates: list[Update]) -> None:
        """At the same moment, so that they share a transaction; some may be copies."""
        await asyncio.gather(*(self.comes(update) for update in updates))

    def _submit(self, update: Update) -> Any:
        apps = self.stage.apps
        app = apps[len(self.said) % len(apps)]
        return app.writer.submit_in_time(OPEN, update, size=0, inline_bytes=2048, speaks_later=True)

    async def passes(self, by: timedelta, *, wholly: bool = False) -> None:
        """Time goes by, and what is due is done."""
        self.stage.advance(by)
        await self.settles(wholly=wholly)

    async def until_next(self) -> None:
        """To the next moment at which something of what is known becomes due."""
        async with self.world.app.database.reader.connect() as db:
            at = await db.scalar(_NEXT)
        left = at - self.now if at is not None else LONG_AFTER
        await self.passes(min(max(left, TICK), LONG_AFTER))

    async def settles(self, *, wholly: bool = False) -> None:
        death, settling = self._death, asyncio.create_task(self.stage.settle(wholly=wholly))
        await asyncio.wait({settling, death}, return_when=asyncio.FIRST_COMPLETED)
        if not death.done():
            settling.result()
            return
        settling.cancel()  # whoever waited for the dead would wait for ever
        with contextlib.suppress(asyncio.CancelledError, Killed):
            await settling
        await self.revives()
        await self.stage.settle()

    def arms(self, point: str) -> None:
        """The process that comes there next dies of it: wherever it stands, it does not go on."""
        victims: list[int] = []

        def die() -> None:
            if not victims:
                victims.append(ACTOR.get())
                self.dead = ACTOR.get()
                self.tokens_lost += AT_ONCE if point in ("K9", "K13") else 0
                self._death.set_result(None)
                for each in killing.POINTS:
                    killing.arm(each, die)
            if ACTOR.get() in victims:
                raise Killed(point)

        killing.disarm()
        killing.arm(point, die)

    async def revives(self) -> None:
        """Another process takes the place of the dead one."""
        async with self._replacing:
            if self.dead is not None:
                await self.restarts(self.dead)

    async def restarts(self, number: int = 0) -> None:
        """What was under way is cut off, as far as it is; another process takes over."""
        await self.stage.restart(number)
        self.dead, self._death = None, asyncio.get_running_loop().create_future()

    async def publishes(self, require: str, remind: str, due: str, at: str, *, by_chat: bool) -> int | None:
        """A notice to the whole branch, confirmed; it goes out when its undo window is over. None if refused."""
        title = f"事项{self.name}之{len(self.said)}之{len(self.items)}"
        if not by_chat:
            return await self._submits(title, {"require": require, "remind": remind, "due": due, "at": at})
        fields = {"要求": require, "提醒": remind, "截止": due, "定时": at}
        lines = [f"{name}：{value}" for name, value in fields.items() if value]
        await self.says(self.secretary, "\n".join([f"/通知 {title}", *lines, "请看"]))
        async with self.world.reading() as tx:
            drafts = await tx.items.page(statuses=[ItemStatus.DRAFT], limit=1)
        if not drafts or drafts[0].title != title:
            return None
        self.items.append(drafts[0].id)
        await self.says(self.secretary, f"确认 {drafts[0].id}")
        return drafts[0].id

    async def _submits(self, title: str, fields: dict[str, str]) -> int:
        """As another system publishes it."""
        app = self.world.app
        given = {name: value for name, value in fields.items() if value}
        async with app.database.transaction() as tx:
            item = await submit(
                tx,
                app.settings,
                author=self.secretary.userid,
                client="machine",
                kind=ItemKind.NOTICE,
                title=title,
                body="请看",
                fields=given,
                now=self.now,
            )
        self.items.append(item.id)
        return item.id

    async def opens_page(self, who: Person, number: int, kind: ReceiptKind) -> None:
        """The item's page reports that they have read, or acknowledged it."""
        async with self.world.app.database.transaction() as tx:
            await confirm(tx, [Claim(who.member_id, number, kind, Source.PAGE)], now=self.now)

    async def leaves(self, who: Person, *, back: bool) -> None:
        """The roster says that they left, or are back."""
        async with self.world.app.database.transaction() as tx:
            member = await tx.members.get(who.member_id)
            assert member is not None
            member.status = MemberStatus.ACTIVE if back else MemberStatus.LEFT

    async def active(self) -> set[str]:
        """The accounts of those who are here."""
        by_id = {person.member_id: person.userid for person in self.people}
        async with self.world.app.database.reader.connect() as db:
            query = select(Member.id).where(Member.id.in_(by_id), Member.status == MemberStatus.ACTIVE)
            return {by_id[member_id] for member_id in await db.scalars(query)}

    async def ends(self) -> None:
        """All is well again: when time goes by (`UNTIL_REST`) everything comes to rest."""
        killing.disarm()
        self.world.twin.faults.clear()
        for person in self.people:
            self.world.twin.directory.change(person.userid, visible=True, licensed=True)
        await self.settles()

    async def is_over(self) -> None:
        """Nobody hears of its items any more."""
        killing.disarm()
        self.world.twin.faults.clear()
        async with self.world.app.database.transaction() as tx:
            for item_id in self.items:
                await tx.items.change_status(item_id, [*ItemStatus], ItemStatus.WITHDRAWN)
                await tx.reminders.end_of_item(item_id)
