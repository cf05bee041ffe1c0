"""What the platform never answered to, for so long that nothing is sent again by itself: a person decides.

The member stays open all the while, so the next reminder carries the words; a receipt settles it, too.
"""

from datetime import datetime

from bot.errors import UserError
from bot.message import Button, Card
from bot.services.access import Speaker
from bot.services.cards import item_card
from bot.services.kinds import face_of
from bot.services.pushes import AGAIN, push_to_each, said_to_each
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.doubts import CARD
from storage.enums import DeliveryState, ItemStatus
from storage.items import Item
from storage.transaction import Transaction

KIND = "doubt"
LEFT = "left_in_doubt"
"""Why a delivery counts as failed that somebody decided not to send again (`reason.` key)."""


async def ask(tx: Transaction, settings: Settings, item: Item, count: int, *, subject: str, now: datetime) -> None:
    """Asks the author whether it is sent once more to those of whom nobody knows."""
    say = settings.texts.say
    card = Card(
        title=say("doubts.title", number=item.id, title=item.title),
        subtitle=say("doubts.why", count=count),
        body=say("doubts.body"),
        buttons=(
            Button(say("doubts.button.resend"), action=f"resend:{item.id}", primary=True),
            Button(say("doubts.button.leave"), action=f"leave_doubt:{item.id}"),
        ),
    )
    await tell(
        tx,
        settings.roads,
        [item.author_id],
        card,
        kind=KIND,
        subject=f"{item.id}:{subject}",
        now=now,
        item_id=item.id,
    )


async def resend(tx: Transaction, settings: Settings, who: Speaker, item: Item, *, source: str, now: datetime) -> int:
    """Queues the item, as it is now, once more for all who are in doubt; how many. Raises UserError for none."""
    await _some(tx, item)
    if item.status != ItemStatus.PUBLISHED:
        raise UserError("doubts.not_out", number=item.id)
    number = await tx.doubts.next_number(item.id)
    branch, face = await tx.branches.get_name(item.branch_id), await face_of(tx, settings, item)
    card = item_card(settings.texts, settings.links, item, branch=branch, face=face)
    for kind, body in await said_to_each(tx, settings, item, card):
        await push_to_each(
            tx,
            settings,
            item,
            kind,
            body,
            to=tx.doubts.open_of(item.id),
            number=number if kind == CARD else AGAIN + number,
            version=item.version if item.version > 1 else None,
            now=now,
        )
    before = await tx.doubts.count(item.id)
    values = {"transport": DeliveryState.QUEUED, "reason": None}
    await tx.deliveries.change(tx.doubts.queued(item.id, number), values)
    count = before - await tx.doubts.count(item.id)
    _audit(tx, who, item, "item.resend", count, source, now)
    return count


async def leave(tx: Transaction, who: Speaker, item: Item, *, source: str, now: datetime) -> int:
    """Nothing is sent again, and nobody is asked about it any more; how many it was. Raises UserError for none."""
    count = await _some(tx, item)
    await tx.deliveries.change(tx.doubts.open_of(item.id), {"reason": LEFT})
    _audit(tx, who, item, "item.leave_doubt", count, source, now)
    return count


async def _some(tx: Transaction, item: Item) -> int:
    count = await tx.doubts.count(item.id)
    if not count:
        raise UserError("doubts.none", number=item.id)
    return count


def _audit(tx: Transaction, who: Speaker, item: Item, action: str, count: int, source: str, now: datetime) -> None:
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=source,
        action=action,
        subject=f"item:{item.id}",
        after=f"members={count}",
    )
