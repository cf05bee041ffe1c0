"""What only an administrator can mend, said to them once and then daily."""

from datetime import datetime

from bot.message import Text
from bot.services.access import ROSTER
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.transaction import Transaction


async def raise_alarm(
    tx: Transaction, settings: Settings, key: str, about: str = "", /, *, now: datetime, **params: object
) -> bool:
    """Tells the administrators `alarm.<key>` unless they have heard it `about` this today; whether it was said."""
    day = now.astimezone(settings.texts.zone).date().isoformat()
    subject = f"{key}:{about}" if about else key
    if not await tx.ticks.claim(f"alarm:{subject}", day, now):
        return False
    words = settings.texts.say(f"alarm.{key}", **params)
    members = await tx.members.by_accounts(ROSTER, settings.administrators)
    await tell(
        tx,
        settings.roads,
        [member.id for member in members.values()],
        Text(words),
        kind="alarm",
        subject=f"{subject}:{day}",
        now=now,
    )
    return True
