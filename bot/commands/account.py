"""`branchbot account …`: the official account's menu, and the codes for the branches' posters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import ConfigFile
from bot.commands.session import Session, opened

if TYPE_CHECKING:
    from bot.platforms.official_account.platform import OfficialAccount


def menu(
    context: typer.Context,
    config: ConfigFile = None,
    show: Annotated[bool, typer.Option("--show", help="cli.help.option.show")] = False,
) -> None:
    """Replaces the menu by the configured one, or only shows what is there."""
    with opened(context, config) as session:
        asyncio.run(_menu(session, show))


async def _menu(session: Session, show: bool) -> None:
    async with _account(session) as account:
        if not show:
            await account.put_menu()
            session.terminal.say("cli.account.menu_put")
        names = await account.menu()
        for name in names:
            session.terminal.line(name)
        if not names:
            session.terminal.say("cli.account.no_menu")


def codes(context: typer.Context, config: ConfigFile = None) -> None:
    """One line for each branch: its name, what its code holds, where the code can be seen."""
    with opened(context, config) as session:
        asyncio.run(_codes(session))


async def _codes(session: Session) -> None:
    from bot.commands.store import usable
    from bot.services.routing import scene_of

    async with usable(session.config) as database, database.reading() as tx:
        branches = await tx.branches.all()
    async with _account(session) as account:
        for branch in branches:
            code = await account.scene_code(scene_of(branch.id))
            session.terminal.line(f"{branch.name}\t{code.url}\t{code.picture}")


@asynccontextmanager
async def _account(session: Session) -> AsyncIterator["OfficialAccount"]:
    """The configured account. Without one the command says so and ends with 2."""
    from bot.clock import SystemClock
    from bot.config.secret_key import secret_key
    from bot.errors import SendDoubtful, SendLater, SendRefused
    from bot.platforms.official_account.platform import OfficialAccount

    settings, terminal = session.config.official_account, session.terminal
    if settings is None:
        terminal.complain(terminal.texts.say("cli.account.off"))
        raise typer.Exit(2)
    account = OfficialAccount(settings, SystemClock(), secret_key(session.config))
    try:
        yield account
    except (SendLater, SendRefused, SendDoubtful) as failure:
        terminal.complain(terminal.texts.say("cli.account.failed", reason=terminal.texts.reason(failure.reason)))
        raise typer.Exit(1) from None
    finally:
        await account.close()
