"""Items that come again: what becomes of each occurrence when its time has come."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from bot.errors import UserError
from bot.message import Text
from bot.rules.repeating import Moved, Occurrence, next_occurrence, occurrences
from bot.rules.wall_clock import day_of
from bot.services.access import ROSTER, speaker
from bot.services.agreements import agreed_to, goes_on
from bot.services.asking import Ask
from bot.services.attachments import carry_over
from bot.services.kinds import kind_of
from bot.services.occurrences import keep_moved, keep_next, read_own, written_of
from bot.services.repeats import Planned, due_of, rule_of
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.audiences import Audience
from storage.enums import ItemStatus, MemberStatus, PlanStatus, Role
from storage.items import Item
from storage.plans import Plan
from storage.transaction import Transaction

GRACE = timedelta(hours=6)
"""How late an occurrence may still go, after a restart or a night of a sleeping machine."""
MOST_MISSED = 1000
_COPIED = (
    *("kind", "title", "body", "link", "require", "author_id", "branch_id", "audience", "audience_size", "policy"),
    "occasion",
)


def coming(settings: Settings, plan: Plan, *, after: datetime, most: int) -> list[Occurrence]:
    """The next occurrences whose moments are later than `after`."""
    zone, rule = settings.texts.zone, rule_of(plan)
    found = occurrences(
        rule,
        start=day_of(plan.starts_at, zone),
        zone=zone,
        calendar=settings.calendar,
        quiet=settings.reminding.quiet,
    )
    return list(islice((each for each in found if each.moment > after), most))


def _fits(settings: Settings, plan: Plan, item: Item, occurrence: Occurrence) -> bool:
    """Whether the times that were written can be read as of this occurrence."""
    try:
        due_at = due_of(settings, plan.due_words, occurrence.goes_at)
        probe = Item(kind=item.kind, publish_at=occurrence.goes_at, due_at=due_at)
        read_own(settings, kind_of(item), written_of(plan), probe, occurrence.goes_at)
    except Ask:
        return False
    return True


async def keep(tx: Transaction, item: Item, planned: Planned, own: Mapping[str, str], *, now: datetime) -> None:
    """Stores the plan of a draft: as long as nobody has confirmed that, it is a draft, too.

    `own` is what was written of its kind's own fields.
    """
    tx.plans.add(
        Plan(
            status=PlanStatus.DRAFT,
            author_id=item.author_id,
            branch_id=item.branch_id,
            rule=planned.rule.dump(),
            starts_at=planned.first.moment,
            due_words=planned.due_words,
            own=json.dumps(dict(own), ensure_ascii=False) if own else None,
            item_id=item.id,
            moment=planned.first.moment,
            sent=0,
            created_at=now,
        )
    )
    await tx.flush()


async def place(tx: Transaction, settings: Settings, plan: Plan, item: Item, occurrence: Occurrence) -> None:
    """The item, which is not out, stands for this occurrence from now on. Raises Ask for times that do not fit it."""
    _put(settings, plan, item, occurrence)
    await keep_moved(tx, settings, plan, item, occurrence.goes_at)


def _put(settings: Settings, plan: Plan, item: Item, occurrence: Occurrence) -> None:
    plan.moment = occurrence.moment
    item.publish_at = occurrence.goes_at
    item.due_at = due_of(settings, plan.due_words, occurrence.goes_at)
    item.timed = True
    item.spread = occurrence.moved is Moved.QUIET


async def realign(tx: Transaction, settings: Settings, plan: Plan, item: Item, *, now: datetime) -> None:
    """A draft that waited too long to be confirmed begins with what still lies ahead. Raises UserError for nothing."""
    if item.publish_at is not None and item.publish_at > now:
        return
    ahead = next(
        (each for each in coming(settings, plan, after=plan.moment, most=MOST_MISSED) if each.goes_at > now), None
    )
    if ahead is None:
        raise UserError("plan.over", number=item.id)
    await place(tx, settings, plan, item, ahead)


async def advance(tx: Transaction, settings: Settings, plan: Plan, item: Item, *, now: datetime) -> Item | None:
    """The item of the next occurrence, scheduled; None when there is none and the plan is over.

    Whoever agreed to the words of this one has agreed to the next, as long as they are the same.
    """
    agreed = await agreed_to(tx, settings, item)
    following = _next(settings, plan, plan.moment)
    if following is None or not _fits(settings, plan, item, following):
        end(plan, PlanStatus.ENDED if following is None else PlanStatus.STOPPED, now)
        if following is not None:
            await _tell(tx, settings, plan, [plan.author_id], "unclear", now, title=item.title)
        return None
    copied = Item(**{name: getattr(item, name) for name in _COPIED})
    copied.status, copied.created_at, copied.confirmed_at = ItemStatus.SCHEDULED, now, now
    _put(settings, plan, copied, following)
    tx.items.add(copied)
    await tx.flush()
    await carry_over(tx, item, copied, now=now)
    plan.item_id = copied.id
    await keep_next(tx, settings, plan, copied, following.goes_at)
    await goes_on(tx, agreed, settings, copied, now=now)
    return copied


def end(plan: Plan, status: PlanStatus, now: datetime) -> None:
    """Nothing comes of this plan any more."""
    plan.status, plan.ended_at = status, now


async def may_go(tx: Transaction, settings: Settings, plan: Plan, item: Item, *, now: datetime) -> bool:
    """Whether the occurrence whose time has come is sent now; what was missed is skipped and told."""
    if not await _is_answered_for(tx, settings, plan):
        end(plan, PlanStatus.STOPPED, now)
        await tx.items.change_status(item.id, [ItemStatus.SCHEDULED], ItemStatus.DROPPED)
        await _tell(tx, settings, plan, await _secretaries(tx, plan), "stopped", now, title=item.title)
        _audit(tx, plan, "plan.stop", item, now)
        return False
    agreed = await agreed_to(tx, settings, item)
    missed = [item.publish_at or now]
    following = [each for each in coming(settings, plan, after=plan.moment, most=MOST_MISSED) if each.goes_at <= now]
    if following and _fits(settings, plan, item, following[-1]):
        missed += [each.goes_at for each in following]
        await place(tx, settings, plan, item, following[-1])
        await goes_on(tx, agreed, settings, item, now=now)
    late = now - (item.publish_at or now) > GRACE
    nobody = not late and (await tx.audiences.count(Audience.load(item.audience), ROSTER)).total == 0
    if not late:
        missed.pop()
    if late or nobody:
        following_one = _next(settings, plan, plan.moment)
        if following_one is None or not _fits(settings, plan, item, following_one):
            end(plan, PlanStatus.ENDED, now)
            await tx.items.change_status(item.id, [ItemStatus.SCHEDULED], ItemStatus.DROPPED)
        else:
            await place(tx, settings, plan, item, following_one)
            await goes_on(tx, agreed, settings, item, now=now)
    if missed:
        days = settings.texts.list([settings.texts.when(each, now) for each in missed], 5)
        params = {"title": item.title, "n": len(missed), "days": days}
        await _tell(tx, settings, plan, [plan.author_id], "skipped", now, **params)
        _audit(tx, plan, "plan.missed", item, now, after=str(len(missed)))
    if nobody:
        await _tell(tx, settings, plan, [plan.author_id], "nobody", now, title=item.title)
    return not (late or nobody)


async def went_out(tx: Transaction, settings: Settings, plan: Plan, item: Item, *, now: datetime) -> None:
    """The occurrence is out: its author gets one line, and the next one is scheduled."""
    plan.sent += 1
    following = await advance(tx, settings, plan, item, now=now)
    params = {"n": plan.sent, "number": item.id, "title": item.title, "count": item.audience_size}
    if following is None or following.publish_at is None:
        await _tell(tx, settings, plan, [plan.author_id], "went_out_last", now, **params)
    else:
        at = settings.texts.when(following.publish_at, now)
        await _tell(tx, settings, plan, [plan.author_id], "went_out", now, at=at, next=following.id, **params)


def _next(settings: Settings, plan: Plan, after: datetime) -> Occurrence | None:
    zone = settings.texts.zone
    return next_occurrence(
        rule_of(plan),
        after=after,
        start=day_of(plan.starts_at, zone),
        zone=zone,
        calendar=settings.calendar,
        quiet=settings.reminding.quiet,
    )


async def _is_answered_for(tx: Transaction, settings: Settings, plan: Plan) -> bool:
    """Whether the author is still here and may still publish for the branch."""
    author = await tx.members.get(plan.author_id)
    if author is None or author.status != MemberStatus.ACTIVE:
        return False
    user_id = (await tx.members.user_ids([author.id], ROSTER)).get(author.id, "")
    who = await speaker(tx, author, user_id, settings.administrators)
    return who.administrator or plan.branch_id in who.branches(Role.SECRETARY)


async def _secretaries(tx: Transaction, plan: Plan) -> Sequence[int]:
    """Those of the branch; where it has none, of the nearest branch above that has."""
    path = (await tx.branches.get_by_id(plan.branch_id)).path
    for branch_id in reversed([int(part) for part in path.strip("/").split("/")]):
        if found := await tx.holders.active(Role.SECRETARY, {branch_id}):
            return sorted(found)
    return []


async def _tell(
    tx: Transaction,
    settings: Settings,
    plan: Plan,
    members: Sequence[int],
    what: str,
    now: datetime,
    **params: object,
) -> None:
    words = settings.texts.say(f"plan.told.{what}", plan=plan.id, **params)
    subject = f"{plan.id}:{what}:{now.isoformat()}"
    await tell(tx, settings.roads, members, Text(words), kind="plan", subject=subject, now=now)


def _audit(tx: Transaction, plan: Plan, action: str, item: Item, now: datetime, after: str | None = None) -> None:
    subject = f"plan:{plan.id}"
    tx.audit.add(
        at=now, actor_id=None, source="clock", action=action, subject=subject, before=f"item:{item.id}", after=after
    )
