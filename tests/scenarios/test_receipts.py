"""Whatever happens to deliveries, in whatever order: sums are right, receipts stay, what follows is the same."""

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
from bot.services import receipts
from bot.services.access import ROSTER
from bot.services.receipts import Claim, Result
from storage.audiences import Audience
from storage.deliveries import Delivery
from storage.enums import DeliveryState, ItemKind, ItemStatus, ReceiptKind, Require, Source
from storage.items import Item, Tally
from storage.members import NewMember
from storage.receipts import Receipt
from tests.tables import open_database
from tests.world import MONDAY_MORNING, World

T = TypeVar("T")
MEMBERS, ITEMS = 6, 3
members = st.integers(1, MEMBERS)
items = st.integers(1, ITEMS)
REQUIRED = (Require.ACK, Require.READ, Require.NONE)


class Receipts(RuleBasedStateMachine):
    """Three items for six members of two branches; everybody does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(MONDAY_MORNING)
        self.first: dict[tuple[int, str], Any] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        self.clock.advance(timedelta(seconds=1))
        return self.loop.run_until_complete(work)

    @initialize()
    def start(self) -> None:
        self.run(self._start())

    async def _start(self) -> None:
        now = self.clock.now()
        self.database = await open_database(f"sqlite+aiosqlite:///{self.folder.name}/bot.db")
        async with self.database.transaction() as tx:
            branches = [await tx.branches.add(name, None) for name in ("甲支部", "乙支部")]
            people = [
                NewMember(name=f"成员{n}", user_id=f"u{n}", branch_id=branches[n % 2].id, tier=None, phone=None)
                for n in range(MEMBERS)
            ]
            await tx.members.add_many(people, platform=ROSTER, now=now)
            for require in REQUIRED:
                item = Item(
                    kind=ItemKind.NOTICE,
                    status=ItemStatus.PUBLISHED,
                    title="周五开会",
                    require=require,
                    author_id=1,
                    branch_id=branches[0].id,
                    audience="",
                    published_at=now,
                    created_at=now,
                )
                tx.items.add(item)
                await tx.flush()
                audience = Audience(branches=frozenset(branch.id for branch in branches))
                await tx.deliveries.create(item, audience, ROSTER)

    @rule(
        said=st.lists(
            st.tuples(members, st.one_of(st.none(), items), st.sampled_from(ReceiptKind), st.sampled_from(Source)),
            min_size=1,
            max_size=5,
        )
    )
    def people_say(self, said: list[tuple[int, int | None, ReceiptKind, Source]]) -> None:
        async def work() -> None:
            async with self.database.transaction() as tx:
                claims = [Claim(member, item, kind, source) for member, item, kind, source in said]
                answers = await receipts.confirm(tx, claims, now=self.clock.now())
                assert len(answers) == len(said)
                for (_, item, *_), answer in zip(said, answers, strict=True):
                    if item is not None:
                        assert answer.result in (Result.DONE, Result.ALREADY, Result.WITHDRAWN)

        self.run(work())

    @rule(
        which=st.lists(st.integers(1, MEMBERS * ITEMS), min_size=1, max_size=6),
        state=st.sampled_from([DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNREACHABLE]),
    )
    def sending_ends(self, which: list[int], state: DeliveryState) -> None:
        async def work() -> None:
            async with self.database.transaction() as tx:
                await tx.deliveries.settle(which, state, reason=None, at=self.clock.now())

        self.run(work())

    @rule(which=st.integers(1, MEMBERS * ITEMS), lift=st.booleans())
    def somebody_is_excused(self, which: int, lift: bool) -> None:
        async def work() -> None:
            async with self.database.transaction() as tx:
                if lift:
                    await tx.deliveries.lift_excuse(which)
                else:
                    await tx.deliveries.excuse(tx.deliveries.among([which]), "出差", self.clock.now())

        self.run(work())

    @rule(item=items)
    def an_item_ends(self, item: int) -> None:
        async def work() -> None:
            async with self.database.transaction() as tx:
                await tx.items.change_status(item, [ItemStatus.PUBLISHED], ItemStatus.CLOSED)

        self.run(work())

    @invariant()
    def sums_are_right_and_receipts_stay(self) -> None:
        if hasattr(self, "database"):
            self.run(self._look())

    async def _look(self) -> None:
        async with self.database.reader.connect() as connection:
            deliveries = (await connection.execute(select(Delivery.__table__))).mappings().all()
            tallies = (await connection.execute(select(Tally.__table__))).mappings().all()
            stored = (await connection.execute(select(Receipt.__table__))).mappings().all()
        counted = Counter((row["item_id"], row["branch_id"], row["state"]) for row in deliveries)
        kept = {(row["item_id"], row["branch_id"], row["state"]): row["n"] for row in tallies if row["n"]}
        assert kept == counted
        assert Counter(row["item_id"] for row in deliveries) == dict.fromkeys(range(1, ITEMS + 1), MEMBERS)
        by_kind = {(row["delivery_id"], row["kind"]): row for row in stored}
        for row in deliveries:
            for column in ("read_at", "acknowledged_at", "done_at", "sent_at"):
                before = self.first.setdefault((row["id"], column), row[column])
                if before is None:
                    self.first[row["id"], column] = row[column]
                else:
                    assert row[column] == before, f"{column} was moved"
            assert row["acknowledged_at"] is None or row["read_at"] is not None
            assert (row["acknowledged_at"] is not None) == ((row["id"], ReceiptKind.ACK) in by_kind)
            if row["done_at"] is not None:
                assert row["state"] in (DeliveryState.READ, DeliveryState.ACKNOWLEDGED)
            if row["require"] == Require.NONE:
                assert row["done_at"] is None

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()


Receipts.TestCase.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestReceipts = Receipts.TestCase


async def test_four_views_say_the_same(any_world: World) -> None:
    """The tallies, the rows, the chat and the counts of the deliveries agree."""
    secretary, li, _, zhao = await any_world.branch(members=["李四", "王五", "赵六"])
    any_world.twin.directory.change(zhao.userid, visible=False)
    number = await any_world.published(secretary, "/通知 周五开会")
    await li.taps("确认收到")
    await secretary.says(f"豁免 {number} 王五 出差")
    async with any_world.reading() as tx:
        (tally,) = (await tx.items.tallies([number])).values()
        rows = Counter(row.state for row in await tx.lists.rows(number))
    assert tally == rows == {"acknowledged": 1, "excused": 1, "sent": 1, "unreachable": 1}
    said = await secretary.says(f"进度 {number}")
    assert said is not None
    assert "1" in said
