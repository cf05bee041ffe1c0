"""Killed without a warning, again and again, while a push runs: the far side's own log is the judge."""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config import check
from bot.message import Text, dump
from bot.services.access import ROSTER
from bot.simulator.server import serve
from bot.simulator.twin import Twin
from storage import schema
from storage.database import Database
from storage.enums import Priority, Role
from storage.members import NewMember
from storage.messages import NewMessage
from tests.world import configuration, free_port

MEMBERS = 300
SECRETARY = "boss"


class Service:
    """The process, and what it stands on."""

    def __init__(self, twin: Twin, database: Database, file: Path) -> None:
        self.twin, self.database, self.file = twin, database, file
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.scenarios.kill", str(self.file)),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdout is not None
        assert await asyncio.wait_for(self._process.stdout.readline(), 20) == b"ready\n"

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def rest(self, within: float = 25) -> None:
        """Waits until nothing is on its way any more."""
        async with asyncio.timeout(within):
            while True:
                async with self.database.reading() as tx:
                    items = await tx.items.page(statuses=["scheduled"], limit=1)  # type: ignore[list-item]
                    if not items and not await tx.messages.backlog():
                        return
                await asyncio.sleep(0.1)


@asynccontextmanager
async def service(tmp_path: Path, url: str, *, undo: str = "0s") -> AsyncIterator[Service]:
    clock = SystemClock()
    twin = Twin(clock, log=tmp_path / "far.log")
    async with serve(twin) as base:
        port = free_port()
        data = configuration(twin, base, url, port, publishing={"undo_window": undo, "code_above": 0})
        check(data)
        file = tmp_path / "config.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        database = Database(url)
        await schema.upgrade(database)
        async with database.transaction() as tx:
            branch = await tx.branches.add("第一支部", None)
            people = [NewMember(name="书记", user_id=SECRETARY, branch_id=branch.id, tier=None, phone=None)]
            people += [
                NewMember(name=f"成员{n}", user_id=f"m{n:03}", branch_id=branch.id, tier=None, phone=None)
                for n in range(MEMBERS)
            ]
            ids = await tx.members.add_many(people, platform=ROSTER, now=clock.now())
            await tx.members.set_roles(ids[0], {(Role.SECRETARY, branch.id)})
        for person in people:
            twin.directory.add(person.user_id, person.name)
        twin.callback_url = f"http://127.0.0.1:{port}/wecom/callback"
        built = Service(twin, database, file)
        await built.start()
        try:
            yield built
        finally:
            await built.kill()
            await database.close()


def seen(log: Path, words: str) -> Counter[str]:
    """How often each person was shown a message with these words, as the far side wrote it down."""
    found: Counter[str] = Counter()
    for line in log.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "shown" and words in event["text"] and "预览" not in event["text"]:
            found.update(event["userids"])
    return found


@pytest.mark.faults("OUT1", "UPG6", "CB21", "CB22")
async def test_killed_again_and_again_everybody_gets_it_exactly_once(tmp_path: Path) -> None:
    rng = random.Random()
    async with service(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/bot.db") as running:
        twin = running.twin
        twin.latency = timedelta(milliseconds=60)
        async with running.database.transaction() as tx:
            accounts = await tx.members.accounts(ROSTER)
            now = twin.clock.now()
            await tx.messages.queue(
                [
                    NewMessage(
                        kind="note",
                        subject=key,
                        platform="wecom",
                        recipient=account.user_id,
                        body=dump(Text(f"您的材料 {number % 40}")),
                        priority=Priority.ITEM,
                        member_id=account.member_id,
                    )
                    for number, (key, account) in enumerate(accounts.items())
                ],
                now,
            )
        await twin.app.say(SECRETARY, "/通知 周五开会\n请看")
        await twin.until(lambda: bool(twin.shown_to(SECRETARY)), timedelta(seconds=10))
        await twin.app.say(SECRETARY, "确认 1")
        for _ in range(3):
            await asyncio.sleep(rng.uniform(0.0, 0.35))
            await running.kill()
            await running.start()
        await running.rest()
        assert seen(tmp_path / "far.log", "周五开会") == Counter(dict.fromkeys(accounts_of(twin), 1))
        assert seen(tmp_path / "far.log", "您的材料") == Counter(dict.fromkeys(accounts_of(twin), 1))


def accounts_of(twin: Twin) -> list[str]:
    return [SECRETARY, *(f"m{n:03}" for n in range(MEMBERS))]


@pytest.mark.faults("CB21", "CB22", "CB1")
async def test_killed_between_receiving_and_answering_no_word_is_lost_or_counted_twice(tmp_path: Path) -> None:
    rng = random.Random()
    async with service(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/bot.db") as running:
        twin = running.twin
        await twin.app.say(SECRETARY, "/通知 周五开会\n请看")
        await twin.app.say(SECRETARY, "确认 1")
        await running.rest()
        before = len(twin.callbacks)
        people = [f"m{n:03}" for n in range(MEMBERS)]
        saying = [asyncio.create_task(twin.app.say(who, "收到", msg_id=n)) for n, who in enumerate(people, 1)]
        await twin.until(lambda: any(callback.accepted for callback in twin.callbacks[before:]))
        await asyncio.sleep(rng.uniform(0, 0.1))
        await running.kill()
        await asyncio.gather(*saying)
        answered = {callback.userid for callback in twin.callbacks[before:] if callback.accepted}
        assert answered
        assert answered <= await done(running.database), "what was answered with success is stored"
        await running.start()
        await asyncio.gather(*(twin.app.say(who, "收到", msg_id=n) for n, who in enumerate(people, 1)))
        assert all(callback.accepted for callback in twin.callbacks[-MEMBERS:])
        assert await done(running.database) == set(people)
        async with running.database.reading() as tx:
            assert (await tx.items.tallies([1]))[1] == {"acknowledged": MEMBERS, "sent": 1}


async def done(database: Database) -> set[str]:
    """Whose receipt for the notice is stored."""
    async with database.reading() as tx:
        return {row.user_id for row in await tx.lists.rows(1, states=["acknowledged"])}
