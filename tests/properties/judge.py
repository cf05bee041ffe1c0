"""What must hold after every step, read from the database and from what people were shown."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select

from storage.audit import AuditRow
from storage.contents import Content
from storage.deliveries import Delivery
from storage.enums import ItemStatus, Phase, ReminderState
from storage.inbox import InboxRow
from storage.items import Item, Tally
from storage.outbox import UNSETTLED, OutboxMessage
from storage.receipts import Receipt
from storage.reminders import Reminder
from tests.properties.play import ZONE, Play

CARRY = ("item", "correction")
STARTED_BY_BOT = ("item", "correction", "digest", "helper")
MINUTE, PER_MINUTE, PER_DAY = timedelta(minutes=1), 3, 20
DAILY_LIMIT = 1

BUTTON = re.compile(r'"(?:ack|read):(\d+)')
REMINDER = re.compile(r"\d 提醒$|^提醒：#", re.MULTILINE)
"""What a reminder says and an item does not."""

Rows = Sequence[Row[Any]]


class Judge:
    """Remembers what it has seen of one play; each look compares."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self._audience: dict[int, set[int]] = {}
        self._receipts: dict[int, tuple[datetime | None, datetime | None]] = {}
        self._asked_since: dict[int, int] = {}
        self._requests = len(play.world.twin.requests)

    async def looks(self, *, at_rest: bool = False) -> None:
        play, numbers = self.play, self.play.items
        async with play.world.app.database.reader.connect() as db:
            items = (await db.execute(select(Item.__table__).where(Item.id.in_(numbers)))).all()
            deliveries = (await db.execute(select(Delivery.__table__).where(Delivery.item_id.in_(numbers)))).all()
            of_play = or_(OutboxMessage.item_id.in_(numbers), OutboxMessage.member_id.in_(play.ids))
            messages = (await db.execute(select(OutboxMessage.__table__).where(of_play))).all()
            ids = [row.id for row in deliveries]
            reminders = (await db.execute(select(Reminder.__table__).where(Reminder.delivery_id.in_(ids)))).all()
            tallies = (await db.execute(select(Tally.__table__).where(Tally.item_id.in_(numbers)))).all()
            cards = select(OutboxMessage.recipient_key, OutboxMessage.phase, Content.body).join(
                Content, Content.id == OutboxMessage.content_id
            )
            keys = [person.userid for person in play.people]
            answers = (
                await db.execute(cards.where(OutboxMessage.recipient_key.in_(keys), OutboxMessage.kind == "reply"))
            ).all()
            kept = await db.scalar(select(func.count()).where(InboxRow.key.startswith(f"{play.name}-")))
            evidence = (await db.execute(select(Receipt.__table__).where(Receipt.delivery_id.in_(ids)))).all()
            audit = (
                await db.execute(
                    select(AuditRow.subject, AuditRow.action, AuditRow.actor_id).where(
                        AuditRow.subject.in_([f"item:{number}" for number in numbers])
                    )
                )
            ).all()
        self._nobody_lost(items, deliveries)
        self._nobody_doubled(deliveries, messages, answers)
        self._nobody_else()
        self._not_after_done(deliveries, messages, reminders)
        self._receipts_only_grow(items, deliveries, evidence)
        self._limits(messages)
        self._rounds(reminders)
        self._sums(deliveries, tallies)
        assert kept == len(play.spoken), "I7: what was answered is stored"
        self._rights(items, audit)
        if at_rest:
            waiting = [(row.kind, row.subject, row.phase, row.reason) for row in messages if row.phase in UNSETTLED]
            assert waiting == [], "I1, I18: at rest nothing is on its way"

    def _nobody_lost(self, items: Rows, deliveries: Rows) -> None:
        """I1: who was there when it went out has exactly one delivery, for good."""
        found = defaultdict(list)
        for row in deliveries:
            found[row.item_id].append(row.member_id)
        for item in items:
            assert len(found[item.id]) == len(set(found[item.id]))
            if item.status in (ItemStatus.PUBLISHED, ItemStatus.CLOSED, ItemStatus.WITHDRAWN) and item.published_at:
                before = self._audience.setdefault(item.id, set(found[item.id]))
                assert before <= set(found[item.id])
                assert item.audience_size == len(found[item.id]) or len(found[item.id]) > len(before)
            else:
                assert found[item.id] == []

    def _nobody_doubled(self, deliveries: Rows, messages: Rows, answers: Rows) -> None:
        """I2: so many cards of an item on a phone at most as there are messages that bring it there."""
        rows: Counter[tuple[int | None, int | None]] = Counter()
        members = {person.userid: person.member_id for person in self.play.people}
        for row in answers:
            if row.phase not in (Phase.READY, Phase.WAITING, Phase.DROPPED):
                rows.update((int(number), members[row.recipient_key]) for number in set(BUTTON.findall(row.body)))
        for row in messages:
            if row.kind in CARRY and row.phase not in (Phase.READY, Phase.WAITING, Phase.DROPPED):
                rows[row.item_id, row.member_id] += 1
        owed = {(row.item_id, row.member_id): row for row in deliveries}
        for person in self.play.people:
            cards: Counter[int] = Counter()
            for shown in self.play.world.twin.shown_to(person.userid):
                keys = [button.key for button in shown.buttons_for(person.userid)] if shown.card else []
                numbers = {int(key.split(":")[1]) for key in keys if key.startswith(("ack:", "read:"))}
                cards.update(number for number in numbers if not REMINDER.search(shown.text))
            for number, times in cards.items():
                if number in self.play.items and (number, person.member_id) in owed:
                    assert times <= rows[number, person.member_id], ("I2", number, person.name, times)

    def _nobody_else(self) -> None:
        """I3: what leaves names known people alone."""
        twin = self.play.world.twin
        assert twin.broadcasts == []
        known = {person.userid for person in self.play.world.people.values()}
        for request in twin.requests[self._requests :]:
            assert set(request.userids) <= known
        self._requests = len(twin.requests)

    def _not_after_done(self, deliveries: Rows, messages: Rows, reminders: Rows) -> None:
        """I4: nothing begins to leave that the receipt, or the excuse, has made needless."""
        by_id = {row.id: row for row in deliveries}
        started = {row.id: row.started_at for row in messages if row.phase != Phase.DROPPED}
        for row in messages:
            delivery = by_id.get(row.delivery_id)
            if row.kind == "item" and delivery is not None and row.started_at and row.phase != Phase.DROPPED:
                for over in (delivery.done_at, delivery.excused_at):
                    assert over is None or row.created_at > over or row.started_at <= over, ("I4", row.id)
        for reminder in reminders:
            at, delivery = started.get(reminder.message_id), by_id[reminder.delivery_id]
            if at is not None and reminder.state in (ReminderState.QUEUED, ReminderState.SENT):
                assert delivery.done_at is None or at <= delivery.done_at, ("I4", reminder.id)

    def _receipts_only_grow(self, items: Rows, deliveries: Rows, evidence: Rows) -> None:
        """I5: once set never unset or moved, but by a correction that asks anew; acknowledged implies read."""
        asked = {item.id: item.asks_since for item in items}
        for row in deliveries:
            now = (row.read_at, row.acknowledged_at)
            before = self._receipts.get(row.id)
            if before is not None and self._asked_since.get(row.item_id) == asked[row.item_id]:
                for old, new in zip(before, now, strict=True):
                    assert old is None or old == new, ("I5", row.id, before, now)
            assert row.acknowledged_at is None or row.read_at is not None
            self._receipts[row.id] = now
        self._asked_since = asked
        assert {row.delivery_id for row in evidence} <= {row.id for row in deliveries}

    def _limits(self, messages: Rows) -> None:
        """I8, I9: never more to one person in a minute or a day, and no reminder in quiet hours or beyond the limit."""
        starts: dict[int, list[datetime]] = defaultdict(list)
        reminded: Counter[tuple[int, object]] = Counter()
        for row in messages:
            if row.kind not in STARTED_BY_BOT or row.started_at is None or row.phase == Phase.DROPPED:
                continue
            starts[row.member_id].append(row.started_at)
            if row.kind == "digest":
                local = row.started_at.astimezone(ZONE)
                assert 8 <= local.hour < 22, ("I9", row.id, local)
                reminded[row.member_id, local.date()] += row.phase not in (Phase.REFUSED, Phase.WAITING, Phase.READY)
        assert all(times <= DAILY_LIMIT for times in reminded.values()), ("I9", reminded)
        for times in starts.values():
            times.sort()
            for first, last in zip(times, times[PER_MINUTE:], strict=False):
                assert last - first >= MINUTE - timedelta(seconds=1), ("I8", times)

    def _rounds(self, reminders: Rows) -> None:
        """I10: consecutive, each once, at most one open."""
        rounds: dict[int, list[int]] = defaultdict(list)
        for row in reminders:
            rounds[row.delivery_id].append(row.round)
        for numbers in rounds.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1)), ("I10", numbers)
        waiting = Counter(row.delivery_id for row in reminders if row.state == ReminderState.OPEN)
        assert all(times == 1 for times in waiting.values()), "I10"

    def _sums(self, deliveries: Rows, tallies: Rows) -> None:
        """I11: what is kept beside the deliveries is what counting them gives."""
        counted = Counter((row.item_id, row.branch_id, row.state) for row in deliveries)
        assert +Counter({(row.item_id, row.branch_id, row.state): row.n for row in tallies}) == counted

    def _rights(self, items: Rows, audit: Rows) -> None:
        """I14: what became of an item its secretary did, or the clock."""
        allowed = {self.play.secretary.member_id, None}
        confirmed = {row.subject for row in audit if row.action == "item.confirm"}
        for item in items:
            assert item.status in (ItemStatus.DRAFT, ItemStatus.DROPPED) or f"item:{item.id}" in confirmed
        wrong = [(row.action, row.actor_id) for row in audit if row.actor_id not in allowed]
        assert [each for each in wrong if not each[0].startswith(("receipt", "item.snooze", "reminder"))] == [], wrong
