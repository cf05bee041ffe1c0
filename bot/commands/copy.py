"""`branchbot db copy`: from one machine's SQLite file to the PostgreSQL that several may share."""

import asyncio
from typing import Annotated

import typer

from bot.commands.options import ConfigFile
from bot.commands.session import Session, opened


def copy(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="cli.help.option.copy_to")],
    config: ConfigFile = None,
) -> None:
    """All of it, compared table by table, or nothing; after a break it goes on. The service may run for a trial."""
    with opened(context, config) as session:
        asyncio.run(_copy(session, to))


async def _copy(session: Session, to: str) -> None:
    from bot.clock import SystemClock
    from bot.commands.store import process_lock, usable
    from bot.errors import UserError
    from bot.services.holding import fingerprint
    from bot.services.restores import settle_in
    from storage.database import Database
    from storage.enums import Held
    from storage.moving import BrokenOff, Differs, NotEmpty, move
    from storage.transaction import Transaction

    config, terminal = session.config, session.terminal
    path, lock = config.database.sqlite_path, process_lock(config)
    if path is None or lock is None:
        raise UserError("cli.copy.not_sqlite")
    if not to.startswith("postgresql+asyncpg://"):
        raise UserError("cli.copy.not_postgresql")
    running = lock.holder() is not None
    now, identity = SystemClock().now(), fingerprint(config.identity())

    async def hold(tx: Transaction) -> None:
        await settle_in(tx, None, fingerprint=identity, now=now, why=Held.COPIED)

    target = Database(to)
    try:
        with terminal.progress(["cli.copy.reading", "cli.copy.writing", "cli.copy.comparing"]) as advance:
            async with usable(config) as source:
                moved = await move(source, target, folder=path.parent, settle=hold if running else None, step=advance)
    except NotEmpty:
        raise UserError("cli.copy.not_empty") from None
    except BrokenOff as found:
        raise UserError("cli.copy.broken_off", done=found.done, tables=found.tables) from None
    except Differs as found:
        raise UserError("cli.copy.differs", table=found.table) from None
    finally:
        await target.close()
    terminal.say("cli.copy.done", rows=sum(moved.rows.values()), tables=len(moved.rows))
    if moved.kept:
        terminal.say("cli.copy.went_on", kept=moved.kept)
    terminal.say("cli.copy.next_running" if running else "cli.copy.next", path=path)
    if config.secret_key is None:
        terminal.say("cli.copy.key", path=path.with_name(f"{path.name}.key"))
