"""`branchbot run`: the service."""

import asyncio
from contextlib import nullcontext

import typer

from bot.collecting import load_undisturbed, share_heap
from bot.commands.options import ConfigFile
from bot.commands.session import Session, opened


def run(context: typer.Context, config: ConfigFile = None) -> None:
    """Refuses what cannot work, says what is unusual, then serves until it is told to stop."""
    load_undisturbed()
    share_heap()
    with opened(context, config) as session:
        _refuse(session)
        _advise(session)
        _serve(session)


def _refuse(session: Session) -> None:
    from bot.commands.store import usable
    from bot.config.dummies import refuse_dummies

    refuse_dummies(session.config)

    async def look() -> None:
        async with usable(session.config) as database:
            mode = await database.journal_mode()
        if mode not in ("", "wal"):
            session.terminal.complain(session.terminal.texts.say("cli.run.no_wal", mode=mode))

    asyncio.run(look())


def _advise(session: Session) -> None:
    from bot.config import OFFICIAL_HOSTS
    from bot.config.advice import advice

    for each in advice(session.config, session.path, OFFICIAL_HOSTS):
        session.terminal.complain(session.terminal.texts.say(f"config.advice.{each.name}", **each.params))


def _serve(session: Session) -> None:
    from bot import log
    from bot.app import App
    from bot.commands.store import process_lock

    async def serve() -> None:
        await App(session.config, folder=session.path.parent).run()

    log.configure()
    with process_lock(session.config) or nullcontext():
        asyncio.run(serve())
