"""A small world: our whole app and the far side on loopback, a real database, the clock in our hand.

secretary, li = await world.branch("第一支部", members=["李四"])
await secretary.says("/通知 周五开会")
…
await world.passes(hours=24)
assert li.heard() == [...]
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.pool import QueuePool

from bot.app import App
from bot.clock import ManualClock
from bot.config import check
from bot.config.secret_key import secret_key
from bot.platforms.official_account.seal import Seal
from bot.services.access import ROSTER
from bot.simulator.residents import PICTURE
from bot.simulator.server import serve
from bot.simulator.shown import Shown
from bot.simulator.twin import Twin
from storage.database import Database
from storage.enums import Role
from storage.transaction import Transaction
from tests.scanning import SCAN
from tests.tables import make_tables

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Shanghai."""


class Person:
    """A member with a phone."""

    def __init__(self, world: "World", userid: str, name: str, member_id: int) -> None:
        self.world, self.userid, self.name, self.member_id = world, userid, name, member_id
        self._read = 0

    @property
    def phone(self) -> Any:
        return self.world.twin.phone(self.userid)

    async def says(self, text: str, **options: Any) -> str | None:
        """Writes to the app; the passive answer, or None. Whatever follows has happened when this returns."""
        answer: str | None = await self.phone.say(text, **options)
        await self.world.app.settle()
        return answer

    async def sends_file(self, name: str, content: bytes, kind: str = "", **options: Any) -> str | None:
        """Sends the app a file, or as `kind` a picture, voice or video; the passive answer, or None."""
        answer: str | None = await self.phone.send_file(name, content, kind, **options)
        await self.world.app.settle()
        return answer

    async def taps(self, label: str, shown: Shown | None = None, **options: Any) -> None:
        """Presses a button of a card, or of the latest that has one of this name."""
        await self.phone.click(shown, label, **options)
        await self.world.app.settle()

    def heard(self) -> list[str]:
        """The words of everything that came in since the last call."""
        fresh = self.phone.messages[self._read :]
        self._read = len(self.phone.messages)
        return [shown.text for shown in fresh if shown.sender != "me"]

    def files(self) -> list[tuple[str, bytes]]:
        """(name, content) of every file that came in, oldest first."""
        return [(medium.filename, medium.content) for medium in self.phone.files()]

    def cards(self) -> list[Shown]:
        """Every card on the phone that still stands, oldest first."""
        return [shown for shown in self.phone.messages if shown.card is not None and not shown.recalled]

    @property
    def last(self) -> Shown:
        """The newest thing that came in."""
        return next(shown for shown in reversed(self.phone.messages) if shown.sender != "me")


class Resident:
    """Somebody with the official account on their phone, known to nobody by name."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name = world, name
        self.phone = world.twin.account.resident(name)
        self._read = 0

    @property
    def token(self) -> str:
        """What the resident is called wherever our side keeps them."""
        config = self.world.app.config
        return Seal(secret_key(config), self.world.twin.account.ids.app_id).close(self.phone.openid)

    async def says(self, text: str, **options: Any) -> str | None:
        """Writes to the account; the passive answer, or None. Whatever follows has happened when this returns."""
        return await self._then(self.phone.says(text, **options))

    async def sends_picture(self, content: bytes | None = PICTURE) -> str | None:
        return await self._then(self.phone.sends_picture(content))

    async def sends_voice(self, recognised: str | None = "") -> str | None:
        """Speaks; the words are what the platform recognised, None for an account without recognition."""
        return await self._then(self.phone.sends_voice(recognised))

    async def sends(self, kind: str, **fields: object) -> str | None:
        """Any other kind of message with its own fields."""
        return await self._then(self.phone.sends(kind, **fields))

    async def subscribes(self, scene: str = "") -> str | None:
        return await self._then(self.phone.subscribes(scene))

    async def scans(self, scene: str) -> str | None:
        return await self._then(self.phone.scans(scene))

    async def taps_menu(self, key: str) -> str | None:
        return await self._then(self.phone.taps_menu(key))

    async def template_ends(self, status: str = "failed:user block") -> str | None:
        return await self._then(self.phone.template_ends(status))

    async def unsubscribes(self) -> str | None:
        return await self._then(self.phone.unsubscribes())

    def heard(self) -> list[str]:
        """The words of everything that came in since the last call, passive answers included."""
        fresh = self.phone.messages[self._read :]
        self._read = len(self.phone.messages)
        return [shown.text for shown in fresh if shown.sender != "me"]

    async def _then(self, act: Awaitable[str | None]) -> str | None:
        answer = await act
        await self.world.app.settle()
        return answer


class World:
    """Everything, and the people in it."""

    def __init__(self, app: App, twin: Twin, clock: ManualClock, base: str, folder: Path) -> None:
        self.app, self.twin, self.clock, self.base, self._folder = app, twin, clock, base, folder
        self.people: dict[str, Person] = {}
        self.residents: dict[str, Resident] = {}

    async def branch(
        self,
        name: str = "第一支部",
        *,
        members: Sequence[str] = (),
        secretary: str = "张书记",
        parent: str | None = None,
    ) -> list[Person]:
        """A branch with its secretary and members, in this order; names are their ids too, in pinyin-free form."""
        now = self.clock.now()
        async with self.app.database.transaction() as tx:
            above = (await tx.branches.named(parent))[0] if parent else None
            branch = await tx.branches.add(name, above)
            people = [await self._add(tx, each, branch.id, now) for each in (secretary, *members)]
            await tx.members.set_roles(people[0].member_id, {(Role.SECRETARY, branch.id)})
        return people

    async def member(self, name: str, branch: str, *, tier: str | None = None, roles: Sequence[Role] = ()) -> Person:
        """One more member of a branch."""
        async with self.app.database.transaction() as tx:
            found = (await tx.branches.named(branch))[0]
            person = await self._add(tx, name, found.id, self.clock.now(), tier)
            await tx.members.set_roles(person.member_id, {(role, found.id) for role in roles})
        return person

    async def _add(self, tx: Transaction, name: str, branch_id: int, now: datetime, tier: str | None = None) -> Person:
        userid = f"user{len(self.people) + 1}"
        member = await tx.members.add(
            name=name, branch_id=branch_id, tier=tier, phone=None, platform=ROSTER, user_id=userid, now=now
        )
        self.twin.directory.add(userid, name)
        SCAN.watch(names=[name], secrets=[userid])
        person = self.people[name] = Person(self, userid, name, member.id)
        return person

    def resident(self, name: str = "王阿姨") -> Resident:
        """Somebody who writes to the official account."""
        SCAN.watch(names=[name])
        return self.residents.setdefault(name, Resident(self, name))

    def stranger(self, userid: str = "stranger") -> Person:
        """Somebody of the organisation who is not on the roster."""
        self.twin.directory.add(userid, userid)
        return Person(self, userid, userid, 0)

    async def passes(self, *, longest_step: timedelta = timedelta(hours=1), **length: float) -> None:
        """Moves the clock in steps and does what becomes due on the way."""
        left = timedelta(**length)
        step = max(min(left / 12, longest_step), timedelta(seconds=1)) if left else timedelta()
        while left > timedelta():
            self.clock.advance(min(step, left))
            left -= step
            await self.app.settle()
        await self.app.settle()

    async def skips(self, **length: float) -> None:
        """Moves the clock in one jump and does what is due then."""
        self.clock.advance(timedelta(**length))
        await self.app.settle()

    async def restart(self, *, abruptly: bool = False) -> None:
        """Stops the app and starts another on the same database; `abruptly` does not wait for calls under way."""
        if abruptly:
            await self.app.sender.finish(timedelta())
        await self.app.stop()
        self.app = App(self.app.config, clock=self.clock, folder=self._folder)
        await self.app.start(by_the_clock=False)

    async def published(self, secretary: Person, text: str) -> int:
        """Drafts, confirms and lets the undo window pass; the item's number."""
        await secretary.says(text)
        await secretary.taps("发送")
        await self.skips(minutes=3)
        async with self.app.database.reading() as tx:
            (item, *_) = await tx.items.page(statuses=["published"], limit=1)
        return item.id

    async def values(self, table: str, column: str) -> list[str]:
        """Everything that a column holds, as text."""
        async with self.app.database.reader.connect() as connection:
            rows = await connection.exec_driver_sql(f'SELECT "{column}" FROM "{table}"')
            found = [row[0] for row in rows if row[0] is not None]
        return [value.decode() if isinstance(value, bytes) else str(value) for value in found]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self.app.database.reading() as tx:
            yield tx


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configuration(twin: Twin, base: str, database: str, port: int, **sections: Any) -> dict[str, Any]:
    """A configuration that points at the twin."""
    corp, account = twin.corp, twin.account.ids
    data: dict[str, Any] = {
        "public_url": f"http://127.0.0.1:{port}",
        "secret_key": "a secret for tests, long enough for the rule",
        "server": {"port": port},
        "database": {"url": database},
        "access": {"administrators": ["admin"]},
        "wecom": {
            "corp_id": corp.corp_id,
            "agent_id": corp.agent_id,
            "secret": corp.secret,
            "token": corp.token,
            "encoding_aes_key": corp.encoding_aes_key,
            "api_base": base,
            "oauth_base": base,
        },
        "official_account": {
            "app_id": account.app_id,
            "secret": account.secret,
            "token": account.token,
            "encoding_aes_key": account.encoding_aes_key,
            "api_base": f"{base}/mp",
            "oauth_base": f"{base}/mp",
        },
    }
    for name, section in sections.items():
        if section is None:
            data.pop(name, None)
        else:
            data[name] = {**data.get(name, {}), **section} if isinstance(section, dict) else section
    return data


TASKS_END_WITHIN = 5.0
"""Seconds."""


@asynccontextmanager
async def build(database_url: str, tmp: Path, *, bot: bool = False, **sections: Any) -> AsyncIterator[World]:
    """The world on a database; `bot` connects the group bot too. Sections lay over the usual configuration.

    At the end no connection is checked out and no task is left.
    """
    before = asyncio.all_tasks()
    clock = ManualClock(MONDAY_MORNING)
    twin = Twin(clock)
    async with serve(twin) as base:
        port = free_port()
        sections.setdefault("files", {"dir": str(tmp / "files")})
        if bot:
            sections.setdefault(
                "wecom_bot",
                {
                    "bot_id": twin.corp.bot_id,
                    "secret": twin.corp.bot_secret,
                    "ws_url": base.replace("http", "ws", 1) + "/ws",
                },
            )
        config = check(configuration(twin, base, database_url, port, **sections))
        SCAN.watch(secrets=[secret.get_secret_value() for _, secret in config.secrets()])
        await make_tables(database_url)
        app = App(config, clock=clock, folder=tmp)
        await app.start(by_the_clock=False)
        twin.callback_url = f"http://127.0.0.1:{port}/wecom/callback"
        twin.account.base = f"{base}/mp"
        twin.account.callback_url = f"http://127.0.0.1:{port}/official-account/callback"
        twin.public_url = config.public_url
        if bot:
            await twin.until(lambda: twin.bot.connected)
        world = World(app, twin, clock, base, tmp)
        try:
            yield world
            assert await given_back(world.app.database), "connections were not given back"
        finally:
            await world.app.stop()
    here = asyncio.current_task()
    left = {task for task in asyncio.all_tasks() - before if task is not here and not task.done()}
    if left:  # another world beside this one may be putting its log away: that ends by itself
        _, left = await asyncio.wait(left, timeout=TASKS_END_WITHIN)
    assert not left, left


def checked_out(database: Database) -> int:
    """How many connections somebody holds."""
    pools = {engine.pool for engine in (database.writer, database.reader)}
    return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))


async def given_back(database: Database) -> bool:
    """Whether nobody holds a connection, but for a moment as those do who keep a lease."""
    for _ in range(500):
        if not checked_out(database):
            return True
        await asyncio.sleep(0.02)
    return False
