"""A secretary's items: what is out, and what waits to go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.access import Speaker
from bot.services.progress import open_items
from storage.items import Item
from storage.outlines import Outline
from storage.transaction import Transaction

MOST = 20


@dataclass(frozen=True, slots=True)
class Listing:
    """`published` with its figures, `waiting` the person's own drafts and scheduled items; newest first."""

    published: Sequence[Outline]
    waiting: Sequence[Item]
    more: bool


async def listing_of(tx: Transaction, who: Speaker) -> Listing:
    """At most MOST of each; `more` says that there are others."""
    published = await open_items(tx, who, MOST + 1)
    waiting = await tx.items.unpublished_of(who.member_id, MOST + 1)
    more = len(published) > MOST or len(waiting) > MOST
    return Listing(published[:MOST], waiting[:MOST], more)
