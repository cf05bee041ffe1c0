"""How the ledger of deletions names a person: so that an older backup's rows are known again, and nothing is learnt."""

import hmac
from datetime import datetime
from hashlib import sha256

from bot.services.settings import Settings
from storage.forgotten import Line
from storage.transaction import Transaction


def digest(settings: Settings, platform: str, key: str) -> str:
    """64 hexadecimal digits; the spelling of the key does not matter."""
    return hmac.new(settings.ledger_key, f"{platform}:{key.casefold()}".encode(), sha256).hexdigest()


async def write_down(tx: Transaction, settings: Settings, platform: str, key: str, now: datetime) -> None:
    """The person behind this key is forgotten, from backups that are restored later, too."""
    await tx.forgotten.add([Line(digest(settings, platform, key), now)])
