"""The residents' desk: whether anybody can answer, and whether the places of the menu have a branch."""

from collections.abc import AsyncIterator

from bot.commands.checks.finding import Finding, good, warning
from bot.commands.session import Session
from bot.commands.store import Damaged, usable
from bot.errors import WrongSchema
from storage.database import FAILURES
from storage.enums import Role


async def check(session: Session) -> AsyncIterator[Finding]:
    config = session.config
    if config.official_account is None:
        return
    try:
        async with usable(config) as database, database.reading() as tx:
            branches = await tx.branches.all_names()
            responders = await tx.holders.active(Role.RESPONDER, set(branches))
    except (WrongSchema, Damaged, *FAILURES, OSError):
        return  # the roster's line has said so
    yield good("responders", count=len(responders)) if responders else warning("no_responders")
    names = set(branches.values())
    lost = [each.name for each in config.questions.neighbourhoods if each.branch not in names]
    if lost:
        yield warning("places_lost", names=session.terminal.texts.list(lost))
