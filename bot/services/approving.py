"""The second person decides: the first one wins, and what they agreed to is what is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.errors import UserError
from bot.message import Card, Text
from bot.rules.text import cut_chars
from bot.services import amending, approvals, publishing
from bot.services.access import ROSTER, Speaker, absent
from bot.services.agreements import digest_of
from bot.services.approvals import KIND, audit
from bot.services.previews import settled
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.approvals import Approval
from storage.audiences import Audience
from storage.enums import ApprovalState, Role
from storage.items import Item
from storage.transaction import Transaction
from storage.versions import Version

LONGEST_REASON = 200
"""Characters; the column holds no more."""
Question = Approval
"""What waits for a second person."""


class Result(StrEnum):
    APPROVED = "approved"
    CHANGED = "changed"
    """What would be sent is not what was shown: the author has to ask again."""
    RECOUNTED = "recounted"
    """The roster has changed since: the card has to be seen again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of it; `members` will get it at `publish_at`."""

    result: Result
    item: Item
    publish_at: datetime
    members: int = 0
    others: Sequence[str] = ()
    """The accounts of the others who were asked: their cards change, too."""


async def question(tx: Transaction, who: Speaker, number: int) -> tuple[Item, Question]:
    """What waits about this item for a second person. Raises UserError with why there is nothing to decide."""
    item = await tx.items.get(number)
    if item is None or not may_decide(who, item):
        raise absent(number)
    waiting = await tx.approvals.waiting_for(number)
    if waiting is None:
        await _explain(tx, item, await tx.approvals.latest(number))
        raise UserError("approval.nothing", number=number)
    if waiting.asked_by == who.member_id:
        raise UserError("approval.own", number=number)
    return item, waiting


async def question_pressed(tx: Transaction, who: Speaker, approval_id: int) -> tuple[Item, Question]:
    """The same for a button; a card about an earlier question decides nothing about a later one."""
    pressed = await tx.approvals.get(approval_id)
    if pressed is None:
        raise absent(0)
    item = await tx.items.get(pressed.item_id)
    if item is None or not may_decide(who, item):
        raise absent(pressed.item_id)
    if pressed.state != ApprovalState.WAITING:
        await _explain(tx, item, pressed)
    return await question(tx, who, pressed.item_id)


def may_decide(who: Speaker, item: Item) -> bool:
    """Whether this person has a secretary's rights over the item's branch."""
    return who.administrator or item.branch_id in who.branches(Role.SECRETARY)


async def waiting_for(tx: Transaction, who: Speaker) -> list[tuple[Item, Question]]:
    """Everything that this person may decide about, the oldest first."""
    found = []
    for approval in await tx.approvals.all_waiting():
        item = await tx.items.get(approval.item_id)
        if item is not None and approval.asked_by != who.member_id and may_decide(who, item):
            found.append((item, approval))
    return found


async def _explain(tx: Transaction, item: Item, approval: Approval | None) -> None:
    """Raises UserError with how it was decided before, if it was."""
    if approval is None or approval.state == ApprovalState.WAITING:
        return
    by = approval.decided_by or approval.asked_by
    name = (await tx.members.names([by])).get(by, "")
    raise UserError(f"approval.was.{approval.state}", number=item.id, name=name, at=approval.decided_at)


async def approve(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, approval: Question, *, source: str, now: datetime
) -> Decided:
    """Agrees: the item's undo window begins. Raises UserError when somebody was faster, or its time has passed."""
    version = await tx.versions.get(item.id, approval.version) if approval.version > 1 else None
    if await digest_of(tx, settings, item, version) != approval.digest:
        await tx.approvals.decide(approval.id, ApprovalState.TAKEN_BACK, decided_at=now)
        await _tell_author(tx, settings, item, approval, "approval.told.changed", now)
        return Decided(Result.CHANGED, item, now)
    due_at = version.due_at if version else item.due_at
    if due_at is not None and due_at <= now:
        raise UserError("confirm.due_passed", number=item.id, due=due_at)
    if version is None:
        size = (await tx.audiences.count(Audience.load(item.audience), ROSTER)).total
        if publishing.differs(item.audience_size, size):
            item.audience_size = size
            return Decided(Result.RECOUNTED, item, now, size)
    decided = await tx.approvals.decide(approval.id, ApprovalState.APPROVED, decided_by=who.member_id, decided_at=now)
    if not decided:
        raise UserError("approval.nothing", number=item.id)
    audit(tx, item, who.member_id, source, "item.approve", f"approval:{approval.id} {approval.digest[:12]}", now)
    publish_at, members = await _schedule(tx, settings, item, version, approval, source, now)
    await _tell_author(tx, settings, item, approval, "approval.told.approved", now, name=who.name, at=publish_at)
    others = await _tell_others(tx, settings, item, approval, who, "approval.others.approved", now)
    return Decided(Result.APPROVED, item, publish_at, members, others)


async def _schedule(
    tx: Transaction,
    settings: Settings,
    item: Item,
    version: Version | None,
    approval: Approval,
    source: str,
    now: datetime,
) -> tuple[datetime, int]:
    if version is not None:
        done = await amending.schedule(tx, settings, version, actor_id=approval.asked_by, source=source, now=now)
        return done.publish_at, done.readers
    confirmation = await publishing.schedule(
        tx, settings, item, actor_id=approval.asked_by, source=source, now=now, in_the_morning=approval.in_the_morning
    )
    return confirmation.publish_at, item.audience_size


async def send_back(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    item: Item,
    approval: Question,
    reason: str,
    *,
    source: str,
    now: datetime,
) -> Sequence[str]:
    """Does not agree: it stays a draft, and its author hears why; the accounts of the others who were asked."""
    reason = cut_chars(reason, LONGEST_REASON)
    decided = await tx.approvals.decide(
        approval.id, ApprovalState.RETURNED, decided_by=who.member_id, decided_at=now, reason=reason
    )
    if not decided:
        raise UserError("approval.nothing", number=item.id)
    audit(tx, item, who.member_id, source, "item.return", f"approval:{approval.id} {reason}", now)
    await _tell_author(tx, settings, item, approval, "approval.told.returned", now, name=who.name, reason=reason)
    return await _tell_others(tx, settings, item, approval, who, "approval.others.returned", now)


async def decided_card(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, approval: Question, *, agreed: bool, now: datetime
) -> Card:
    """The card that asked, on every phone: who decided, and nothing to decide any more."""
    version = await tx.versions.get(item.id, approval.version) if approval.version > 1 else None
    card, _ = await approvals.card_of(tx, settings, item, version, approval, now)
    say, how = settings.texts.say, "approved" if agreed else "returned"
    title = say(f"approval.title.{how}", name=who.name, number=item.id, title=item.title)
    action = f"{'approve' if agreed else 'return'}:{approval.id}"
    return settled(replace(card, title=title), say(f"card.done.{how}"), action)


async def _tell_author(
    tx: Transaction, settings: Settings, item: Item, approval: Approval, key: str, now: datetime, **params: object
) -> None:
    words = Text(settings.texts.say(key, number=item.id, title=item.title, **params))
    subject = f"{approval.id}:author"
    await tell(tx, settings.roads, [approval.asked_by], words, kind=KIND, subject=subject, now=now)


async def _tell_others(
    tx: Transaction, settings: Settings, item: Item, approval: Approval, who: Speaker, key: str, now: datetime
) -> Sequence[str]:
    """Those who were asked, too, need not look any more; their accounts."""
    readers = [r for r in await approvals.approvers(tx, settings, item, approval.asked_by) if r != who.member_id]
    words = Text(settings.texts.say(key, number=item.id, title=item.title, name=who.name))
    await tell(tx, settings.roads, readers, words, kind=KIND, subject=f"{approval.id}:end", now=now)
    return sorted((await tx.members.user_ids(readers, ROSTER)).values())
