"""Members who are away until a day: what falls into that time does not wait for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.message import Text
from bot.rules.text import clean, cut_chars
from bot.services.access import Speaker
from bot.services.excuses import LONGEST_REASON, lift
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.texts import Texts
from storage.base import BranchId
from storage.deliveries import Delivery
from storage.enums import ItemStatus, Require, Role
from storage.items import Item
from storage.leaves import Leave
from storage.transaction import Transaction

BATCH = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """`excused`: how many open items no longer wait for the member."""

    ends_at: datetime
    excused: int


async def begin(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    *,
    ends_at: datetime,
    reason: str,
    source: str,
    key: str,
    now: datetime,
) -> Begun:
    """From now on the member is away; what is due until then does not wait for them.

    A leave that they were on ends with it. `key` names the update: the secretary hears of it once.
    """
    await end(tx, settings, who.member_id, source=source, now=now)
    why = cut_chars(clean(reason).strip(), LONGEST_REASON)
    leave = await tx.leaves.begin(Leave(member_id=who.member_id, begins_at=now, ends_at=ends_at, reason=why))
    open_items = (await tx.lists.open_of_members([who.member_id])).get(who.member_id, [])
    falling = [each for each in open_items if each.due_at is None or each.due_at <= ends_at]
    ids = [each.delivery_id for each in falling]
    if ids:
        await tx.deliveries.excuse(Delivery.id.in_(ids), _excuse(settings, leave), now)
        await tx.messages.drop_of_deliveries(ids, "excused", now)
        await tx.reminders.end_of_deliveries(ids)
        await tx.leaves.excuse((leave.id, each.item_id) for each in falling)
    _audit(tx, leave, "leave.begin", source, now, after=ends_at.isoformat())
    words = settings.texts.say(
        "leave.told",
        name=who.name,
        until=last_moment(settings.texts, ends_at),
        reason=why or settings.texts.say("leave.no_reason"),
    )
    readers = [each for each in await _secretaries(tx, who.branch_id) if each != who.member_id]
    await tell(tx, settings.roads, readers, Text(words), kind="forward", subject=key, now=now)
    return Begun(ends_at, len(ids))


def last_moment(texts: Texts, ends_at: datetime) -> str:
    """Until when somebody is away: a day, where the leave lasts to its end."""
    local = ends_at.astimezone(texts.zone)
    if (local.hour, local.minute) == (0, 0):
        return texts.day((local - timedelta(minutes=1)).date())
    return texts.when(ends_at)


async def end(tx: Transaction, settings: Settings, member_id: int, *, source: str, now: datetime) -> bool:
    """The member is back: what is still open waits for them again. False when they were not away."""
    leave = await tx.leaves.open_of(member_id)
    if leave is None:
        return False
    await _end(tx, settings, leave, now)
    _audit(tx, leave, "leave.end", source, now)
    return True


async def end_leaves(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """Ends the leaves whose time is up; how many there were."""
    over = await tx.leaves.ended(now, BATCH)
    for leave in over:
        await _end(tx, settings, leave, now)
        tx.audit.add(at=now, actor_id=None, source="clock", action="leave.end", subject=f"member:{leave.member_id}")
    return len(over)


async def excuse_absent(tx: Transaction, settings: Settings, item: Item, *, now: datetime) -> None:
    """What has just gone out does not wait for those who are away until it is due."""
    if item.require == Require.NONE:
        return
    away = {leave.member_id: leave for leave in await tx.leaves.at(now, item.due_at)}
    found = await tx.deliveries.of_pairs([(item.id, member_id) for member_id in away]) if away else {}
    by_words: dict[str, list[int]] = {}
    for (_, member_id), delivery in found.items():
        by_words.setdefault(_excuse(settings, away[member_id]), []).append(delivery.id)
    for words, ids in by_words.items():
        await tx.deliveries.excuse(Delivery.id.in_(ids), words, now)
    await tx.leaves.excuse((away[member_id].id, item.id) for _, member_id in found)


async def _end(tx: Transaction, settings: Settings, leave: Leave, now: datetime) -> None:
    """What is over by now stays excused."""
    await tx.leaves.finish(leave.id, now)
    items = await tx.items.many(await tx.leaves.excused_by(leave.id))
    for item in items.values():
        still = item.status == ItemStatus.PUBLISHED and (item.due_at is None or item.due_at > now)
        delivery = await tx.deliveries.get(item.id, leave.member_id) if still else None
        if delivery is not None and delivery.excused_at is not None:
            await lift(tx, settings, item, delivery, now=now)


async def _secretaries(tx: Transaction, branch_id: int) -> Iterable[int]:
    """Of the branch, or of the nearest above it that has any."""
    branch = await tx.branches.get(BranchId(branch_id))
    line = [int(step) for step in branch.path.strip("/").split("/")] if branch is not None else []
    for each in reversed(line):
        if found := await tx.holders.active(Role.SECRETARY, {each}):
            return sorted(found)
    return []


def _excuse(settings: Settings, leave: Leave) -> str:
    until = last_moment(settings.texts, leave.ends_at)
    words = settings.texts.say("leave.excuse", until=until, reason=leave.reason)
    return cut_chars(words.strip(), LONGEST_REASON)


def _audit(tx: Transaction, leave: Leave, action: str, source: str, now: datetime, after: str | None = None) -> None:
    subject = f"member:{leave.member_id}"
    tx.audit.add(at=now, actor_id=leave.member_id, source=source, action=action, subject=subject, after=after)
