"""An item whose time has come: into the outbox for every member, and into the groups. All items leave by this door."""

from datetime import datetime

from bot.message import Message, Text, dump
from bot.services import agreements, events, plans
from bot.services.access import ROSTER
from bot.services.acknowledgements import group_cards
from bot.services.attachments import files_of
from bot.services.cards import item_card, whole_text
from bot.services.helping import tell_helpers
from bot.services.kinds import face_of
from bot.services.leaves import excuse_absent
from bot.services.pushes import push_to_each, said_to_each
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.audiences import Audience
from storage.enums import ItemStatus, PlanStatus, Priority
from storage.items import Item
from storage.messages import NewMessage
from storage.transaction import Transaction


async def publish_due(tx: Transaction, settings: Settings, item_id: int, *, now: datetime) -> bool:
    """Pushes an item that is confirmed and whose time has come; False when that is no longer so."""
    item = await tx.items.get(item_id)
    if item is None or item.status != ItemStatus.SCHEDULED or item.publish_at is None or item.publish_at > now:
        return False
    plan = await tx.plans.of_item(item.id)
    if plan is not None and not await plans.may_go(tx, settings, plan, item, now=now):
        return True
    if not await agreements.may_go(tx, settings, item, None):
        await back_to_draft(tx, settings, item, "approval.told.changed", "item.approval.void", now)
        return True
    branch = await tx.branches.get_name(item.branch_id)
    face = await face_of(tx, settings, item)
    card = item_card(settings.texts, settings.links, item, branch=branch, face=face)
    await push(tx, settings, item, message=card, now=now)
    if plan is not None:
        await plans.went_out(tx, settings, plan, item, now=now)
    return True


async def back_to_draft(tx: Transaction, settings: Settings, item: Item, key: str, action: str, now: datetime) -> None:
    """It does not go out by itself any more; its author hears why."""
    await tx.items.change_status(
        item.id, [ItemStatus.SCHEDULED], ItemStatus.DRAFT, confirmed_at=None, publish_at=None, timed=False
    )
    if plan := await tx.plans.of_item(item.id):
        plan.status = PlanStatus.DRAFT
    words = Text(settings.texts.say(key, number=item.id, title=item.title))
    subject = f"changed:{item.id}:{now.isoformat()}"
    await tell(tx, settings.roads, [item.author_id], words, kind="outcome", subject=subject, now=now)
    _audit(tx, item, action, ItemStatus.DRAFT, now)


async def push(tx: Transaction, settings: Settings, item: Item, *, message: Message, now: datetime) -> None:
    """Freezes the audience, queues one message for each member and each bound group."""
    if not await tx.items.change_status(item.id, [ItemStatus.SCHEDULED], ItemStatus.PUBLISHED, published_at=now):
        return
    audience = Audience.load(item.audience)
    async with tx.at_length(item.audience_size):
        item.audience_size = await tx.deliveries.create(item, audience, ROSTER)
    await excuse_absent(tx, settings, item, now=now)
    for kind, body in await said_to_each(tx, settings, item, message):
        spread_from = item.publish_at if item.spread else None
        async with tx.at_length(item.audience_size):
            await push_to_each(tx, settings, item, kind, body, quiet=item.timed, spread_from=spread_from, now=now)
    await _post_to_groups(tx, settings, item, audience, now)
    await tell_helpers(tx, settings, item, now=now)
    await events.published(tx, item, now)
    _audit(tx, item, "item.publish", f"{ItemStatus.PUBLISHED} {item.audience_size}", now)


async def _post_to_groups(tx: Transaction, settings: Settings, item: Item, audience: Audience, now: datetime) -> None:
    """The card with its button in each group bound to a branch of the audience, and the files behind it.

    The whole text goes before it where no page has it.
    """
    if not settings.roads.group:
        return
    chats = await tx.chats.of_branches({item.branch_id, *await tx.audiences.branch_ids(audience)})
    if not chats:
        return
    card = (await group_cards(tx, settings, {item.id: item}))[item.id]
    words = whole_text(settings.texts, settings.links, item, await face_of(tx, settings, item))
    bodies: list[tuple[str, Message]] = [
        *(("group", Text(part)) for part in words),
        ("group", card),
        *(("group_file", file) for file in await files_of(tx, item)),
    ]
    await tx.messages.queue(
        [
            NewMessage(
                kind=kind,
                subject=f"{item.id}:{chat.id}",
                number=number,
                platform=settings.roads.group,
                recipient=settings.roads.to_chat(chat.chat_id),
                body=dump(body),
                priority=Priority.ITEM,
                quiet=item.timed,
                lane=f"group:{item.id}:{chat.id}" if len(bodies) > 1 else None,
                item_id=item.id,
            )
            for chat in chats
            for number, (kind, body) in enumerate(bodies, 1)
        ],
        now,
    )


def _audit(tx: Transaction, item: Item, action: str, after: str, now: datetime) -> None:
    subject, before = f"item:{item.id}", ItemStatus.SCHEDULED
    tx.audit.add(at=now, actor_id=None, source="clock", action=action, subject=subject, before=before, after=after)
