"""`branchbot doctor`: one line for each thing looked at, saying what to do where something is wrong."""

import asyncio

import typer

from bot.commands.options import ConfigFile
from bot.commands.session import Session, opened


def doctor(context: typer.Context, config: ConfigFile = None) -> None:
    """Exit 1 when something is wrong; warnings and what could not be looked at do not count."""
    with opened(context, config) as session:
        if asyncio.run(_doctor(session)):
            raise typer.Exit(1)


async def _doctor(session: Session) -> int:
    from bot.commands.checks import ALL
    from bot.commands.checks.finding import Mark

    terminal, wrong, warned = session.terminal, 0, 0
    for check in ALL:
        async for found in check(session):
            terminal.line(f"{found.mark} {terminal.texts.say(found.key, **found.params)}")
            wrong += found.mark is Mark.BAD
            warned += found.mark is Mark.WARNING
    if wrong:
        terminal.say("doctor.sick", wrong=wrong, warned=warned)
    else:
        terminal.say("doctor.well", warned=warned)
    return wrong
