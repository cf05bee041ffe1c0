"""What is planned, in words: a rule, its first occurrences for the preview, and the list of all that is to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.repeating import Every, Occurrence, Repeat
from bot.services.access import Speaker
from bot.services.plans import coming
from bot.services.repeats import rule_of
from bot.services.settings import Settings
from bot.texts import Texts
from storage.enums import ItemStatus, Role
from storage.items import Item
from storage.plans import Plan
from storage.transaction import Transaction

MOST = 20
FIRST = 3
LOOKED_AT = 60
"""Occurrences among which those are looked for that do not go when the rule says."""
MOST_SHIFTS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: an item that goes at a chosen time; `plan` where it is the next of several."""

    item: Item
    plan: Plan | None


async def agenda(tx: Transaction, who: Speaker) -> tuple[list[Entry], bool]:
    """The next first, and whether there are more: one's own items, and the plans of the branches one answers for."""
    plans = await tx.plans.active(who.member_id, who.branches(Role.SECRETARY), MOST + 1)
    waiting = [item for item in await tx.items.unpublished_of(who.member_id, MOST + 1) if item.timed]
    of_plans = await tx.items.many(plan.item_id for plan in plans)
    entries = {plan.item_id: Entry(of_plans[plan.item_id], plan) for plan in plans}
    for item in waiting:
        if item.status == ItemStatus.SCHEDULED and item.id not in entries:
            entries[item.id] = Entry(item, None)
    ordered = sorted(
        entries.values(), key=lambda entry: (entry.item.publish_at or entry.item.created_at, entry.item.id)
    )
    return ordered[:MOST], len(ordered) > MOST


def in_words(texts: Texts, rule: Repeat, now: datetime) -> str:
    """`每周一、周四 09:00，到 12月31日（周四）`."""
    names = [texts.say(f"plan.weekday_{day}") for day in rule.days] if rule.every is Every.WEEK else []
    days = texts.list(names or [texts.say("plan.day_of_month", day=day) for day in rule.days])
    key = f"plan.every.{rule.every}" if rule.interval == 1 else f"plan.every_n.{rule.every}"
    words = texts.say(key, days=days, n=rule.interval, at=f"{rule.at:%H:%M}")
    if rule.until is not None:
        words += texts.say("plan.until", day=texts.day(rule.until, now))
    if rule.times is not None:
        words += texts.say("plan.times", n=rule.times)
    return words


async def plan_notes(tx: Transaction, settings: Settings, item: Item, now: datetime) -> list[str]:
    """What the preview of a draft says of its plan: the rule, the first times, what is moved, how long it runs."""
    plan = await tx.plans.of_item(item.id)
    if plan is None or item.publish_at is None:
        return []
    texts, rule = settings.texts, rule_of(plan)
    found = coming(settings, plan, after=plan.moment - timedelta(microseconds=1), most=LOOKED_AT)
    lines = [texts.say("plan.note.rule", rule=in_words(texts, rule, now))]
    lines.append(texts.say("plan.note.first", days=times_of(texts, found[:FIRST], now)))
    lines += shifts_of(texts, found, now)
    if len(found) < LOOKED_AT:
        lines.append(texts.say("plan.note.last", n=len(found), at=texts.when(found[-1].goes_at, now)))
    else:
        lines.append(texts.say("plan.note.endless") if rule.until is None else texts.say("plan.note.many"))
    if plan.due_words:
        lines.append(texts.say("plan.note.due", words=plan.due_words))
    return lines


def times_of(texts: Texts, found: Sequence[Occurrence], now: datetime) -> str:
    """`11月30日（周一）09:00、12月7日（周一）09:00`."""
    return texts.list([texts.when(each.goes_at, now) for each in found])


def shifts_of(texts: Texts, found: Sequence[Occurrence], now: datetime) -> list[str]:
    """What does not go when the rule says, why, and when it goes instead."""
    moved = [each for each in found if each.moved is not None]
    lines = [
        texts.say(f"plan.note.{each.moved}", moment=texts.when(each.moment, now), at=texts.when(each.goes_at, now))
        for each in moved[:MOST_SHIFTS]
    ]
    if len(moved) > MOST_SHIFTS:
        lines.append(texts.say("plan.note.more_moved", n=len(moved) - MOST_SHIFTS))
    return lines
