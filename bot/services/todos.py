"""What a member still has to do."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from storage.lists import OpenItem
from storage.transaction import Transaction

Todos = Sequence[OpenItem]
"""The earliest due time first."""


async def open_of(tx: Transaction, member_id: int) -> Todos:
    """What is open of the items that are out."""
    return (await tx.lists.open_of_members([member_id])).get(member_id, [])


async def to_greet_with(tx: Transaction, member_id: int, *, now: datetime, zone: ZoneInfo) -> Todos:
    """What is open for somebody who has just come in, once a day; nothing at their other visits of the day."""
    found = await open_of(tx, member_id)
    if not found:
        return []
    day = now.astimezone(zone).date().isoformat()
    return found if await tx.ticks.claim(f"greeting:{member_id}", day, now) else []
