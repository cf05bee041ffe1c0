"""Three instances behind one address share one PostgreSQL. Each is killed in turn while 5,000 people are sent something
and many answer: nobody is left out, nobody hears twice, and the group bot's connection moves on.
"""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from bot.simulator.record import Callback
from storage.enums import DeliveryState, ItemStatus
from tests.kills.lives import Life, Nursery, Scene, scene
from tests.postgres import Postgres
from tests.world import free_port

BRANCHES = 6
MEMBERS = int(os.environ.get("SOAK_MEMBERS", "5000"))
ANSWERING = 4
"""How many of each branch say that they have seen it."""
SETTINGS = {
    "publishing": {"undo_window": "0s", "code_above": 0},
    "reminders": {"after": [], "before_due": [], "quiet_hours": []},
}
MOVED_WITHIN = 15
"""Seconds after the death of its holder in which the group bot's connection is another instance's."""


def of_branch(branch: int) -> list[str]:
    return [f"m{number}" for number in range(branch, MEMBERS, BRANCHES)]


class Address:
    """One address before all instances: each connection goes to the next that listens."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._next = ports, itertools.count()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._ports:
            port = self._ports[next(self._next) % len(self._ports)]
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pipe(reader, back), _pipe(there, writer))
                return
        writer.transport.abort()


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
    target.close()


@asynccontextmanager
async def served(address: Address) -> AsyncIterator[str]:
    server = await asyncio.start_server(address.take, "127.0.0.1", port := free_port())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()


class Fleet:
    """The instances of one scene, each on a port of its own."""

    def __init__(self, there: Scene) -> None:
        self.there = there
        self.ports = [free_port() for _ in range(3)]
        self.lives: dict[int, Life] = {}

    def begin(self, port: int, **asked: object) -> None:
        bot = self.there.near.corp
        self.lives[port] = self.there.begins(
            environment={
                "BRANCHBOT_SERVER__PORT": str(port),
                "BRANCHBOT_WECOM_BOT__BOT_ID": bot.bot_id,
                "BRANCHBOT_WECOM_BOT__SECRET": bot.bot_secret,
                "BRANCHBOT_WECOM_BOT__WS_URL": self.there.far.replace("http", "ws", 1) + "/ws",
            },
            **asked,
        )

    async def connected(self) -> list[int]:
        """The instances that answer, and hold a connection of the group bot."""
        found = []
        # One that is stopped never answers, and a busy machine may be slow to.
        async with ClientSession(timeout=ClientTimeout(total=10)) as session:
            for port in self.ports:
                with suppress(OSError):  # a timeout is one, too
                    await session.get(f"http://127.0.0.1:{port}/readyz")
                    text = await (await session.get(f"http://127.0.0.1:{port}/metrics")).text()
                    if "branchbot_socket_connected 1.0" in text:
                        found.append(port)
        return found


async def until(told: Callable[[], object], within: float = 60) -> None:
    async with asyncio.timeout(within):
        while True:
            if told():
                return
            await asyncio.sleep(0.1)


async def holder(fleet: Fleet, within: float) -> int:
    """The one that holds the group bot's connection, once somebody does."""
    async with asyncio.timeout(within):
        while True:
            if found := await fleet.connected():
                (port,) = found
                return port
            await asyncio.sleep(0.1)


async def prepare(there: Scene) -> None:
    lines = ["姓名,账号,支部,上级支部,角色", "书记,boss,总支,,书记"]
    people = {"boss": "书记"}
    for number in range(MEMBERS):
        people[f"m{number}"] = f"成员{number}"
        lines.append(f"成员{number},m{number},第{number % BRANCHES + 1}支部,总支,")
    roster = there.folder / "roster.csv"
    roster.write_text("\n".join(lines), encoding="utf-8")
    assert await there.runs("members", "import", str(roster)) == 0
    await there.opens(people, latency=1)


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.faults("CB31", "TOK2", "CB21", "CB22", "OUT1")
async def test_three_instances_killed_in_turn_lose_nothing_and_tell_nobody_twice(
    postgres: Postgres, tmp_path: Path, nursery: Nursery
) -> None:
    async with scene(nursery, await postgres.fresh(), tmp_path, **SETTINGS) as there:
        await prepare(there)
        fleet = Fleet(there)
        async with served(Address(fleet.ports)) as address:
            there.near.callback_url = f"{address}/wecom/callback"
            for port in fleet.ports:
                fleet.begin(port)
            first = await holder(fleet, 90)

            for branch in range(BRANCHES):
                await there.near.app.say("boss", f"/通知 会议{branch}\n对象：第{branch + 1}支部\n请看")
            async with there.database.reading() as tx:
                drafts = await tx.items.page(statuses=[ItemStatus.DRAFT], limit=BRANCHES)
            branch_of = {item.id: int(item.title.removeprefix("会议")) for item in drafts}
            assert len(branch_of) == BRANCHES
            confirmed: list[Callback] = []
            for number in branch_of:
                await there.near.app.say("boss", f"确认 {number}")
                confirmed.append(there.near.callbacks[-1])

            await published(there)
            asking = {who: number for number, branch in branch_of.items() for who in of_branch(branch)[:ANSWERING]}
            answers = asyncio.gather(
                *(there.near.app.say(who, f"收到 {number}", repeat=20) for who, number in asking.items())
            )
            killed = [first, *(port for port in fleet.ports if port != first)]
            for round_number, port in enumerate(killed):
                await until(partial(_shown, there, round_number + 1))
                await fleet.lives[port].kill()
                if port == first:
                    assert await holder(fleet, MOVED_WITHIN) != first
                fleet.begin(port)
            await answers
            await there.rests(90)

        assert all(callback.accepted for callback in confirmed)
        expected = Counter(who for branch in range(BRANCHES) for who in of_branch(branch))
        sent = there.seen("会议", kind="card", without="预览") - Counter({"boss": BRANCHES})
        assert sent <= expected
        assert (expected - sent).keys() <= asking.keys(), "whoever has answered already is not sent it any more"
        assert there.shown_twice() == {}
        async with there.database.reading() as tx:
            done = {
                row.user_id
                for number in branch_of
                for row in await tx.lists.rows(number, states=[DeliveryState.ACKNOWLEDGED])
            }
        assert done == asking.keys()


async def published(there: Scene) -> None:
    """Until every item is out: nobody can say that they have seen it before."""
    async with asyncio.timeout(60):
        while True:
            async with there.database.reading() as tx:
                if len(await tx.items.page(statuses=[ItemStatus.PUBLISHED], limit=BRANCHES)) == BRANCHES:
                    return
            await asyncio.sleep(0.05)


def _shown(there: Scene, most: int) -> bool:
    """Whether so many of the notices have come to somebody."""
    cards = (event["text"] for event in there.written("shown") if "card" in event["kind"])
    return len({text for text in cards if "会议" in text and "预览" not in text}) >= most
