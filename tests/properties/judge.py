"""What must hold after every step, read from the database; what the platform saw is looked at in `far_side`."""

import copy
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.enums import CallState, InboxState, ItemStatus, MemberStatus, Phase, ReminderState
from storage.outbox import PACE, TO_SEND, UNSETTLED
from tests.properties.far_side import CARRY, FarSide
from tests.properties.found import Found, look, marks
from tests.properties.play import ZONE, Play

STARTED_BY_BOT = ("item", "correction", "digest", "helper")
MINUTE, PER_MINUTE = timedelta(minutes=1), 3
DAILY_LIMIT = 1
BUDGETS_KEPT = timedelta(days=35)
"""Older days may have been forgotten."""
OUT = (ItemStatus.PUBLISHED, ItemStatus.CLOSED, ItemStatus.WITHDRAWN)
CARRIED = (ReminderState.QUEUED, ReminderState.SENT)


@dataclass
class Memory:
    """What the database said before, and must not say otherwise now."""

    audience: dict[int, set[int]] = field(default_factory=dict)
    receipts: dict[int, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    asked_since: dict[int, int] = field(default_factory=dict)
    fences: dict[str, int] = field(default_factory=dict)
    spoken: int = 0


class Judge:
    """Remembers what it has seen of one play; each look compares."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.memory = Memory()
        self.far_side = FarSide(play)
        self.found: Found
        self.before: Found
        self.restored_up_to = 0
        """No message up to this one may begin to leave: an older state brought them back."""

    async def begins(self) -> None:
        self.marks = await marks(self.play.world.app.database, self.play.now)
        self._used = Counter(dict(self.marks.used))
        self.found = await self._look()

    def keeps(self) -> Memory:
        """What it remembers of the database as it is now."""
        return copy.deepcopy(self.memory)

    async def forgets(self, memory: Memory, *, held: bool) -> None:
        """The database is again what it was when this was kept."""
        self.memory = copy.deepcopy(memory)
        self.found = self.before = await self._look()
        self.restored_up_to = max((row.id for row in self.found.messages), default=0) if held else 0
        self.far_side.starts_anew(self.found)

    async def looks(self, *, at_rest: bool = False) -> None:
        self.before, self.found = self.found, await self._look()
        self._nobody_lost()
        self._not_after_done()
        self._receipts_only_grow()
        self._limits()
        self._rounds()
        self._sums()
        self._rights()
        self._fences()
        self._nothing_restored()
        assert len(self.found.updates) == len(self.play.spoken), "I7: what was answered is stored, and once"
        assert {row.state for row in self.found.updates} <= {InboxState.DONE}, "what is stored is done"
        self.far_side.looks(self.found, self.before)
        if at_rest:
            self._rests()

    async def unchanged(self) -> None:
        """I6: what came in now had come before."""
        assert (await self._look()).effects() == self.found.effects(), "I6"

    def undecided(self) -> list[tuple[int, int]]:
        """(item, member) of what waits to leave, or may have left: where the next act meets something."""
        waiting = [row for row in self.found.messages if row.phase in (*TO_SEND, Phase.DOUBTFUL)]
        carried = {row.message_id: row.delivery_id for row in self.found.reminders if row.state in CARRIED}
        items = {row.id: row.item_id for row in self.found.deliveries}
        pairs = {(row.item_id or items.get(carried.get(row.id)), row.member_id) for row in waiting}
        return sorted((item, member) for item, member in pairs if item is not None and member in self.play.ids)

    def paced(self) -> bool:
        """Whether something waits because somebody has had much within a minute."""
        return any(row.phase == Phase.WAITING and row.reason == PACE for row in self.found.messages)

    async def _look(self) -> Found:
        return await look(self.play.world.app.database, self.marks, self.play.ids)

    def _nobody_lost(self) -> None:
        """I1: who was there when it went out has exactly one delivery, for good."""
        found = defaultdict(list)
        for row in self.found.deliveries:
            found[row.item_id].append(row.member_id)
        for item in self.found.items:
            members = found[item.id]
            assert len(members) == len(set(members))
            if item.status not in OUT or not item.published_at:
                assert members == []
                continue
            if item.id not in self.memory.audience:
                home = {row.id: row.branch_id for row in self.before.members}[self.play.secretary.member_id]
                here = {
                    row.id
                    for row in self.before.members
                    if row.status == MemberStatus.ACTIVE and row.branch_id == home and row.id in self.play.ids
                }
                assert set(members) == here, ("I1", item.id)
            before = self.memory.audience.setdefault(item.id, set(members))
            assert before <= set(members)
            assert item.audience_size == len(members) or len(members) > len(before)

    def _begun(self) -> Iterator[tuple[str, int, int | None]]:
        """(kind, message, call) of what has begun to leave since the last look, or does once more."""
        started = {row.id: (row.started_at, row.call_id) for row in self.before.messages}
        tries = {row.id: row.tries for row in self.before.calls}
        again = {row.id for row in self.found.calls if row.tries > tries.get(row.id, row.tries)}
        for row in self.found.messages:
            if row.started_at is None or row.phase == Phase.DROPPED:
                continue
            if started.get(row.id) != (row.started_at, row.call_id):
                yield row.kind, row.id, None
            elif row.call_id in again:
                yield row.kind, row.id, row.call_id

    def _not_after_done(self) -> None:
        """I4: nothing begins to leave that a receipt, an excuse, a withdrawal, or leaving has made needless.

        What people do and what leaves are never the same step: what held before the step held when it left.
        """
        gone = {row.id for row in self.before.members if row.status != MemberStatus.ACTIVE}
        over = {row.id for row in self.before.items if row.status == ItemStatus.WITHDRAWN}
        closed = over | {row.id for row in self.before.items if row.status == ItemStatus.CLOSED}
        done = {row.id for row in self.before.deliveries if row.done_at or row.excused_at or row.item_id in closed}
        version = {row.id: row.version for row in self.before.items}
        now = {row.id: row for row in self.found.messages}
        carried: dict[int, list[int]] = defaultdict(list)
        for reminder in self.found.reminders:
            if reminder.state in CARRIED and reminder.message_id is not None:
                carried[reminder.message_id].append(reminder.delivery_id)
        needless: dict[int, list[bool]] = defaultdict(list)
        for kind, message, call in self._begun():
            row = now[message]
            if kind == "item":
                found = row.delivery_id in done or row.item_id in over or row.member_id in gone
            elif kind == "digest":
                found = any(delivery in done for delivery in carried[message]) or row.member_id in gone
            elif kind == "correction":
                found = row.item_id in over or row.member_id in gone
            else:
                continue
            if kind in CARRY:
                found = found or (row.version or 1) < version.get(row.item_id, 1)
            assert call is not None or not found, ("I4", kind, row.subject)
            if call is not None:  # these bytes are for all whom they named, or for nobody
                needless[call].append(found)
        assert not any(all(each) for each in needless.values()), "I4: nobody wants it any more"
        over = {row.id for row in self.found.items if row.status == ItemStatus.WITHDRAWN}
        for row in self.found.messages:
            assert row.kind != "item" or row.item_id not in over or row.phase not in TO_SEND, "withdrawn and waiting"

    def _receipts_only_grow(self) -> None:
        """I5: once set never unset or moved, but by a correction that asks anew; acknowledged implies read."""
        asked = {item.id: item.asks_since for item in self.found.items}
        memory = self.memory
        for row in self.found.deliveries:
            now = (row.read_at, row.acknowledged_at)
            before = memory.receipts.get(row.id)
            if before is not None and memory.asked_since.get(row.item_id) == asked[row.item_id]:
                for old, new in zip(before, now, strict=True):
                    assert old is None or old == new, ("I5", row.id, before, now)
            assert row.acknowledged_at is None or row.read_at is not None
            memory.receipts[row.id] = now
        memory.asked_since = asked
        assert {row.delivery_id for row in self.found.evidence} <= {row.id for row in self.found.deliveries}

    def _limits(self) -> None:
        """I8, I9: never more to one person in a minute or a day, and no reminder in quiet hours or beyond the limit."""
        starts: dict[int, list[datetime]] = defaultdict(list)
        reminded: Counter[tuple[int, object]] = Counter()
        used: Counter[str] = Counter()
        left = {call.id: call.first_at for call in self.found.calls}  # by the platform's clock, which nobody sets
        for row in self.found.messages:
            if row.started_at is None:
                continue
            local = row.started_at.astimezone(ZONE)
            assert not row.quiet or 8 <= local.hour < 22, ("I9", row.kind, local)
            if row.kind not in STARTED_BY_BOT or row.phase == Phase.DROPPED:
                continue
            if row.phase not in (Phase.REFUSED, *TO_SEND):  # the platform showed it to nobody
                starts[row.member_id].append(row.started_at)
            if row.kind == "digest":
                day = left.get(row.call_id, row.started_at).astimezone(ZONE).date()
                reminded[row.member_id, day] += row.phase not in (Phase.REFUSED, *TO_SEND)
        assert all(times <= DAILY_LIMIT for times in reminded.values()), ("I9", reminded)
        for times in starts.values():
            times.sort()
            for first, last in zip(times, times[PER_MINUTE:], strict=False):
                assert last - first >= MINUTE - timedelta(seconds=1), ("I8", times)
        since = (self.play.now - BUDGETS_KEPT).astimezone(ZONE).date().isoformat()
        for call in self.found.calls:
            if call.api == "message/send" and (day := call.first_at.astimezone(ZONE).date().isoformat()) > since:
                used[day] += call.recipients
        counted = Counter({row.day: row.used for row in self.found.budgets if row.day > since}) - self._used
        # The day goes by our clock, which jumps, and calls go by the platform's: the sum is the same by both.
        assert used.total() == counted.total(), ("I8: the day's budget", used, counted)

    def _rounds(self) -> None:
        """I10: consecutive, each once, at most one open."""
        rounds: dict[int, list[int]] = defaultdict(list)
        for row in self.found.reminders:
            rounds[row.delivery_id].append(row.round)
        for numbers in rounds.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1)), ("I10", numbers)
        waiting = Counter(row.delivery_id for row in self.found.reminders if row.state == ReminderState.OPEN)
        assert all(times == 1 for times in waiting.values()), "I10"

    def _sums(self) -> None:
        """I11: what is kept beside the deliveries is what counting them gives."""
        counted = Counter((row.item_id, row.branch_id, row.state) for row in self.found.deliveries)
        kept = Counter({(row.item_id, row.branch_id, row.state): row.n for row in self.found.tallies})
        assert +kept == counted, "I11"

    def _rights(self) -> None:
        """I14: what became of an item its secretary did, or the clock."""
        allowed = {self.play.secretary.member_id, None}
        audit = [row for row in self.found.audit if row.subject.startswith("item:")]
        confirmed = {row.subject for row in audit if row.action in ("item.confirm", "item.submit")}
        for item in self.found.items:
            assert item.status in (ItemStatus.DRAFT, ItemStatus.DROPPED) or f"item:{item.id}" in confirmed, "I14"
        wrong = [(row.action, row.actor_id) for row in audit if row.actor_id not in allowed]
        assert [each for each in wrong if not each[0].startswith(("receipt", "item.snooze", "reminder"))] == [], wrong

    def _fences(self) -> None:
        """I13: no lease falls back to an older fence."""
        for row in self.found.leases:
            assert row.fence >= self.memory.fences.get(row.name, 0), ("I13", row.name)
            self.memory.fences[row.name] = row.fence

    def _nothing_restored(self) -> None:
        """I17: what an older state had queued stays, unless a person lets it go."""
        late = [(kind, message) for kind, message, _ in self._begun() if message <= self.restored_up_to]
        assert late == [], ("I17", late)

    def _rests(self) -> None:
        """I1, I18: at rest nothing is on its way, and nothing is due that nobody does."""
        waiting = [(row.kind, row.subject, row.phase, row.reason) for row in self.found.messages]
        assert [each for each in waiting if each[2] in UNSETTLED] == [], "I1, I18: messages"
        assert [row.id for row in self.found.calls if row.state != CallState.SETTLED] == [], "I1, I18: requests"
        now = self.play.now
        due = [row.id for row in self.found.reminders if row.state == ReminderState.OPEN and row.due_at <= now]
        assert due == [], "I18: reminders"
        late = [row.id for row in self.found.items if row.status == ItemStatus.SCHEDULED and row.publish_at <= now]
        assert late == [], "I18: items"
