"""What keeps a secretary's account from doing much harm in other hands: a bound, and colleagues who hear of it."""

from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Text
from bot.services.access import Speaker
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import Role
from storage.items import Item
from storage.transaction import Transaction

MOST_AN_HOUR = 30
"""Items that one person publishes: ten times what a busy morning has."""
TOLD_ABOVE = 50
"""Members: of a push to more the other secretaries of the branch hear."""


async def refuse_too_many(tx: Transaction, who: Speaker, *, now: datetime) -> None:
    """Raises UserError when this person has published more within the hour than anybody does."""
    if await tx.items.confirmed_by(who.member_id, now - timedelta(hours=1)) >= MOST_AN_HOUR:
        raise UserError("vigilance.too_many", count=MOST_AN_HOUR)


async def tell_colleagues(
    tx: Transaction, settings: Settings, item: Item, publish_at: datetime, *, actor_id: int, now: datetime
) -> None:
    """The branch's other secretaries hear who sends what to how many, in time to take it back."""
    if item.audience_size <= TOLD_ABOVE:
        return
    others = [one for one in await tx.holders.active(Role.SECRETARY, {item.branch_id}) if one != actor_id]
    if not others:
        return
    names = await tx.members.names([actor_id])
    words = settings.texts.say(
        "vigilance.told",
        name=names.get(actor_id, ""),
        number=item.id,
        title=item.title,
        count=item.audience_size,
        at=publish_at,
    )
    subject = f"vigilance:{item.id}:{now.isoformat()}"
    await tell(tx, settings.roads, others, Text(words), kind="outcome", subject=subject, now=now)


async def tell_author(tx: Transaction, settings: Settings, item: Item, *, actor_id: int, now: datetime) -> None:
    """Whose item a colleague took back hears that it did not go out."""
    if item.author_id == actor_id:
        return
    names = await tx.members.names([actor_id])
    words = settings.texts.say("vigilance.undone", name=names.get(actor_id, ""), number=item.id, title=item.title)
    subject = f"vigilance:{item.id}:undone:{now.isoformat()}"
    await tell(tx, settings.roads, [item.author_id], Text(words), kind="outcome", subject=subject, now=now)
