"""Everybody acts at once while the service is killed at instants that nobody chose."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.simulator.record import Callback
from storage.enums import ItemStatus
from tests.kills.lives import Life, Scene
from tests.kills.test_instances import Fleet
from tests.kills.verdict import SECRETARY, fates, shown_twice

BRANCHES, MEMBERS = 8, 3
"""Each item is for one branch: what the bot may say to one person in a minute and a day is not the question here."""
LIFE = 1.2
"""Seconds that a life lasts at most, of which it needs a quarter to begin to listen."""
DAY = timedelta(days=1)
COPIES = 12
"""How often the platform brings what was not answered, each three times: longer than a life."""
REST = 60
"""Minutes within which everything is said that waits: three in a minute are enough for anybody."""
PUBLISHING = {"undo_window": "0s", "code_above": 0}
QUIET: dict[str, Any] = {"after": [], "before_due": [], "quiet_hours": []}
SETTINGS: dict[str, Any] = {"publishing": PUBLISHING, "reminders": QUIET}


def name(branch: int) -> str:
    """A branch by its number, which goes round."""
    return f"第{branch % BRANCHES + 1}支部"


def title(number: int) -> str:
    """Of the item that is published in the life of this number."""
    return f"消息{number}号"


def of_branch(branch: int) -> list[str]:
    """Its members."""
    return [f"m{branch % BRANCHES}{place}" for place in range(MEMBERS)]


@dataclass
class Storm:
    """What was said in the course of it, and who says it."""

    there: Scene
    rng: random.Random
    weather: float = 0
    """How likely something else happens to a life before it is killed."""
    people: list[str] = field(default_factory=list)
    published: int = 0
    confirmed: dict[int, Callback] = field(default_factory=dict)
    receipts: list[tuple[str, int, Callback]] = field(default_factory=list)
    asked: dict[str, Callback] = field(default_factory=dict)
    doing: set[asyncio.Task[None]] = field(default_factory=set)

    async def prepare(self) -> None:
        """The schema, the roster and the far side."""
        self.people = [who for branch in range(BRANCHES) for who in of_branch(branch)]
        lines = ["姓名,账号,支部,上级支部,角色", "书记,boss,总支,,书记"]
        lines += [f"成员{who},{who},{name(branch)},总支," for branch in range(BRANCHES) for who in of_branch(branch)]
        roster = self.there.folder / "roster.csv"
        roster.write_text("\n".join(lines), encoding="utf-8")
        assert await self.there.runs("db", "upgrade") == 0
        assert await self.there.runs("members", "import", str(roster)) == 0
        await self.there.opens({SECRETARY: "书记", **{userid: f"成员{userid}" for userid in self.people}}, latency=0.02)

    async def rage(self, kills: int) -> None:
        """So many lives, each killed somewhere; then one that comes to rest."""
        for _ in range(kills):
            life = self.there.begins()
            await self._lives(life)
            await life.kill()
            await self.there.later(minutes=2)
        if self.weather and self.rng.random() < 0.5:
            await self.there.later(days=2)  # nobody is there: what was in doubt may not be said again
        await self._calms([await self.there.lives()])

    async def rage_among(self, fleet: Fleet, kills: int) -> None:
        """So many deaths among several instances, each in its turn, while the others go on; then all come to rest."""
        for port in fleet.ports:
            fleet.begin(port)
        for number in range(kills):
            port = fleet.ports[number % len(fleet.ports)]
            await self._lives(fleet.lives[port])
            await fleet.lives[port].kill()
            fleet.begin(port)
            await self._later(list(fleet.lives.values()), seconds=20)
        for port, life in fleet.lives.items():
            await self.there.listens(life, port)
        await self._calms(list(fleet.lives.values()))

    async def _lives(self, life: Life) -> None:
        """People do things meanwhile, and the weather is bad at times."""
        number, self.published = self.published, self.published + 1
        acts = [self._publish(number), *(self._receive() for _ in range(4)), self._ask(number)]
        self.doing |= {asyncio.create_task(act) for act in self._some(acts)}
        if self.rng.random() < self.weather:
            await self._misfortune(life)
        await asyncio.sleep(self.rng.uniform(0.1, LIFE))

    async def _later(self, lives: Sequence[Life], **length: float) -> None:
        """Time passes for those that live, too."""
        await self.there.later(**length)
        for life in lives:
            life.clock_is(self.there.clock.offset)

    async def _calms(self, lives: Sequence[Life]) -> None:
        """Until all is said; what was written by a clock that was ahead goes when its time has come."""
        await asyncio.gather(*self.doing)
        if self.weather:
            await self._rests(lives, 10)
            for life in lives:
                life.signal(signal.SIGTERM)
                assert await life.end() == 0
            await self.there.later(days=2)
            lives = [await self.there.lives()]
        assert await self._rests(lives, REST), "it does not come to rest"
        for life in lives:
            life.signal(signal.SIGTERM)
            assert await life.end() == 0

    async def _rests(self, lives: Sequence[Life], minutes: int) -> bool:
        """Says minute for minute what may be said; whether nothing waits any more."""
        for _ in range(minutes):
            await self._later(lives, minutes=1)
            with suppress(TimeoutError):
                await self.there.rests(1)
                return True
        return False

    async def _misfortune(self, life: Life) -> None:
        """Its disk is full, or its clock a day wrong, or it stands still: for a while, or until it dies."""
        await asyncio.sleep(self.rng.uniform(0, LIFE / 2))
        if life.ended:
            return
        match self.rng.choice(["disk", "clock", "stop"]):
            case "disk":
                life.longest_file(self.rng.choice([0, 4096]))
                await asyncio.sleep(self.rng.uniform(0, LIFE / 2))
                life.longest_file(-1)
            case "clock":
                life.clock_is(self.there.clock.offset + self.rng.choice([-DAY, DAY]))
                await asyncio.sleep(self.rng.uniform(0, LIFE / 2))
                life.clock_is(self.there.clock.offset)
            case "stop":
                life.signal(signal.SIGSTOP)
                await asyncio.sleep(self.rng.uniform(0, LIFE / 2))
                life.signal(signal.SIGCONT)

    def _some(self, acts: list[Coroutine[Any, Any, None]]) -> list[Coroutine[Any, Any, None]]:
        """Most of them; at least the first."""
        chosen = [act for place, act in enumerate(acts) if place == 0 or self.rng.random() < 0.7]
        for act in acts:
            if act not in chosen:
                act.close()
        return chosen

    async def _publish(self, number: int) -> None:
        await self.there.near.app.say(SECRETARY, f"/通知 {title(number)}\n对象：{name(number)}\n请看", repeat=COPIES)
        async with self.there.database.reading() as tx:
            drafts = await tx.items.page(statuses=[ItemStatus.DRAFT], limit=20)
        mine = next((item.id for item in drafts if item.title == title(number)), None)
        if mine is not None:
            self.confirmed[mine] = await self._says(SECRETARY, f"确认 {mine}")

    async def _receive(self) -> None:
        async with self.there.database.reading() as tx:
            out = await tx.items.page(statuses=[ItemStatus.PUBLISHED], limit=5)
        if out:
            item = self.rng.choice(out)
            who = self.rng.choice(of_branch(int(item.title[2:-1])))
            self.receipts.append((who, item.id, await self._says(who, f"收到 {item.id}")))

    async def _ask(self, number: int) -> None:
        words = f"第{number}件事怎么办"
        resident = self.there.near.account.resident(f"群众{number}")
        await resident.says(words, repeat=COPIES)
        sent = self.there.near.account.push.sent
        self.asked[words] = next(callback for callback in sent if f"[{words}]" in callback.plaintext)

    async def _says(self, who: str, words: str) -> Callback:
        await self.there.near.app.say(who, words, repeat=COPIES)
        said = [each for each in self.there.near.callbacks if each.userid == who and f"[{words}]" in each.plaintext]
        return said[-1]

    async def judge(self) -> dict[str, int]:
        """Nothing lost, nobody doubled; how much there was to judge."""
        there = self.there
        audiences = {title(number): of_branch(number) for number in range(self.published)}
        found = {fate.number: fate for fate in await fates(there, audiences)}
        assert {number for number, callback in self.confirmed.items() if _taken(callback)} <= found.keys()
        for fate in found.values():
            fate.judge()
        for who, number, callback in self.receipts:
            assert not callback.accepted or who in found[number].done, (who, number)
        async with there.database.reader.connect() as connection:
            entries = Counter((await connection.exec_driver_sql("SELECT text FROM entry")).scalars())
        for words, callback in self.asked.items():
            assert entries[words] <= 1
            assert entries[words] == 1 or not callback.accepted
        assert shown_twice(there, Counter((who, number) for who, number, _ in self.receipts)) == {}
        return {
            "items": len(found),
            "shown": sum(fate.seen.total() for fate in found.values()),
            "asked about": sum(fate.doubtful.total() for fate in found.values()),
            "receipts": len(self.receipts),
            "questions": len(self.asked),
        }


def _taken(callback: Callback) -> bool:
    """Whether it was heard: a clock that was wrong may make an hour's number of commands look used up."""
    return callback.accepted and not any("一小时里已经发了" in (reply or "") for reply in callback.replies)
