"""The roster: whether there is one, and whether the administrators are on it."""

from collections.abc import AsyncIterator

from bot.commands.checks.finding import Finding, bad, good, skipped, warning
from bot.commands.session import Session
from bot.commands.store import Damaged, usable
from bot.errors import WrongSchema
from bot.services.access import ROSTER
from storage.database import FAILURES


async def check(session: Session) -> AsyncIterator[Finding]:
    config = session.config
    administrators = config.access.administrators
    if not administrators:
        yield bad("no_administrator")
    try:
        async with usable(config) as database, database.reading() as tx:
            known = await tx.members.by_accounts(ROSTER, [*administrators, *config.publishing.trial_members])
            members = await tx.members.count_active()
    except (WrongSchema, Damaged, *FAILURES, OSError):
        yield skipped("roster_unknown")
        return
    yield good("members", count=members) if members else warning("no_members")
    absent = [user_id for user_id in administrators if user_id.casefold() not in known]
    if absent:
        yield warning("administrators_absent", names=session.terminal.texts.list(absent))
    elif administrators:
        yield good("administrators", count=len(administrators))
    strangers = [user_id for user_id in config.publishing.trial_members if user_id.casefold() not in known]
    if strangers:
        yield warning("trial_absent", names=session.terminal.texts.list(strangers))
