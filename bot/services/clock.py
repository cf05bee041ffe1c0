"""An administrator's word that the machine's clock is right."""

from datetime import datetime

from bot.services.access import Speaker
from storage.transaction import Transaction

SUBJECT, ACTION = "clock", "clock.confirm"


async def confirm_clock(tx: Transaction, who: Speaker, *, source: str, now: datetime) -> None:
    """From now on the clock is believed, whatever it did before."""
    tx.audit.add(at=now, actor_id=who.member_id, source=source, action=ACTION, subject=SUBJECT)


async def confirmed_at(tx: Transaction) -> datetime | None:
    """When somebody last said so."""
    return await tx.audit.latest(SUBJECT, ACTION)
