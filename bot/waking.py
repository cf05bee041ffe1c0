"""The first thing of a start: is this the database that was in use here, and is nobody back who was forgotten."""

import asyncio
from datetime import datetime

from bot.config import Config
from bot.log import get_logger
from bot.services.holding import fingerprint, wake_up
from bot.services.persons import forget_again
from bot.services.settings import Settings
from storage.database import Database
from storage.ledger import Ledger
from storage.milestone import Milestone

log = get_logger("waking")


async def wake(
    config: Config, database: Database, settings: Settings, milestone: Milestone, ledger: Ledger, *, now: datetime
) -> None:
    """Holds the bot when the database is an older one or another's; notes outside of it how far it has come."""
    beside = await asyncio.to_thread(milestone.read)
    async with database.transaction() as tx:
        mark = fingerprint(config.identity())
        if alone := database.is_sqlite:
            await tx.leases.end_all()
        marks, why = await wake_up(tx, beside, fingerprint=mark, alone=alone, now=now)
    lines = await asyncio.to_thread(ledger.read)
    async with database.transaction() as tx:
        again = await forget_again(tx, settings, lines, now=now)
        known = await tx.forgotten.all()
    await asyncio.to_thread(ledger.add, known)
    if again:
        log.warning("app.forgot_again", people=again)
    if why is not None:
        log.warning("app.held", why=why, next="branchbot resume")
    await asyncio.to_thread(milestone.write, marks)
