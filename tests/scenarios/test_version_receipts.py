"""Whatever is corrected, pressed, said and withdrawn, in whatever order: a receipt counts for what was really asked."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from bot.clock import ManualClock
from bot.errors import UserError
from bot.services import amending, corrections, outcomes, receipts, releasing
from bot.services.access import ROSTER
from bot.services.acknowledgements import renew
from bot.services.cards import item_card
from bot.services.receipts import Claim, Result
from bot.services.withdrawing import withdraw
from bot.services.written import Written
from storage.audiences import Audience
from storage.deliveries import Delivery
from storage.enums import ItemKind, ItemStatus, ReceiptKind, Require, Source
from storage.items import Item, Tally
from storage.members import NewMember
from storage.pushes import PUSHES
from storage.receipts import Receipt
from storage.versions import EarlierReceipt
from tests.handlers.office import settings_for
from tests.tables import open_database
from tests.world import MONDAY_MORNING

T = TypeVar("T")
MEMBERS = 4
members = st.integers(1, MEMBERS)


class Versions(RuleBasedStateMachine):
    """One item for four members; `phones` are the versions whose cards each has."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(MONDAY_MORNING)
        self.settings = settings_for("zh_CN")
        self.phones: dict[int, set[int]] = {n: set() for n in range(1, MEMBERS + 1)}
        self.evidence: set[tuple[int, str, int]] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        self.clock.advance(timedelta(seconds=1))
        return self.loop.run_until_complete(work)

    @initialize(require=st.sampled_from([Require.ACK, Require.READ]))
    def start(self, require: Require) -> None:
        self.run(self._start(require))

    async def _start(self, require: Require) -> None:
        now = self.clock.now()
        self.database = await open_database(f"sqlite+aiosqlite:///{self.folder.name}/bot.db")
        async with self.database.transaction() as tx:
            branch = await tx.branches.add("甲支部", None)
            people = [
                NewMember(name=f"成员{n}", user_id=f"u{n}", branch_id=branch.id, tier=None, phone=None)
                for n in range(MEMBERS)
            ]
            await tx.members.add_many(people, platform=ROSTER, now=now)
            item = Item(
                kind=ItemKind.NOTICE,
                status=ItemStatus.SCHEDULED,
                title="周五开会",
                require=require,
                author_id=1,
                branch_id=branch.id,
                audience=Audience(branches=frozenset({branch.id})).dump(),
                policy='{"after": ["1d"], "before_due": []}',
                publish_at=now,
                created_at=now,
            )
            tx.items.add(item)
            await tx.flush()
            card = item_card(self.settings.texts, self.settings.links, item, branch="甲支部")
            await releasing.push(tx, self.settings, item, message=card, now=now)

    @rule(lucky=st.sets(members, min_size=1))
    def messages_arrive(self, lucky: set[int]) -> None:
        self.run(self._send(lucky))

    async def _send(self, lucky: set[int]) -> None:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            due = await tx.messages.next_due(now, 100, platforms=["wecom"], quiet_now=False)
            for message in [m for m in due if m.kind in PUSHES and m.member_id in lucky]:
                call = await tx.calls.reserve("wecom", now, 1)
                await tx.messages.start([message.id], call, now)
                await outcomes.accepted(tx, self.settings, [message], now)
                assert message.member_id is not None
                self.phones[message.member_id].add(message.version or 1)

    @rule(major=st.booleans(), words=st.text(alphabet="甲乙丙", min_size=1, max_size=4))
    def it_is_corrected(self, major: bool, words: str) -> None:
        self.run(self._correct(major, words))

    async def _correct(self, major: bool, words: str) -> None:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            item = await tx.items.get(1)
            assert item is not None
            written = Written(ItemKind.NOTICE, body=words)
            try:
                version = await corrections.write(tx, self.settings, 1, item, written, source="test", now=now)
            except UserError:  # nothing differs, or it was withdrawn
                return
            version.major = major
            await amending.schedule(tx, self.settings, version, actor_id=1, source="test", now=now)
            self.clock.advance(self.settings.publishing.undo_window)
            assert await amending.bring_due(tx, self.settings, 1, version.number, now=self.clock.now())

    @rule(member=members, back=st.integers(0, 2), kind=st.sampled_from(ReceiptKind))
    def somebody_presses_a_card(self, member: int, back: int, kind: ReceiptKind) -> None:
        had = sorted(self.phones[member], reverse=True)
        if had:
            self.run(self._claim(Claim(member, 1, kind, Source.CARD, version=had[min(back, len(had) - 1)])))

    @rule(member=members)
    def somebody_says_received(self, member: int) -> None:
        self.run(self._claim(Claim(member, 1, ReceiptKind.ACK, Source.CHAT)))

    @rule(member=members, kind=st.sampled_from(ReceiptKind))
    def somebody_is_on_the_page(self, member: int, kind: ReceiptKind) -> None:
        self.run(self._on_page(member, kind))

    async def _on_page(self, member: int, kind: ReceiptKind) -> None:
        async with self.database.reading() as tx:
            item = await tx.items.get(1)
        assert item is not None
        await self._claim(Claim(member, 1, kind, Source.PAGE, version=item.version))

    @rule(member=members)
    def somebody_forges_a_card(self, member: int) -> None:
        async def work() -> None:
            async with self.database.transaction() as tx:
                claim = Claim(member, 1, ReceiptKind.ACK, Source.CARD, version=99)
                (answer,) = await receipts.confirm(tx, [claim], now=self.clock.now())
                assert answer.result in (Result.ABSENT, Result.ALREADY, Result.WITHDRAWN)

        self.run(work())

    async def _claim(self, claim: Claim) -> None:
        async with self.database.transaction() as tx:
            (answer,) = await receipts.confirm(tx, [claim], now=self.clock.now())
            await renew(tx, self.settings, [answer])
            if answer.result is Result.OUTDATED and answer.item is not None:
                self.phones[claim.member_id].add(answer.item.version)

    @rule()
    def it_is_withdrawn(self) -> None:
        self.run(self._withdraw())

    async def _withdraw(self) -> None:
        async with self.database.transaction() as tx:
            item = await tx.items.get(1)
            assert item is not None
            if item.status == ItemStatus.PUBLISHED and self.clock.now() - MONDAY_MORNING > timedelta(minutes=8):
                await withdraw(tx, self.settings, item, actor_id=1, source="test", now=self.clock.now())

    @invariant()
    def receipts_count_for_what_was_asked(self) -> None:
        if hasattr(self, "database"):
            self.run(self._look())

    async def _look(self) -> None:
        async with self.database.reader.connect() as connection:
            item = (await connection.execute(select(Item.__table__))).mappings().one()
            deliveries = (await connection.execute(select(Delivery.__table__))).mappings().all()
            tallies = (await connection.execute(select(Tally.__table__))).mappings().all()
            current = (await connection.execute(select(Receipt.__table__))).mappings().all()
            earlier = (await connection.execute(select(EarlierReceipt.__table__))).mappings().all()
        assert sum(row["n"] for row in tallies) == MEMBERS
        counted = Counter(row["state"] for row in deliveries)
        assert {row["state"]: row["n"] for row in tallies if row["n"]} == counted
        by_delivery = {row["id"]: [r for r in current if r["delivery_id"] == row["id"]] for row in deliveries}
        for row in deliveries:
            kinds = {r["kind"] for r in by_delivery[row["id"]] if r["version"] >= item["asks_since"]}
            assert kinds == {r["kind"] for r in by_delivery[row["id"]]}, "only what counts is kept as current"
            assert (row["acknowledged_at"] is not None) == (ReceiptKind.ACK in kinds)
            if row["done_at"] is not None:
                assert kinds, "done by a receipt of what is asked now"
            assert row["version"] <= item["version"]
        for receipt in (*current, *earlier):
            member = next(row["member_id"] for row in deliveries if row["id"] == receipt["delivery_id"])
            assert 1 <= receipt["version"] <= item["version"]
            if receipt["source"] == Source.CARD:
                assert receipt["version"] in self.phones[member], "nothing is acknowledged that was not sent"
        now_kept = {(r["delivery_id"], r["kind"], r["version"]) for r in earlier}
        assert self.evidence <= now_kept, "evidence stays"
        self.evidence = now_kept

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()


Versions.TestCase.settings = settings(
    max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
TestVersions = Versions.TestCase
