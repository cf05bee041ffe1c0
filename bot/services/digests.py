"""The reminder that a member gets: one message with everything that is open, however much that is."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.message import Button, Card, dump
from bot.rules.reminding import day_of
from bot.services.access import ROSTER
from bot.services.cards import answer_button, asks_for, item_card
from bot.services.kinds import Face, faces_of
from bot.services.settings import Settings
from storage.enums import Priority
from storage.items import Item
from storage.lists import OpenItem
from storage.messages import NewMessage
from storage.transaction import Transaction

MOST_BUTTONS = 5
MOST_LINES = 8


async def queue_digests(
    tx: Transaction,
    settings: Settings,
    open_items: Mapping[int, Sequence[OpenItem]],
    leaves_at: Mapping[int, datetime],
    now: datetime,
) -> dict[int, int]:
    """Queues one reminder to each of these members, to leave at their own moment; member → message.

    Whoever cannot be reached is left out.

    Members with the same things open get the same words, so their reminders leave in one call.
    """
    user_ids = await tx.members.user_ids(open_items, ROSTER)
    items = await tx.items.many({o.item_id for m in user_ids for o in open_items[m]})
    faces = await faces_of(tx, settings, items.values())
    branches = await tx.branches.all_names()
    day = day_of(now, settings.texts.zone).isoformat()
    slots = await tx.pacing.digests_on(list(user_ids), day)
    bodies: dict[tuple[int, ...], str] = {}
    messages: dict[int, NewMessage] = {}
    for member_id, user_id in user_ids.items():
        key = tuple(o.item_id for o in open_items[member_id])
        if not key:
            continue
        if key not in bodies:
            bodies[key] = dump(_card(settings, [items[item_id] for item_id in key], faces, branches, now))
        messages[member_id] = NewMessage(
            kind="digest",
            subject=f"{member_id}:{day}:{slots.get(member_id, 0) + 1}",
            platform=settings.roads.private,
            recipient=settings.roads.to_user(user_id),
            body=bodies[key],
            priority=Priority.REMINDER,
            quiet=True,
            member_id=member_id,
            not_before=leaves_at.get(member_id),
        )
    await tx.messages.queue(list(messages.values()), now)
    ids = await tx.messages.ids("digest", [message.subject for message in messages.values()])
    return {member_id: ids[message.subject] for member_id, message in messages.items()}


def _card(
    settings: Settings, items: Sequence[Item], faces: Mapping[int, Face], branches: Mapping[int, str], now: datetime
) -> Card:
    texts = settings.texts
    if len(items) == 1:
        item, face = items[0], faces[items[0].id]
        branch = branches.get(item.branch_id, "")
        return item_card(texts, settings.links, item, branch=branch, face=face, reminder=texts.when(now))
    lines = [
        texts.say("reminder.item", number=i.id, title=i.title, asks=asks_for(texts, i, faces[i.id]))
        for i in items[:MOST_LINES]
    ]
    if len(items) > MOST_LINES:
        lines.append(texts.say("reminder.more", n=len(items) - MOST_LINES))
    buttons: list[Button] = []
    for item in items[:MOST_BUTTONS]:
        button = answer_button(texts, item)
        if button is not None and faces[item.id].buttons is None:
            label = texts.say(f"reminder.button.{item.require}", number=item.id)
            buttons.append(Button(label, action=button.action, primary=not buttons))
    return Card(
        title=texts.say("reminder.title", n=len(items)),
        subtitle=texts.say("reminder.several", when=now),
        body="\n".join(lines),
        buttons=tuple(buttons),
        url=settings.links.item_url(items[0].id),
    )
