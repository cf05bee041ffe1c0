"""What happens to the whole: an older state comes back, somebody is forgotten, a list is read in, the clock is set."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.roster.rows import Roster, Row
from bot.services import persons, resuming, roster
from bot.services.holding import fingerprint
from bot.services.persons import forget_again
from bot.services.restores import settle_in
from bot.update import Update
from storage.copies import back_up
from storage.enums import ItemStatus
from storage.instances import Marks
from storage.items import Item
from storage.lock import Locked
from storage.outbox import OutboxMessage
from storage.parts import SIDE_FILES
from storage.restoring import restore_file, restore_schema
from storage.transaction import Transaction
from tests.properties.found import everything
from tests.properties.judge import Judge, Memory
from tests.properties.play import AT_ONCE, Play
from tests.world import Person

_ON_ITS_WAY = re.compile(r"content \d+ going:|call .* (in_flight|doubtful) |message .* (in_flight|doubtful) ")


@dataclass
class Copy:
    """A backup, and what everybody knew when it was made."""

    path: Path
    memory: Memory
    items: list[int]
    said: list[Update]
    spoken: dict[str, str | None]
    member_ids: list[int]
    """Of the play's people, in order."""
    marks: Marks


@dataclass
class Mishaps:
    """Acts on the whole of a play. `judge` is told what it may not expect any more."""

    play: Play
    judge: Judge
    copy: Copy | None = None
    held: bool = False

    async def backs_up(self) -> None:
        play = self.play
        path = play.stage.folder / "backup.db"
        await back_up(play.world.app.database, path, over=True)
        async with play.world.reading() as tx:
            marks = await tx.instances.marks()
        memory = self.judge.keeps()
        self.copy = Copy(path, memory, list(play.items), list(play.said), dict(play.spoken), list(play.ids), marks)

    async def puts_back(self, *, by_hand: bool) -> None:
        """An older state in the place of the newer: by the command, or by somebody who copies a file."""
        copy, play = self.copy, self.play
        assert copy is not None
        for app in play.stage.apps:
            await app.jobs.mark()  # as a service does every five seconds
        async with play.world.reading() as tx:
            is_older = (await tx.instances.marks()).is_beyond(copy.marks)
        await self._stopped(lambda: self._copied(copy.path) if by_hand else self._restored(copy.path))
        play.items, play.said = list(copy.items), list(copy.said)
        play.spoken.clear()
        play.spoken.update(copy.spoken)
        async with play.world.reading() as tx:
            for person, member_id in zip(play.people, copy.member_ids, strict=True):
                person.member_id = member_id
                if await tx.members.by_account("wecom", person.userid) is not None:
                    play.forgotten.discard(person.name)
                else:  # also whoever came back since
                    play.forgotten.add(person.name)
            self.held = self.judge.far_side.held = await tx.instances.is_held()
        assert self.held or (by_hand and not is_older), "I17: an older state is noticed"
        await self.judge.forgets(copy.memory, held=self.held)
        await self.nobody_is_back()
        await play.settles()

    async def resumes(self) -> None:
        """Nothing old may leave."""
        play, world = self.play, self.play.world
        async with world.reading() as tx:
            seen = await resuming.overview(tx, now=play.now)
        assert seen is not None
        dropped = {lot.key for lot in seen.lots}
        settings = world.app.settings
        while True:
            async with world.app.database.transaction() as tx:
                if not await resuming.drop_some(tx, settings, seen, dropped, now=play.now):
                    break
        async with world.app.database.transaction() as tx:
            await resuming.resume(tx, settings, seen, dropped, now=play.now)
        self.held = self.judge.far_side.held = False
        await play.settles()

    async def forgets(self, person: Person) -> None:
        """I15: nothing that is stored names them any more."""
        play, world = self.play, self.play.world
        async with world.app.database.transaction() as tx:
            member = await persons.find_member(tx, person.userid)
            await persons.forget_member(tx, world.app.settings, member, now=play.now)
        await world.app.jobs.mark()
        play.forgotten.add(person.name)
        play.gone[person.name], play.forgotten_at = person, play.now
        await self.nobody_is_back()

    async def imports(self, people: Sequence[Person], branch: str) -> None:
        """A roster names these people in a branch; whoever was forgotten and is in it is somebody new."""
        play = self.play
        rows = tuple(
            Row(number, person.name, person.userid, (branch,), None, None, (), None)
            for number, person in enumerate(people, 2)
        )
        async with play.world.app.database.transaction() as tx:
            changes = await roster.apply(tx, Roster(rows, (), (), ()), fields=(), now=play.now)
            assert not changes.problems
            for person in people:
                member = await tx.members.by_account("wecom", person.userid)
                assert member is not None
                play.earlier[person.member_id] = person.userid
                person.member_id = member.id
                play.gone.pop(person.name, None)
                play.forgotten.discard(person.name)

    async def nobody_is_back(self, *, at_rest: bool = False) -> None:
        """What is on its way may name them until it is over."""
        if self.play.gone:
            app = self.play.world.app
            if at_rest:
                await app.jobs.tidy()
            stored = [
                row for row in await everything(app.database, self.judge.marks) if at_rest or not _ON_ITS_WAY.match(row)
            ]
            for person in self.play.gone.values():
                named = [row for row in stored if person.name in row or f"{person.userid} " in row]
                assert named == [], ("I15", named)

    async def jumps(self, by: timedelta) -> None:
        """The clock is set ahead, or back, and right again: meanwhile nothing begins on the strength of it."""
        play, clock = self.play, self.play.world.clock
        before = await self._begun()
        play.tokens_lost += AT_ONCE  # it wears out by either clock
        clock.jump(by)
        await play.settles()
        assert by < timedelta() or await self._begun() == before, "I16: nothing begins because of a jump"
        clock.jump(-by)
        await play.settles()

    async def second_process(self) -> None:
        """Another one, or no more; on SQLite there is none."""
        stage = self.play.stage
        if stage.is_sqlite:
            with pytest.raises(Locked):
                stage.lock().acquire()
        elif stage.second is None:
            await stage.open_second()
        else:
            await stage.close_second()

    async def _begun(self) -> tuple[int, int]:
        """Items that went out, and reminders that were made."""
        async with self.play.world.app.database.reader.connect() as db:
            out = select(func.count()).select_from(Item).where(Item.status == ItemStatus.PUBLISHED)
            made = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "digest")
            return await db.scalar(out) or 0, await db.scalar(made) or 0

    async def _stopped(self, between: Callable[[], Awaitable[None]]) -> None:
        stage = self.play.stage
        await stage.close_second()
        config = stage.world.app.config
        await stage.stop(stage.world.app)
        await between()
        await stage.start(0, config)

    async def _copied(self, copy: Path) -> None:
        path = self.play.world.app.config.database.sqlite_path
        assert path is not None
        for end in SIDE_FILES:
            path.with_name(path.name + end).unlink(missing_ok=True)
        path.write_bytes(copy.read_bytes())

    async def _restored(self, copy: Path) -> None:
        """As `branchbot db restore` does it."""
        app, now = self.play.world.app, self.play.now
        beside, mark = app.milestone.read(), fingerprint(app.config.identity())

        async def settle(tx: Transaction) -> None:
            await forget_again(tx, app.settings, app.ledger.read(), now=now)
            app.milestone.write(await settle_in(tx, beside, fingerprint=mark, now=now))

        path = app.config.database.sqlite_path
        if path is not None:
            await restore_file(path, copy, settle, now)
        else:
            await restore_schema(app.database, copy, settle, now)
            await app.database.close()
