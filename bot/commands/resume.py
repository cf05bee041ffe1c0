"""`branchbot resume`: what waits in a held bot, item by item, and what becomes of it."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import ConfigFile, Yes
from bot.commands.session import Session, opened

if TYPE_CHECKING:
    from bot.services.resuming import Lot, Overview


def resume(
    context: typer.Context,
    config: ConfigFile = None,
    yes: Yes = False,
    send: Annotated[list[str] | None, typer.Option("--send", metavar="ITEM", help="cli.help.option.send")] = None,
) -> None:
    """Asks for each lot whether it leaves; `--yes` lets nothing old leave but what `--send` names."""
    with opened(context, config) as session:
        asyncio.run(_resume(session, yes, send or []))


async def _resume(session: Session, yes: bool, send: list[str]) -> None:
    from bot.clock import SystemClock
    from bot.commands.store import usable
    from bot.config.secret_key import secret_key
    from bot.errors import UserError
    from bot.services import resuming
    from bot.settings import settings_from

    settings, clock, terminal = (
        settings_from(session.config, secret_key(session.config)),
        SystemClock(),
        session.terminal,
    )
    async with usable(session.config) as database:
        async with database.reading() as tx:
            seen = await resuming.overview(tx, now=clock.now())
        if seen is None:
            terminal.say("resume.not_held")
            return
        named = {key.lstrip("#＃") for key in send}
        if lost := sorted(named - {lot.key for lot in seen.lots}):
            raise UserError("resume.no_such", keys=terminal.texts.list(lost))
        _show(session, seen)
        dropped = {lot.key for lot in seen.lots if lot.key not in named and (yes or not _leaves(session, lot))}
        while True:
            async with database.transaction() as tx:
                done = await resuming.drop_some(tx, settings, seen, dropped, now=clock.now())
            if not done:
                break
        async with database.transaction() as tx:
            await resuming.resume(tx, settings, seen, dropped, now=clock.now())
    terminal.say("resume.done", kept=len(seen.lots) - len(dropped), dropped=len(dropped), newer=seen.newer)


def _show(session: Session, seen: "Overview") -> None:
    terminal = session.terminal
    terminal.say(f"resume.why.{seen.why}", at=seen.held_at)
    if not seen.lots:
        terminal.say("resume.nothing")
    for lot in seen.lots:
        terminal.line(_name(session, lot))
        for group in lot.groups:
            kind = f"resume.kind.{group.kind}"
            words = terminal.texts.say(kind if terminal.texts.has(kind) else "resume.kind.other")
            terminal.say("resume.line", what=words, count=group.count, oldest=group.oldest)


def _name(session: Session, lot: "Lot") -> str:
    if lot.key.isdigit():
        return session.terminal.texts.say("resume.item", number=lot.key, title=lot.title)
    return session.terminal.texts.say(f"resume.lot.{lot.key}")


def _leaves(session: Session, lot: "Lot") -> bool:
    """Asks; a bare Enter is no."""
    return typer.confirm(session.terminal.texts.say("resume.ask", name=_name(session, lot)), default=False)
