"""What members answer to an item in their own words goes to its author, and nowhere else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.message import Text
from bot.rules.text import clean, cut_chars
from bot.services.access import ROSTER, Speaker
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import MemberStatus, Role
from storage.items import Item
from storage.transaction import Transaction

JUST_RECEIVED = timedelta(days=3)
TITLE_CHARS = 40


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The item that the words were about."""

    item: Item


async def forward(
    tx: Transaction, settings: Settings, who: Speaker, words: str, *, key: str, now: datetime
) -> Forwarded | None:
    """Sends the words to the author of the item that the member received last; None when there is nobody to hear them.

    `key` names the update, so that its copies are forwarded once.
    """
    number = await tx.lists.latest_of(who.member_id, now - JUST_RECEIVED)
    item = await tx.items.get(number) if number is not None else None
    if item is None or item.author_id == who.member_id:
        return None
    readers = [reader for reader in await readers_of(tx, item) if reader != who.member_id]
    if not await tx.members.user_ids(readers, ROSTER):
        return None
    branch = (await tx.branches.names([who.branch_id])).get(who.branch_id, "")
    message = settings.texts.say(
        "replies.forwarded",
        name=who.name,
        branch=branch,
        number=item.id,
        title=cut_chars(item.title, TITLE_CHARS),
        words=clean(words).strip(),
    )
    subject = hashlib.sha256(key.encode()).hexdigest()[:40]
    await tell(tx, settings.roads, readers, Text(message), kind="forward", subject=subject, now=now)
    return Forwarded(item)


async def readers_of(tx: Transaction, item: Item) -> list[int]:
    """The author; the branch's secretaries where the author has left."""
    author = await tx.members.get(item.author_id)
    if author is not None and author.status == MemberStatus.ACTIVE:
        return [author.id]
    return sorted(await tx.holders.active(Role.SECRETARY, {item.branch_id}))
