"""Messages of an item into the outbox: one for each of many members, or all of them for one member by themselves."""

from datetime import datetime

from bot.message import Message, Text, dump
from bot.rules.spreading import OVER
from bot.services.access import ROSTER
from bot.services.attachments import files_of
from bot.services.cards import item_card, whole_text
from bot.services.kinds import face_of
from bot.services.settings import Settings
from storage.deliveries import Delivery
from storage.enums import Priority
from storage.items import Item
from storage.messages import UNSETTLED, NewMessage
from storage.pushes import WORDS, Condition
from storage.transaction import Transaction

FILE = "file"
"""How the kinds of message begin that bring a file behind the card."""


async def push_to_each(
    tx: Transaction,
    settings: Settings,
    item: Item,
    kind: str,
    body: Message,
    *,
    now: datetime,
    to: Condition | None = None,
    number: int = 1,
    version: int | None = None,
    priority: Priority = Priority.ITEM,
    quiet: bool = False,
    spread_from: datetime | None = None,
) -> None:
    """Queues a message to each member whose delivery `to` admits, None: to all whose delivery waits for it.

    It leaves at once, or from `spread_from` on over ten minutes.
    """
    await tx.messages.queue_deliveries(
        item.id,
        kind=kind,
        accounts=ROSTER,
        platform=settings.roads.private,
        prefix=settings.roads.prefix,
        body=dump(body),
        priority=priority,
        quiet=quiet,
        now=now,
        number=number,
        version=version,
        to=to,
        spread_from=spread_from,
        spread_over=OVER,
    )


async def push_to(tx: Transaction, settings: Settings, item: Item, delivery: Delivery, now: datetime) -> bool:
    """Queues all of an item for one member: who came later, whose excuse was lifted, whose message got lost.

    As it is now, and once more where it was queued before; what is still on its way to them is not queued a second
    time. False without a way to them.
    """
    before = await tx.pushes.of_delivery(delivery.id)
    if any(phase in UNSETTLED for _, phase in before):
        return True
    user_id = (await tx.members.user_ids([delivery.member_id], ROSTER)).get(delivery.member_id)
    if user_id is None:
        return False
    branch = await tx.branches.get_name(item.branch_id)
    face = await face_of(tx, settings, item)
    number = sum(kind == "item" for kind, _ in before) + 1
    card = item_card(settings.texts, settings.links, item, branch=branch, face=face)
    bodies = await said_to_each(tx, settings, item, card)
    await tx.messages.queue(
        [
            NewMessage(
                kind=kind,
                subject=str(delivery.id),
                number=number if kind == "item" else AGAIN + number,
                platform=settings.roads.private,
                recipient=settings.roads.to_user(user_id),
                body=dump(body),
                priority=Priority.ITEM,
                lane=f"item:{delivery.id}" if len(bodies) > 1 else None,
                item_id=item.id,
                delivery_id=delivery.id,
                member_id=delivery.member_id,
                version=item.version if item.version > 1 else None,
            )
            for kind, body in bodies
        ],
        now,
    )
    return True


async def said_to_each(tx: Transaction, settings: Settings, item: Item, card: Message) -> list[tuple[str, Message]]:
    """What one member gets of an item, in order, as (kind, message): its card.

    Where no page has them, the whole text goes before it and the files behind it.
    """
    if settings.links.item_url(item.id):
        return [("item", card)]
    words = whole_text(settings.texts, settings.links, item, await face_of(tx, settings, item))
    files = await files_of(tx, item)
    return [
        *((f"{WORDS}{number}", Text(part)) for number, part in enumerate(words, 1)),
        ("item", card),
        *((f"{FILE}{number}", file) for number, file in enumerate(files, 1)),
    ]


AGAIN = 1_000
"""Where the numbers of texts and files begin that go with a card to one member alone; those of all have the version's.
"""
