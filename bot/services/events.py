"""What other systems hear of: an item is out, an item is over, members answered.

Whatever happens is noted with its cause (nothing is, where nobody listens), and brought to the outbox by a job. Members
are named as the API names them.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from bot.message import Event, dump
from bot.services.access import ROSTER
from bot.services.settings import Settings
from storage import events
from storage.enums import Priority
from storage.items import Item
from storage.messages import NewMessage
from storage.transaction import Transaction

PUBLISHED, CLOSED, RECEIPT = "item.published", "item.closed", "receipt.recorded"
HOOKS = "webhook"
"""The platform of those who listen."""
KIND = "event"
TOGETHER = 200
"""Receipts in one message."""
AT_ONCE = 2000


async def published(tx: Transaction, item: Item, now: datetime) -> None:
    if PUBLISHED in tx.events.wanted:
        data = {"number": item.id, "kind": item.kind, "title": item.title, "audience": item.audience_size}
        await tx.events.add(PUBLISHED, [json.dumps(data)], now)


async def closed(tx: Transaction, item_id: int, by: str, now: datetime) -> None:
    """`by`: why, as in `closing.close`."""
    if CLOSED in tx.events.wanted:
        await tx.events.add(CLOSED, [json.dumps({"number": item_id, "by": by})], now)


async def received(tx: Transaction, receipts: Sequence[Mapping[str, object]], now: datetime) -> None:
    """`receipts`: number, member_id, kind and source of each; one statement for all of them."""
    if RECEIPT in tx.events.wanted:
        await tx.events.add(RECEIPT, [json.dumps(dict(each)) for each in receipts], now)


async def hand_out(tx: Transaction, settings: Settings, now: datetime) -> int:
    """Queues what has happened for everybody who listens to it; how much that was."""
    found = await tx.events.take(AT_ONCE)
    messages: list[NewMessage] = []
    for event in await _as_heard(tx, settings, found):
        messages.extend(
            NewMessage(
                kind=KIND,
                subject=f"{event.id}:{hook.name}",
                platform=HOOKS,
                recipient=hook.name,
                body=dump(event),
                priority=Priority.REPORT,
            )
            for hook in settings.hooks
            if event.name in hook.events
        )
    await tx.messages.queue(messages, now)
    return len(found)


async def _as_heard(tx: Transaction, settings: Settings, found: Sequence[events.Event]) -> list[Event]:
    """Receipts come together, up to so many in one message; the order of all is kept."""
    zone = settings.texts.zone
    data = {event.id: json.loads(event.data) for event in found}
    members = {each["member_id"] for each in data.values() if "member_id" in each}
    names = await tx.members.names(members) if members else {}
    user_ids = await tx.members.user_ids(members, ROSTER) if members else {}
    heard: list[Event] = []
    for name, group in groupby(found, key=lambda event: event.name):
        rows = list(group)
        step = TOGETHER if name == RECEIPT else 1
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            content: dict[str, object] = data[part[0].id]
            if name == RECEIPT:
                receipts = [
                    {
                        "number": data[row.id]["number"],
                        "member": {
                            "userid": user_ids.get(data[row.id]["member_id"]),
                            "name": names.get(data[row.id]["member_id"], ""),
                        },
                        "kind": data[row.id]["kind"],
                        "source": data[row.id]["source"],
                        "at": row.at.astimezone(zone).isoformat(),
                    }
                    for row in part
                ]
                content = {"receipts": receipts}
            at = part[-1].at.astimezone(zone).isoformat()
            payload = json.dumps({"type": name, "timestamp": at, "data": content}, ensure_ascii=False)
            heard.append(Event(part[0].mark, name, payload))
    return heard
