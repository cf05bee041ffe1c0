"""A sender with a platform in our hand: it says how each call ends, and when."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.clock import ManualClock
from bot.message import Card, CardUpdate, Message, Recall, Text, dump
from bot.outbound.sender import Sender
from bot.platforms.base import Limits, Outcome, Request, Verdict
from bot.rules.reminding import Policy, Quiet
from bot.services.links import Links
from bot.services.roads import Roads
from bot.services.settings import Publishing, Reminding, Settings
from bot.texts import Texts
from storage.database import Database
from storage.enums import Priority
from storage.messages import NewMessage, OutboxMessage
from tests.tables import open_database
from tests.world import checked_out

START = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""A Monday, 10:00 in Shanghai."""
ZONE = ZoneInfo("Asia/Shanghai")
TAKEN = Outcome(Verdict.ACCEPTED, http_status=200, code=0, ref="m1")
UNREADABLE = Outcome(Verdict.DOUBTFUL, "no_answer")


@dataclass(slots=True)
class Sent:
    """One request as the platform saw it."""

    words: str
    recipients: list[str]
    body: bytes
    at: datetime


@dataclass
class FarSide:
    """A Platform. `endings` are used up first; then everything is taken. While `closed`, calls hang."""

    clock: ManualClock
    limits: Limits
    database: Database
    name: str = "wecom"
    endings: list[Outcome] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    """At each request, how many connections to the database somebody held."""
    most_at_once: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: Callable[[Sequence[str]], bool] = lambda _: False
    _running: int = 0

    def compose(self, message: Message, recipients: Sequence[str], ref: str) -> Request:
        if self.refuses(recipients):
            raise ValueError("no list of members")
        words = message.text if isinstance(message, Text) else message.type
        return Request("send", json.dumps({"words": words, "to": list(recipients), "ref": ref}).encode())

    async def deliver(self, request: Request) -> Outcome:
        body = json.loads(request.body)
        self.sent.append(Sent(body["words"], body["to"], request.body, self.clock.now()))
        self.held.append(checked_out(self.database))
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        try:
            await self.open.wait()
        finally:
            self._running -= 1
        return self.endings.pop(0) if self.endings else TAKEN

    async def close(self) -> None:
        """Nothing to give back."""

    @property
    def words(self) -> list[str]:
        return [sent.words for sent in self.sent]


class Station:
    """The database, the far side and a sender between them."""

    def __init__(self, database: Database, settings: Settings, clock: ManualClock, far: FarSide) -> None:
        self.database, self.settings, self.clock, self.far = database, settings, clock, far
        self.seconds = 0.0
        self.wake = asyncio.Event()
        self.sender = self.another()

    def another(self, far: FarSide | None = None) -> Sender:
        """One more sender, as after a restart or in a second process."""
        platform = far or self.far
        return Sender(
            self.database,
            {platform.name: platform},
            self.settings,
            self.clock,
            self.wake,
            monotonic=self._monotonic,
        )

    def _monotonic(self) -> float:
        """A clock of its own that goes on a little with each look, so that nobody waits for real."""
        self.seconds += 0.01
        return self.seconds

    async def queue(
        self,
        words: str | Card | CardUpdate | Recall,
        *recipients: str,
        kind: str = "note",
        priority: Priority = Priority.ITEM,
        lane: str | None = None,
        quiet: bool = False,
        expires_at: datetime | None = None,
    ) -> None:
        async with self.database.transaction() as tx:
            already = await tx.messages.backlog()
            body = dump(Text(words) if isinstance(words, str) else words)
            now = self.clock.now()
            await tx.messages.queue(
                [
                    NewMessage(
                        kind=kind,
                        subject=f"{body[:60]}:{recipient}:{sum(already.values())}:{now.timestamp()}",
                        platform="wecom",
                        recipient=recipient,
                        body=body,
                        priority=priority,
                        lane=lane,
                        quiet=quiet,
                        expires_at=expires_at,
                    )
                    for recipient in recipients
                ],
                now,
            )

    async def passes(self, **length: float) -> None:
        """The time goes on, on both clocks, and what is due then leaves."""
        by = timedelta(**length)
        self.clock.advance(by)
        self.seconds += by.total_seconds()
        await self.sender.drain()

    async def phases(self) -> list[str]:
        """The phase of each message, in the order in which they were queued."""
        async with self.database.reader.connect() as connection:
            return list(await connection.scalars(select(OutboxMessage.phase).order_by(OutboxMessage.id)))


def settings() -> Settings:
    """No links, quiet from 22:00 to 8:00."""
    return Settings(
        texts=Texts("zh_CN", ZONE),
        links=Links("http://127.0.0.1", b"", enabled=False),
        roads=Roads("wecom", ""),
        reminding=Reminding(policy=Policy(), quiet=Quiet(time(22), time(8), ZONE), workdays=None, daily=1, weekly=3),
        publishing=Publishing(undo_window=timedelta(minutes=2), code_above=0, trial=frozenset()),
        tiers=(),
        administrators=frozenset(),
    )


LIMITS = Limits(
    recipients_per_call=1000,
    concurrent_calls=4,
    calls_per_second=1000,
    per_recipient_minute=3,
    per_recipient_day=20,
    repeat_window=timedelta(hours=3, minutes=30),
)


@asynccontextmanager
async def stand(url: str) -> AsyncIterator[Station]:
    """A station on an empty database."""
    database = await open_database(url)
    try:
        clock = ManualClock(START)
        far = FarSide(clock, LIMITS, database)
        far.open.set()
        station = Station(database, settings(), clock, far)
        yield station
        await station.sender.finish(timedelta())
    finally:
        await database.close()
