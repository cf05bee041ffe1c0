"""Forgetting files that nobody refers to any more."""

from datetime import datetime, timedelta

from bot.services.settings import Settings
from storage.transaction import Transaction

KEPT = timedelta(days=7)
"""How long a file stays that no item carries: sent on its own, taken off, of a dropped draft."""
AT_ONCE = 200


async def forget_unwanted(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """Removes what nobody has wanted for so long; how many files that were. What items carry is wanted anew."""
    before = now - KEPT
    await tx.attachments.forget_unused(before)
    old = await tx.files.unwanted(before, AT_ONCE)
    used = await tx.attachments.in_use(old) | await tx.pictures.in_use(old)
    await tx.files.want(sorted(used), now)
    return await tx.files.remove(settings.files.folder, [digest for digest in old if digest not in used], before)
