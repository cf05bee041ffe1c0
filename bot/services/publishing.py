"""From a draft to an item that will go out: confirm, take back within the undo window, drop."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import UserError
from bot.services import approvals, plans
from bot.services.access import ROSTER, Speaker
from bot.services.approvals import Asked
from bot.services.attachments import refuse_unfinished
from bot.services.budgets import check_budget
from bot.services.drafting import needs_code, new_code
from bot.services.settings import Settings
from bot.services.snoozing import next_morning
from bot.services.vigilance import refuse_too_many, tell_author, tell_colleagues
from storage.audiences import Audience
from storage.enums import ItemStatus, PlanStatus, Role
from storage.items import Item
from storage.plans import Plan
from storage.transaction import Transaction

AUDIENCE_MAY_DIFFER = (10, 0.05)
"""When more members than this, or a larger share, have changed since the preview, it is shown again."""

MOST_DRAFTS = 20


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`recounted`: the audience has changed, nothing was confirmed, the preview has to be seen again.

    `plan` is the number of the plan whose next occurrence it is; `asked` are those one of whom has to agree first.
    """

    publish_at: datetime
    recounted: bool = False
    plan: int | None = None
    asked: Asked | None = None


def differs(before: int, now: int) -> bool:
    """Whether an audience has changed so much that its count has to be seen again."""
    return abs(now - before) > min(AUDIENCE_MAY_DIFFER[0], before * AUDIENCE_MAY_DIFFER[1])


async def confirm(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    item: Item,
    *,
    code: str,
    source: str,
    now: datetime,
    in_the_morning: bool = False,
) -> Confirmation:
    """Confirms a draft: from now on it will go out. Raises UserError with what is missing."""
    if item.status in (ItemStatus.SCHEDULED, ItemStatus.PUBLISHED):
        raise UserError("confirm.already", number=item.id)
    if item.status != ItemStatus.DRAFT:
        raise UserError("confirm.over", number=item.id)
    if not who.administrator and item.branch_id not in who.branches(Role.SECRETARY):
        raise UserError("item.absent", number=item.id)
    plan = await tx.plans.of_item(item.id)
    if plan is not None:
        await plans.realign(tx, settings, plan, item, now=now)
    if item.due_at is not None and item.due_at <= now:
        raise UserError("confirm.due_passed", number=item.id, due=item.due_at)
    await refuse_unfinished(tx, item)
    await refuse_too_many(tx, who, now=now)
    if item.code and code != item.code:
        key = "confirm.wrong_code" if code else "confirm.code_morning" if in_the_morning else "confirm.code"
        raise UserError(key, number=item.id, code=item.code, count=item.audience_size)
    size = (await tx.audiences.count(Audience.load(item.audience), ROSTER)).total
    if size == 0:
        raise UserError("confirm.nobody", number=item.id)
    if differs(item.audience_size, size):
        item.audience_size = size
        item.code = item.code or (new_code() if needs_code(settings, size) else "")
        return Confirmation(now, recounted=True)
    item.audience_size = size
    if await approvals.needed(tx, settings, item, None, who, size):
        asked = await approvals.ask(
            tx, settings, item, None, who=who, source=source, now=now, in_the_morning=in_the_morning
        )
        return Confirmation(now, asked=asked)
    done = await schedule(
        tx, settings, item, actor_id=who.member_id, source=source, now=now, in_the_morning=in_the_morning
    )
    await tell_colleagues(tx, settings, item, done.publish_at, actor_id=who.member_id, now=now)
    return done


async def schedule(
    tx: Transaction,
    settings: Settings,
    item: Item,
    *,
    actor_id: int,
    source: str,
    now: datetime,
    in_the_morning: bool,
) -> Confirmation:
    """Its undo window begins, or the wait for its time. Raises UserError when it is no draft any more."""
    plan = await tx.plans.of_item(item.id)
    undo_until = now + settings.publishing.undo_window
    publish_at = max(item.publish_at, undo_until) if item.publish_at else undo_until
    if in_the_morning and plan is None:
        publish_at = max(next_morning(settings, now), undo_until)
    await check_budget(tx, settings, item.audience_size, publish_at, now=now)
    done = await tx.items.change_status(
        item.id,
        [ItemStatus.DRAFT],
        ItemStatus.SCHEDULED,
        confirmed_at=now,
        publish_at=publish_at,
        timed=in_the_morning or (item.timed and publish_at > undo_until),
        spread=item.spread or (in_the_morning and plan is None),
    )
    if not done:
        raise UserError("confirm.already", number=item.id)
    if plan is not None:
        plan.status = PlanStatus.ACTIVE
    _audit(tx, item, actor_id, source, "item.confirm", ItemStatus.DRAFT, f"{ItemStatus.SCHEDULED} {publish_at}", now)
    return Confirmation(publish_at, plan=plan.id if plan else None)


async def drafts_meant(tx: Transaction, who: Speaker, number: int | None, *, since: datetime) -> list[Item]:
    """The item of that number, if it is the speaker's own, or any for an administrator; none when there is no such.

    Without a number their drafts made after `since`, newest first: older ones are not meant by a bare word.
    """
    if not who.may(Role.SECRETARY):
        return []
    if number is None:
        waiting = await tx.items.unpublished_of(who.member_id, MOST_DRAFTS)
        return [item for item in waiting if item.status == ItemStatus.DRAFT and item.created_at >= since]
    item = await tx.items.get(number)
    return [item] if item is not None and (item.author_id == who.member_id or who.administrator) else []


async def undo(tx: Transaction, settings: Settings, who: Speaker, item: Item, *, source: str, now: datetime) -> None:
    """Takes a confirmed item back before its push began: it is a draft again and nobody has seen it.

    While it waits for a second person, the question is taken back.
    """
    if item.status == ItemStatus.DRAFT and await approvals.take_back(tx, settings, item, now):
        _audit(tx, item, who.member_id, source, "item.undo", "approval", ItemStatus.DRAFT, now)
        return
    publish_at = item.publish_at if item.timed and item.publish_at and item.publish_at > now else None
    done = await tx.items.change_status(
        item.id,
        [ItemStatus.SCHEDULED],
        ItemStatus.DRAFT,
        confirmed_at=None,
        publish_at=publish_at,
        timed=publish_at is not None,
    )
    if not done:
        raise UserError("undo.too_late" if item.status == ItemStatus.PUBLISHED else "undo.nothing", number=item.id)
    if plan := await tx.plans.of_item(item.id):
        plan.status = PlanStatus.DRAFT
    _audit(tx, item, who.member_id, source, "item.undo", ItemStatus.SCHEDULED, ItemStatus.DRAFT, now)
    await tell_author(tx, settings, item, actor_id=who.member_id, now=now)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`plan`: the plan that it belonged to; `following`: its next occurrence, None when the plan is over, too."""

    plan: Plan | None
    following: Item | None


async def cancel(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, *, source: str, now: datetime
) -> Cancelled:
    """Drops a draft, or what was confirmed for a later time, for good. Of a plan only this occurrence."""
    before = item.status
    in_time = item.timed and item.publish_at is not None and item.publish_at > now
    states = [ItemStatus.DRAFT, *([ItemStatus.SCHEDULED] if in_time else [])]
    if not await tx.items.change_status(item.id, states, ItemStatus.DROPPED):
        key = {ItemStatus.SCHEDULED: "cancel.scheduled", ItemStatus.PUBLISHED: "cancel.published"}
        raise UserError(key.get(ItemStatus(item.status), "cancel.over"), number=item.id)
    await approvals.take_back(tx, settings, item, now)
    _audit(tx, item, who.member_id, source, "item.cancel", before, ItemStatus.DROPPED, now)
    plan = await tx.plans.of_item(item.id)
    if plan is None:
        return Cancelled(None, None)
    if plan.status == PlanStatus.DRAFT:
        plans.end(plan, PlanStatus.CANCELLED, now)
        return Cancelled(plan if plan.sent else None, None)
    return Cancelled(plan, await plans.advance(tx, settings, plan, item, now=now))


def _audit(
    tx: Transaction, item: Item, actor: int, source: str, action: str, before: str, after: str, now: datetime
) -> None:
    tx.audit.add(
        at=now, actor_id=actor, source=source, action=action, subject=f"item:{item.id}", before=before, after=after
    )
