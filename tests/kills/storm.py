"""Everybody acts at once while the service is killed at instants that nobody chose."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.simulator.record import Callback
from storage.enums import DeliveryState, ItemStatus
from tests.kills.lives import Life, Scene

BRANCHES, MEMBERS = 8, 3
"""Each item is for one branch: what the bot may say to one person in a minute and a day is not the question here."""
LIFE = 2.4
"""Seconds that a life lasts at most."""
DAY = timedelta(days=1)
COPIES = 12
"""How often the platform brings what was not answered, each three times: longer than a life."""
PUBLISHING = {"undo_window": "0s", "code_above": 0}
QUIET: dict[str, Any] = {"after": [], "before_due": [], "quiet_hours": []}
SETTINGS: dict[str, Any] = {"publishing": PUBLISHING, "reminders": QUIET}


def name(branch: int) -> str:
    """A branch by its number, which goes round."""
    return f"第{branch % BRANCHES + 1}支部"


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
    confirmed: dict[int, Callback] = field(default_factory=dict)
    receipts: list[tuple[str, int, Callback]] = field(default_factory=list)
    asked: dict[str, Callback] = field(default_factory=dict)

    async def prepare(self) -> None:
        """The schema, the roster and the far side."""
        self.people = [who for branch in range(BRANCHES) for who in of_branch(branch)]
        lines = ["姓名,账号,支部,上级支部,角色", "书记,boss,总支,,书记"]
        lines += [f"成员{who},{who},{name(branch)},总支," for branch in range(BRANCHES) for who in of_branch(branch)]
        roster = self.there.folder / "roster.csv"
        roster.write_text("\n".join(lines), encoding="utf-8")
        assert await self.there.runs("db", "upgrade") == 0
        assert await self.there.runs("members", "import", str(roster)) == 0
        await self.there.opens({"boss": "书记", **{userid: f"成员{userid}" for userid in self.people}}, latency=0.02)

    async def rage(self, kills: int) -> None:
        """So many lives, each killed somewhere; then one that comes to rest."""
        doing: set[asyncio.Task[None]] = set()
        for number in range(kills):
            life = self.there.begins()
            acts = [self._publish(number), *(self._receive() for _ in range(4)), self._ask(number)]
            doing |= {asyncio.create_task(act) for act in self._some(acts)}
            if self.rng.random() < self.weather:
                await self._misfortune(life)
            await asyncio.sleep(self.rng.uniform(0.1, LIFE))
            await life.kill()
            await self.there.later(minutes=2)
        if self.weather:
            await self.there.later(days=2)  # what was confirmed by a clock that was ahead goes when its time has come
        life = await self.there.lives()
        await asyncio.gather(*doing)
        for _ in range(10 if self.weather else 0):
            await self.there.later(minutes=1)  # what waited for the clock goes to one person three in a minute
            life.clock_is(self.there.clock.offset)
            await asyncio.sleep(0.3)
        await self.there.rests(60)
        life.signal(signal.SIGTERM)
        assert await life.end() == 0

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
        await self.there.near.app.say("boss", f"/通知 消息{number}号\n对象：{name(number)}\n请看", repeat=COPIES)
        async with self.there.database.reading() as tx:
            drafts = await tx.items.page(statuses=[ItemStatus.DRAFT], limit=20)
        mine = next((item.id for item in drafts if item.title == f"消息{number}号"), None)
        if mine is not None:
            self.confirmed[mine] = await self._says("boss", f"确认 {mine}")

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
        async with there.database.reading() as tx:
            items = await tx.items.page(statuses=[ItemStatus.PUBLISHED, ItemStatus.CLOSED], limit=2000)
            done = {item.id: await tx.lists.rows(item.id, states=[DeliveryState.ACKNOWLEDGED]) for item in items}
        published = {item.id for item in items}
        assert {number for number, callback in self.confirmed.items() if _taken(callback)} <= published
        for item in items:
            audience = Counter(of_branch(int(item.title[2:-1])))
            seen = there.seen(item.title, kind="card", without="预览")
            seen.pop("boss", None)  # who may be asked about it, where nobody knows how it ended
            before = {row.user_id for row in done[item.id]}  # whoever has acknowledged it already is not sent it
            assert seen <= audience, (item.id, seen - audience)
            assert (audience - seen).keys() <= before, (item.id, audience - seen)
        for who, number, callback in self.receipts:
            assert not callback.accepted or who in {row.user_id for row in done[number]}, (who, number)
        async with there.database.reader.connect() as connection:
            found = Counter((await connection.exec_driver_sql("SELECT text FROM entry")).scalars())
        for words, callback in self.asked.items():
            assert found[words] <= 1
            assert found[words] == 1 or not callback.accepted
        assert there.shown_twice() == {}
        return {"items": len(published), "receipts": len(self.receipts), "questions": len(self.asked)}


def _taken(callback: Callback) -> bool:
    """Whether it was heard: a clock that was wrong may make an hour's number of commands look used up."""
    return callback.accepted and not any("一小时里已经发了" in (reply or "") for reply in callback.replies)
