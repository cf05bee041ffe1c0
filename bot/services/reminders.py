"""Reminding those who have not done what an item asks, and only those."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.killing import here
from bot.rules import reminding
from bot.rules.reminding import Policy, day_of, next_allowed_day, shift, week_of, within_limits
from bot.rules.spreading import spread
from bot.rules.wall_clock import instant_of
from bot.services.digests import queue_digests
from bot.services.settings import Reminding, Settings
from storage.enums import ItemStatus, MemberStatus, ReminderState, Require
from storage.items import Item
from storage.lists import OpenItem
from storage.reminders import DueReminder
from storage.standing import Standing
from storage.transaction import Transaction

AGAIN_AFTER = timedelta(minutes=10)
"""How soon somebody may remind by hand once more."""
LOOK_AGAIN = timedelta(days=1)
"""How long a reminder of a member on leave rests before it is looked at again."""


def policy_of(item: Item) -> Policy:
    """The item's own policy, as it was when it was drafted."""
    return Policy.load(json.loads(item.policy)) if item.policy else Policy()


def next_round(
    rules: Reminding, item: Item, *, sent_at: datetime, after: datetime, now: datetime
) -> tuple[datetime, datetime] | None:
    """(when it goes, the policy's moment) of the first reminder later than `after`; None when no more come."""
    return reminding.next_round(
        policy_of(item),
        sent_at=sent_at,
        due_at=item.due_at,
        after=after,
        quiet=rules.quiet,
        workdays=rules.workdays,
        now=now,
    )


async def start_reminders(
    tx: Transaction, settings: Settings, pushed: Sequence[tuple[int, int]], *, sent_at: datetime, now: datetime
) -> None:
    """The first round of deliveries that have just gone out: (delivery, item) of each."""
    items = await tx.items.many({item_id for _, item_id in pushed})
    for item in items.values():
        if item.require == Require.NONE or item.status != ItemStatus.PUBLISHED:
            continue
        first = next_round(settings.reminding, item, sent_at=sent_at, after=sent_at, now=now)
        if first is not None:
            ids = [d for d, item_id in pushed if item_id == item.id]
            if item.asks_since == 1:
                await tx.reminders.start(ids, *first)
            else:  # there were rounds about the words before
                await tx.reminders.start_again(tx.deliveries.open_among(ids), *first)


async def remind_again(
    tx: Transaction, settings: Settings, item: Item, sent: Mapping[int, datetime | None], now: datetime
) -> dict[int, datetime]:
    """Goes on reminding about deliveries (with when each was sent) that had been done or excused.

    Delivery → when the next round of the item's policy goes, for those that still get one.
    """
    if item.require == Require.NONE or not sent:
        return {}
    last = await tx.reminders.last_rounds(list(sent))
    still = {delivery_id: row.due_at for delivery_id, row in (await tx.reminders.open_of(list(sent))).items()}
    rounds = []
    for delivery_id, at in sent.items():
        if delivery_id in still:
            continue
        sent_at = at or (item.published_at if delivery_id in last else None)
        times = next_round(settings.reminding, item, sent_at=sent_at, after=now, now=now) if sent_at else None
        if times is not None:
            rounds.append((delivery_id, last.get(delivery_id, 0) + 1, *times))
    await tx.reminders.next_rounds(rounds)
    return still | {delivery_id: goes_at for delivery_id, _, goes_at, _ in rounds}


async def remind_due(tx: Transaction, settings: Settings, *, now: datetime, limit: int = 1000) -> int:
    """Everything whose time has come: one message to each member, the next rounds, in one commit.

    What is over is ended, what may not go now is put off. Returns how many rows were looked at.
    """
    due = await tx.reminders.due(now, limit)
    if not due:
        return 0
    standing = await tx.standing.of([row.delivery_id for row in due])
    over = [row for row in due if _is_over(standing[row.delivery_id])]
    await tx.reminders.set_state([row.id for row in over], ReminderState.ENDED)
    gone = {row.id for row in over}
    due = [row for row in due if row.id not in gone]
    items = await tx.items.many({row.item_id for row in due})
    due = await _present(tx, due, now)
    due = await _put_off_until_legal(tx, settings.reminding, due, items, now)
    due, _ = await _within_limits(tx, settings, due, now)
    await _remind(tx, settings, due, {row.id: row.due_at for row in due}, now)
    here("K12")
    return len(standing)


@dataclass(frozen=True, slots=True)
class Reminded:
    """What reminding by hand did. `waits_until`: it is quiet, the messages leave then."""

    queued: int
    at_limit: int
    out_of_reach: int
    waits_until: datetime | None


async def remind_now(
    tx: Transaction, settings: Settings, item: Item, *, actor_id: int | None, source: str, now: datetime
) -> Reminded:
    """Reminds the open members of an item, within their limits. Raises UserError when it may not be done now."""
    if item.status != ItemStatus.PUBLISHED:
        raise UserError("remind.not_published", number=item.id)
    if item.require == Require.NONE:
        raise UserError("remind.asks_nothing", number=item.id)
    last = await tx.audit.latest(f"item:{item.id}", "item.remind")
    if last is not None and now - last < AGAIN_AFTER:
        raise UserError("remind.too_soon", number=item.id, again=last + AGAIN_AFTER)
    reachable = await tx.lists.open_and_sent(item.id)
    out_of_reach = len(await tx.lists.open_ids(item.id)) - len(reachable)
    rows = await _present(tx, await _rows_for_now(tx, item, [delivery for delivery, _ in reachable], now), now)
    allowed, at_limit = await _within_limits(tx, settings, rows, now)
    quiet = settings.reminding.quiet
    asked_at = quiet.end_of_quiet(now) if quiet.is_quiet(now) else None
    await _remind(tx, settings, allowed, {row.id: asked_at for row in allowed if asked_at}, now)
    tx.audit.add(
        at=now,
        actor_id=actor_id,
        source=source,
        action="item.remind",
        subject=f"item:{item.id}",
        after=f"queued={len(allowed)} at_limit={at_limit}",
    )
    waits = quiet.end_of_quiet(now) if allowed and quiet.is_quiet(now) else None
    return Reminded(len(allowed), at_limit, out_of_reach, waits)


async def _rows_for_now(tx: Transaction, item: Item, delivery_ids: Sequence[int], now: datetime) -> list[DueReminder]:
    """The open reminder of each delivery; one that is due now is made for those that have none."""
    found = await tx.reminders.open_of(delivery_ids)
    missing = [d for d in delivery_ids if d not in found]
    if missing:
        last = await tx.reminders.last_rounds(missing)
        await tx.reminders.next_rounds([(d, last.get(d, 0) + 1, now, now) for d in missing])
        found = await tx.reminders.open_of(delivery_ids)
    return list(found.values())


def _is_over(state: Standing) -> bool:
    here = state.item == ItemStatus.PUBLISHED and state.member == MemberStatus.ACTIVE
    return not here or state.done or state.excused or state.require == Require.NONE


async def _present(tx: Transaction, due: Sequence[DueReminder], now: datetime) -> list[DueReminder]:
    """Those of members who are not on leave; the others are looked at again when it ends, and once a day until then.

    Once a day, because somebody may come back early.
    """
    away = await tx.leaves.away({row.member_id for row in due}, now)
    waiting: dict[datetime, list[int]] = {}
    for row in due:
        if row.member_id in away and row.due_at <= now:
            waiting.setdefault(min(away[row.member_id], now + LOOK_AGAIN), []).append(row.id)
    for at, ids in waiting.items():
        await tx.reminders.postpone(ids, at)
    return [row for row in due if row.member_id not in away]


async def _put_off_until_legal(
    tx: Transaction, rules: Reminding, due: Sequence[DueReminder], items: Mapping[int, Item], now: datetime
) -> list[DueReminder]:
    """Those that may go right now; the others wait for the end of quiet hours or the next workday, or are skipped."""
    ready = []
    for row in due:
        item = items[row.item_id]
        legal = shift(now, quiet=rules.quiet, workdays=rules.workdays, due_at=item.due_at, now=now)
        if legal is not None and legal <= now:
            ready.append(row)
        elif legal is not None:
            await tx.reminders.postpone([row.id], legal)
        else:
            await tx.reminders.set_state([row.id], ReminderState.SKIPPED)
    return ready


async def _within_limits(
    tx: Transaction, settings: Settings, due: Sequence[DueReminder], now: datetime
) -> tuple[list[DueReminder], int]:
    """Those whose members may get one more reminder; how many members may not. Their rows wait for the next day.

    Where an earlier reminder has not left yet, the rows wait for that: what was held up does not come in a heap.
    """
    rules, zone = settings.reminding, settings.texts.zone
    today = day_of(now, zone)
    midnight = instant_of(today, datetime.min.time(), zone)
    monday = instant_of(week_of(now, zone), datetime.min.time(), zone)
    sent = await tx.pacing.reminded_since({row.member_id for row in due}, midnight, monday)
    waiting = await tx.pacing.waiting_digests({row.member_id for row in due}, now)
    await tx.reminders.postpone([r.id for r in due if r.member_id in waiting and r.due_at <= now], now + AGAIN_AFTER)
    ready, limited = [], set(waiting)
    for row in due:
        if row.member_id in waiting:
            continue
        in_day, in_week = sent.get(row.member_id, (0, 0))
        if within_limits(sent_today=in_day, sent_this_week=in_week, daily=rules.daily, weekly=rules.weekly):
            ready.append(row)
            continue
        limited.add(row.member_id)
        day = next_allowed_day(today, sent_today=in_day, sent_this_week=in_week, daily=rules.daily, weekly=rules.weekly)
        if row.due_at <= now:
            again = instant_of(day, row.due_at.astimezone(zone).time(), zone)
            await tx.reminders.postpone([row.id], max(again, now + AGAIN_AFTER))
    return ready, len(limited)


def _first_due(open_items: Sequence[OpenItem], now: datetime) -> datetime | None:
    """When the first of them is due that still may be done in time."""
    return min((each.due_at for each in open_items if each.due_at is not None and each.due_at > now), default=None)


async def _remind(
    tx: Transaction, settings: Settings, rows: Sequence[DueReminder], moments: Mapping[int, datetime], now: datetime
) -> None:
    """One message to each member with everything they have open; what it carries, and the rounds after it.

    `moments`: reminder → when it comes to many at once, which is spread; those without one leave now.
    """
    if not rows:
        return
    members = {row.member_id for row in rows}
    open_items = await tx.lists.open_of_members(members)
    ends = instant_of(day_of(now, settings.texts.zone) + timedelta(days=1), datetime.min.time(), settings.texts.zone)
    listed = {o.delivery_id for of_member in open_items.values() for o in of_member}
    others = await tx.reminders.open_of(sorted(listed - {row.delivery_id for row in rows}))
    rows = [*rows, *(row for row in others.values() if row.due_at < ends)]
    leaves_at = {
        row.member_id: max(
            now, spread(moments[row.id], row.member_id, before=_first_due(open_items[row.member_id], now))
        )
        for row in rows
        if row.id in moments and row.member_id in open_items
    }
    carriers = await queue_digests(tx, settings, open_items, leaves_at, now)
    carried = [row for row in rows if row.member_id in carriers]
    await tx.reminders.carry([(row.id, carriers[row.member_id]) for row in carried])
    await tx.reminders.set_state([r.id for r in rows if r.member_id not in carriers], ReminderState.SKIPPED)
    items = await tx.items.many({row.item_id for row in rows})
    following: dict[tuple[int, datetime], tuple[datetime, datetime] | None] = {}
    for row in rows:
        sent_at = row.sent_at or now
        key = (row.item_id, sent_at)
        if key not in following:
            following[key] = next_round(
                settings.reminding, items[row.item_id], sent_at=sent_at, after=max(row.moment, now), now=now
            )
    await tx.reminders.next_rounds(
        [
            (row.delivery_id, row.round + 1, *times)
            for row in rows
            if (times := following[row.item_id, row.sent_at or now]) is not None
        ]
    )
