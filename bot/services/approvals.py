"""Second persons: when one has to agree before something is sent, who may, what they see, and what exactly they saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Button, Card, Text
from bot.services import corrections
from bot.services.access import ROSTER, Speaker
from bot.services.agreements import digest_of, number_of
from bot.services.previews import preview
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.approvals import Approval
from storage.enums import ApprovalState, Role
from storage.items import Item
from storage.transaction import Transaction
from storage.versions import Version

KIND = "approval"
"""The kind of message that asks a second person."""
AGAIN_AFTER = timedelta(days=1)
"""When those who may agree are asked once more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who may agree now. `already`: they were asked before."""

    names: Sequence[str]
    already: bool = False


async def needed(
    tx: Transaction, settings: Settings, item: Item, version: Version | None, who: Speaker, members: int
) -> bool:
    """Whether a second person has to agree first: above a size, or where a branch of the item or above is set so.

    Somebody else's confirmation than the author's is itself the second person's. What was agreed to needs it no more.
    """
    author_id = version.author_id if version else item.author_id
    if who.member_id != author_id:
        return False
    above = settings.publishing.approval_above
    if not (above and members > above):
        flagged = await tx.approvals.branches()
        if not flagged or item.branch_id not in await tx.branches.under(flagged):
            return False
    return not await tx.approvals.approved(item.id, number_of(version), await digest_of(tx, settings, item, version))


async def ask(
    tx: Transaction,
    settings: Settings,
    item: Item,
    version: Version | None,
    *,
    who: Speaker,
    source: str,
    now: datetime,
    in_the_morning: bool = False,
) -> Asked:
    """Asks everybody who may agree. Raises UserError with whom to ask when nobody but the author could."""
    digest = await digest_of(tx, settings, item, version)
    readers = await approvers(tx, settings, item, who.member_id)
    if not readers:
        admins = await tx.members.by_accounts(ROSTER, settings.administrators)
        names = [member.name for member in admins.values() if member.id != who.member_id]
        key = "approval.nobody" if names else "approval.nobody.at_all"
        raise UserError(key, number=item.id, names=settings.texts.list(names))
    named = [name for _, name in sorted((await tx.members.names(readers)).items())]
    waiting = await tx.approvals.waiting_for(item.id)
    if waiting is not None:
        if waiting.digest == digest and waiting.version == number_of(version):
            return Asked(named, already=True)
        await tx.approvals.decide(waiting.id, ApprovalState.TAKEN_BACK, decided_at=now)
    approval = Approval(
        item_id=item.id,
        version=number_of(version),
        state=ApprovalState.WAITING,
        digest=digest,
        in_the_morning=in_the_morning,
        asked_by=who.member_id,
        asked_at=now,
    )
    await tx.approvals.ask(approval)
    await _send(tx, settings, item, version, approval, readers, "approval.ask", now)
    audit(tx, item, who.member_id, source, "item.approval.ask", f"approval:{approval.id} {digest[:12]}", now)
    return Asked(named)


async def approvers(tx: Transaction, settings: Settings, item: Item, author_id: int) -> list[int]:
    """Those with a secretary's rights over the item's branch, the administrators included, the author not."""
    branch = await tx.branches.get_by_id(item.branch_id)
    above = {int(step) for step in branch.path.strip("/").split("/")}
    found = set(await tx.holders.active(Role.SECRETARY, above))
    found |= {member.id for member in (await tx.members.by_accounts(ROSTER, settings.administrators)).values()}
    return sorted(await tx.members.user_ids(found - {author_id}, ROSTER))


async def remind_due(tx: Transaction, settings: Settings, now: datetime, limit: int) -> int:
    """Asks once more about what has waited for a day, not while it is quiet; how many there were."""
    if settings.reminding.quiet.is_quiet(now):
        return 0
    due = await tx.approvals.to_remind(now - AGAIN_AFTER, limit)
    for approval in due:
        approval.reminded_at = now
        item = await tx.items.get(approval.item_id)
        if item is None:
            continue
        version = await tx.versions.get(item.id, approval.version) if approval.version > 1 else None
        readers = await approvers(tx, settings, item, approval.asked_by)
        await _send(tx, settings, item, version, approval, readers, "approval.ask_again", now)
    return len(due)


async def take_back(tx: Transaction, settings: Settings, item: Item, now: datetime) -> bool:
    """The author takes the question back; those who were asked hear it. Whether there was one."""
    waiting = await tx.approvals.waiting_for(item.id)
    if waiting is None or not await tx.approvals.decide(waiting.id, ApprovalState.TAKEN_BACK, decided_at=now):
        return False
    readers = await approvers(tx, settings, item, waiting.asked_by)
    words = Text(settings.texts.say("approval.taken_back", number=item.id, title=item.title))
    await tell(tx, settings.roads, readers, words, kind=KIND, subject=f"{waiting.id}:end", now=now)
    return True


def buttons(settings: Settings, approval: Approval) -> tuple[Button, ...]:
    """同意 and 退回, for this question and no other."""
    say = settings.texts.say
    return (
        Button(say("approval.button.approve"), action=f"approve:{approval.id}", primary=True),
        Button(say("approval.button.return"), action=f"return:{approval.id}"),
    )


async def card_of(
    tx: Transaction, settings: Settings, item: Item, version: Version | None, approval: Approval, now: datetime
) -> tuple[Card, str]:
    """What the author saw, with other buttons; and the words that go before it, "" for none."""
    pressed = buttons(settings, approval)
    if version is not None:
        seen = await corrections.preview(tx, settings, item, version, now=now, buttons=pressed)
        how = settings.texts.say("correction.button.major" if version.major else "correction.button.minor")
        title = settings.texts.say("approval.title.correction", number=item.id, title=item.title, how=how)
        return replace(seen.card, title=title), seen.words
    shown = await preview(tx, settings, item, now=now, platform=settings.roads.private, in_group=False, buttons=pressed)
    title = settings.texts.say("approval.title", number=item.id, title=item.title)
    return replace(shown.card, title=title), shown.words


async def _send(
    tx: Transaction,
    settings: Settings,
    item: Item,
    version: Version | None,
    approval: Approval,
    readers: Sequence[int],
    key: str,
    now: datetime,
) -> None:
    card, words = await card_of(tx, settings, item, version, approval, now)
    author = (await tx.members.names([approval.asked_by])).get(approval.asked_by, "")
    intro = settings.texts.say(key, name=author, number=item.id, at=approval.asked_at)
    before = Text("\n".join(part for part in (intro, words) if part))
    times = "again" if approval.reminded_at else "first"
    await tell(tx, settings.roads, readers, before, kind=KIND, subject=f"{approval.id}:{times}:words", now=now)
    await tell(tx, settings.roads, readers, card, kind=KIND, subject=f"{approval.id}:{times}:card", now=now)


def audit(tx: Transaction, item: Item, actor: int | None, source: str, action: str, after: str, now: datetime) -> None:
    """One line about an approval."""
    tx.audit.add(at=now, actor_id=actor, source=source, action=action, subject=f"item:{item.id}", after=after)
