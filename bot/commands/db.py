"""`branchbot db …`: the schema and the soundness of the database."""

import asyncio
from contextlib import nullcontext

import typer

from bot.commands.options import ConfigFile
from bot.commands.session import Session, opened


def upgrade(context: typer.Context, config: ConfigFile = None) -> None:
    """Brings the database to this program's schema, or makes a new one; all of it or nothing.

    A SQLite database with something in it is copied first.
    """
    with opened(context, config) as session:
        from bot.commands.store import process_lock

        lock = process_lock(session.config)
        if lock is not None and session.config.database.sqlite_path is not None:
            session.config.database.sqlite_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock or nullcontext():
            asyncio.run(_upgrade(session))


async def _upgrade(session: Session) -> None:
    from bot.commands.store import connected
    from bot.errors import WrongSchema
    from bot.killing import here
    from storage import schema
    from storage.copies import back_up

    async with connected(session.config) as database:
        found, expected = await schema.found_version(database), schema.expected_version()
        if found == expected:
            session.terminal.say("cli.db.upgrade.nothing", version=expected)
            return
        if found is not None and not schema.knows(found):
            raise WrongSchema(found, expected)
        path = session.config.database.sqlite_path
        if found is not None and path is not None:
            before = path.with_name(f"{path.name}.before-{expected}")
            await back_up(database, before, over=True)
            session.terminal.say("cli.db.upgrade.before", path=before)
        with session.terminal.progress(["cli.db.upgrade.working"]) as advance:
            await schema.upgrade(database, after_each=lambda: here("K14"))
            advance()
        if found is None:
            session.terminal.say("cli.db.upgrade.made", version=expected)
        else:
            session.terminal.say("cli.db.upgrade.done", before=found, version=expected)


def check(context: typer.Context, config: ConfigFile = None) -> None:
    """Looks at pages, references, sums and files; exit 1 when something is wrong. The service may run meanwhile."""
    with opened(context, config) as session:
        found = asyncio.run(_check(session))
        if found:
            raise typer.Exit(1)


async def _check(session: Session) -> int:
    from bot.commands.store import usable
    from bot.config.secret_key import audit_key, secret_key
    from storage import integrity, schema
    from storage.file_folder import FileFolder

    terminal = session.terminal
    with terminal.progress(["cli.db.check.pages", "cli.db.check.sums"]) as advance:
        async with usable(session.config) as database:
            advance()
            found = await integrity.flaws(database)
            found += await integrity.broken_seals(database, audit_key(secret_key(session.config)))
            found += await integrity.lost_files(database, FileFolder(session.config.files_dir))
            advance()
    for flaw in found:
        terminal.line(f"✗ {terminal.texts.say(f'cli.db.flaw.{flaw.kind}', **flaw.params)}")
    if found:
        terminal.say("cli.db.check.bad", count=len(found))
    else:
        terminal.say("cli.db.check.good", version=schema.expected_version())
    return len(found)
