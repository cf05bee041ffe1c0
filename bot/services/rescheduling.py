"""Moving what has not gone yet: one item, a plan's next occurrence, a plan's rule; skipping one, ending a plan."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.rules.repeat_words import is_repeating
from bot.rules.repeating import Occurrence
from bot.rules.times import Moment, read_time
from bot.services.access import Speaker
from bot.services.asking import AT_TIME, Ask
from bot.services.occurrences import keep_moved
from bot.services.plans import advance, coming, end, place
from bot.services.repeats import due_of, read_planned
from bot.services.settings import Settings
from storage.enums import ApprovalState, ItemStatus, PlanStatus
from storage.items import Item
from storage.plans import Plan
from storage.transaction import Transaction

SHOWN = 3
"""So many of the next occurrences are named."""
WAITING = (ItemStatus.DRAFT, ItemStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Moved:
    """When it goes now; `plan`: the plan whose next occurrence it is, the others stay where they are."""

    goes_at: datetime
    plan: Plan | None


async def move_item(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, words: str, *, source: str, now: datetime
) -> Moved:
    """Moves an item that has not gone yet. Raises UserError for what cannot be done."""
    if item.status not in WAITING:
        raise UserError("reschedule.gone", number=item.id)
    if is_repeating(words):
        raise UserError("reschedule.once", number=item.id)
    await _refuse_agreed(tx, item)
    plan = await tx.plans.of_item(item.id)
    before, goes_at = item.publish_at, _one_time(settings, words, now)
    moved = settings.reminding.quiet.end_of_quiet(goes_at)
    due_at = item.due_at if plan is None else await _times_of(tx, settings, plan, item, moved)
    if due_at is not None and due_at <= moved:
        raise UserError("reschedule.due", number=item.id, due=due_at, at=moved)
    done = await tx.items.change_status(
        item.id,
        [ItemStatus(item.status)],
        ItemStatus(item.status),
        publish_at=moved,
        due_at=due_at,
        timed=True,
        spread=moved != goes_at,
    )
    if not done:
        raise UserError("reschedule.gone", number=item.id)
    _audit(tx, who, source, "item.reschedule", f"item:{item.id}", str(before), str(moved), now)
    return Moved(moved, plan)


async def move_plan(
    tx: Transaction, settings: Settings, who: Speaker, plan: Plan, words: str, *, source: str, now: datetime
) -> list[Occurrence] | Moved:
    """A new rule, whose first occurrences are returned; or another time for the next occurrence alone."""
    item = await _next_item(tx, plan)
    if not is_repeating(words):
        return await move_item(tx, settings, who, item, words, source=source, now=now)
    await _refuse_agreed(tx, item)
    try:
        planned = read_planned(settings, {"at": words, "due": plan.due_words}, now=now)
    except Ask as ask:
        raise UserError(ask.key, **ask.params) from None
    if planned is None:
        raise UserError("reschedule.unclear", words=words[:40])
    before = plan.rule
    plan.rule, plan.starts_at = planned.rule.dump(), planned.first.moment
    try:
        await place(tx, settings, plan, item, planned.first)
    except Ask as ask:
        raise UserError(ask.key, **ask.params) from None
    _audit(tx, who, source, "plan.change", f"plan:{plan.id}", before, plan.rule, now)
    return [planned.first, *coming(settings, plan, after=planned.first.moment, most=SHOWN - 1)]


async def skip(
    tx: Transaction, settings: Settings, who: Speaker, plan: Plan, *, source: str, now: datetime
) -> tuple[datetime, Item | None]:
    """Leaves the next occurrence out: when it would have gone, and the item of the one after it, if there is one."""
    item = await _next_item(tx, plan)
    if not await tx.items.change_status(item.id, [ItemStatus.SCHEDULED], ItemStatus.DROPPED):
        raise UserError("plan.busy", number=plan.id)
    following = await advance(tx, settings, plan, item, now=now)
    _audit(tx, who, source, "plan.skip", f"plan:{plan.id}", f"item:{item.id}", None, now)
    return item.publish_at or now, following


async def cancel_plan(tx: Transaction, who: Speaker, plan: Plan, *, source: str, now: datetime) -> Item:
    """Ends the plan; what has gone out stays. Returns the item that will not go any more."""
    item = await _next_item(tx, plan)
    await tx.items.change_status(item.id, WAITING, ItemStatus.DROPPED)
    end(plan, PlanStatus.CANCELLED, now)
    _audit(tx, who, source, "plan.cancel", f"plan:{plan.id}", PlanStatus.ACTIVE, PlanStatus.CANCELLED, now)
    return item


async def _next_item(tx: Transaction, plan: Plan) -> Item:
    """The item of the next occurrence. Raises UserError when the plan is over."""
    item = await tx.items.get(plan.item_id)
    if plan.status != PlanStatus.ACTIVE or item is None:
        raise UserError("plan.is_over", number=plan.id)
    return item


async def _refuse_agreed(tx: Transaction, item: Item) -> None:
    """What a second person has agreed to is sent as they saw it, its time included, or not at all."""
    latest = await tx.approvals.latest(item.id)
    if item.status == ItemStatus.SCHEDULED and latest is not None and latest.state == ApprovalState.APPROVED:
        raise UserError("reschedule.agreed", number=item.id)


async def _times_of(tx: Transaction, settings: Settings, plan: Plan, item: Item, goes_at: datetime) -> datetime | None:
    """When it is due if it goes then; what its kind keeps of times moves with it."""
    try:
        item.publish_at, item.due_at = goes_at, due_of(settings, plan.due_words, goes_at)
        await keep_moved(tx, settings, plan, item, goes_at)
    except Ask as ask:
        raise UserError(ask.key, **ask.params) from None
    return item.due_at


def _one_time(settings: Settings, words: str, now: datetime) -> datetime:
    read = read_time(words, now=now, zone=settings.texts.zone, default=AT_TIME)
    if isinstance(read, Moment):
        return read.at
    if len(read.candidates) >= 2:
        first, second = (settings.texts.when(at, now) for at in read.candidates[:2])
        raise UserError("reschedule.which", words=words[:40], first=first, second=second)
    raise UserError(f"reschedule.{read.problem}", words=words[:40])


def _audit(
    tx: Transaction,
    who: Speaker,
    source: str,
    action: str,
    subject: str,
    before: str | None,
    after: str | None,
    now: datetime,
) -> None:
    tx.audit.add(
        at=now, actor_id=who.member_id, source=source, action=action, subject=subject, before=before, after=after
    )
