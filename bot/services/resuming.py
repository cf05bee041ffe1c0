"""Letting a held bot go: what waits, item by item with its age, and what becomes of it.

What was queued before the bot was held may have gone out already, after the backup was made: it leaves only where a
person says so. What was queued since then is new, and leaves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services import outcomes
from bot.services.releasing import back_to_draft
from bot.services.settings import Settings
from storage.calls import Ending
from storage.enums import VersionState
from storage.transaction import Transaction
from storage.waiting import UNDER_WAY, Group

BATCH = 500
REASON = "restored"
"""Why it was dropped (`reason.` key)."""
RESIDENTS, OTHERS = "residents", "others"


@dataclass(frozen=True, slots=True)
class Lot:
    """What is decided about together: an item (`key` is its number), the residents, or all the others."""

    key: str
    title: str
    groups: Sequence[Group]

    @property
    def oldest(self) -> datetime:
        return min(group.oldest for group in self.groups)


@dataclass(frozen=True, slots=True)
class Overview:
    held_at: datetime
    why: str
    lots: Sequence[Lot]
    newer: int
    """Messages that were queued since then; they leave."""


async def overview(tx: Transaction, *, now: datetime) -> Overview | None:
    """What waits; None when nothing is held."""
    held = await tx.instances.held()
    if held is None:
        return None
    at, why = held
    found = [
        *await tx.waiting.scheduled(),
        *await tx.waiting.messages(at),
        *await tx.waiting.reminders(now),
        *await tx.waiting.requests(),
    ]
    numbers = sorted({group.item_id for group in found if group.item_id is not None})
    items = await tx.items.many(numbers)
    lots = [Lot(str(n), items[n].title, [group for group in found if group.item_id == n]) for n in numbers]
    for key, groups in (
        (RESIDENTS, await tx.waiting.to_residents(at)),
        (OTHERS, [group for group in found if group.item_id is None]),
    ):
        if groups:
            lots.append(Lot(key, "", groups))
    return Overview(at, why, lots, await tx.waiting.newer(at))


async def drop_some(
    tx: Transaction, settings: Settings, seen: Overview, keys: Collection[str], *, now: datetime
) -> int:
    """Messages of these lots, a batch of them; how many. Nothing of them leaves; what people see says so."""
    numbers = [int(key) for key in keys if key.isdigit()]
    taken = list(await tx.waiting.take(seen.held_at, BATCH, item_ids=numbers)) if numbers else []
    if not taken and RESIDENTS in keys:
        taken = list(await tx.waiting.take(seen.held_at, BATCH, residents=True))
    if not taken and OTHERS in keys:
        taken = list(await tx.waiting.take(seen.held_at, BATCH))
    doubtful = [message for message, phase, _ in taken if phase in UNDER_WAY]
    for call_id in sorted({call for _, phase, call in taken if phase in UNDER_WAY and call is not None}):
        await tx.calls.finish([Ending(call_id, "unknown")], now)
    if doubtful:
        await outcomes.unknown(tx, settings, doubtful, now)
    certain = [message for message, phase, _ in taken if phase not in UNDER_WAY]
    if certain:
        carried = await tx.reminders.carried_by([message.id for message in certain if message.kind == "digest"])
        await tx.reminders.settle([reminder for _, reminder, _ in carried], sent=False)
        await outcomes.dropped(tx, settings, certain, REASON, now)
    return len(taken)


async def resume(tx: Transaction, settings: Settings, seen: Overview, keys: Collection[str], *, now: datetime) -> None:
    """What the clock would make of the lots to drop is taken back, and the bot may send again."""
    numbers = [int(key) for key in keys if key.isdigit()]
    for group in (group for lot in seen.lots if lot.key in keys for group in lot.groups):
        if group.item_id is None:
            continue
        if group.kind == "publish" and (item := await tx.items.get(group.item_id)) is not None:
            await back_to_draft(tx, settings, item, "resume.told.draft", "item.held", now)
        if group.kind == "correct" and (version := await tx.versions.waiting(group.item_id)) is not None:
            await tx.versions.change_state(version, VersionState.SCHEDULED, VersionState.DRAFT, publish_at=None)
    if numbers:
        await tx.waiting.end_reminders(numbers, now)
    if RESIDENTS in keys:
        await tx.waiting.drop_answers()
    if OTHERS in keys:
        await tx.waiting.drop_requests(now)
    await tx.instances.release()
    dropped = " ".join(sorted(keys, key=lambda key: (not key.isdigit(), key.zfill(12))))
    tx.audit.add(
        at=now,
        actor_id=None,
        source="cli",
        action="instance.resume",
        subject="instance",
        before=seen.why,
        after=dropped,
    )
