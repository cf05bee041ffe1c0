"""`branchbot db backup` and `branchbot db restore`: a copy of the database, and back."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import ConfigFile, Yes
from bot.commands.session import Session, opened

if TYPE_CHECKING:
    from storage.database import Database

Files = Annotated[Path | None, typer.Option("--files", metavar="FOLDER", help="cli.help.option.files")]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="cli.help.option.backup_file")],
    config: ConfigFile = None,
    force: Annotated[bool, typer.Option("--force", help="cli.help.option.force")] = False,
    files: Files = None,
) -> None:
    """One file, whatever the database lies on. The service may run meanwhile."""
    with opened(context, config) as session:
        asyncio.run(_backup(session, file, force, files))


async def _backup(session: Session, file: Path, force: bool, files: Path | None) -> None:
    from bot.clock import SystemClock
    from bot.commands.store import usable
    from bot.config.backup_key import backup_key
    from bot.killing import here
    from storage.copies import back_up
    from storage.file_copies import copy_new

    now, key = SystemClock().now(), backup_key(session.config)
    with session.terminal.progress(["cli.backup.working"]) as advance:
        async with usable(session.config) as database:
            await back_up(database, file, over=force, key=key, halfway=lambda: here("K15"))
            async with database.transaction() as tx:
                await tx.instances.backed_up(now)
            advance()
    session.terminal.say("cli.backup.done", path=file, size=_megabytes(file))
    if key is not None:
        session.terminal.say("cli.backup.encrypted", path=session.config.backup_key_file)
    kept = session.config.files_dir
    if files is not None:
        count = await asyncio.to_thread(copy_new, kept, files, key)
        session.terminal.say("cli.backup.files_done", path=files, count=count)
    elif kept.is_dir():
        session.terminal.say("cli.backup.files", path=kept)


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1024 / 1024:.1f} MB"


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="cli.help.option.restore_file")],
    config: ConfigFile = None,
    yes: Yes = False,
    files: Files = None,
) -> None:
    """Refused while a service runs. What was there before is kept aside; nothing is sent until `branchbot resume`."""
    with opened(context, config) as session:
        from bot.commands.store import process_lock

        path = session.config.database.sqlite_path
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with process_lock(session.config) or nullcontext():
            _restore(session, file, yes, files)


def _restore(session: Session, file: Path, yes: bool, files: Path | None) -> None:
    from bot.config.backup_key import backup_key
    from storage.copies import in_the_clear

    config = session.config
    path, key = config.database.sqlite_path, backup_key(config)
    with in_the_clear(file, path.parent if path is not None else Path(gettempdir()), key) as plain:
        asyncio.run(_restore_plain(session, file, plain, yes, files, key))


async def _restore_plain(
    session: Session, file: Path, plain: Path, yes: bool, files: Path | None, key: bytes | None
) -> None:
    from bot.clock import SystemClock
    from bot.config.secret_key import secret_key
    from bot.errors import UserError
    from bot.services.holding import fingerprint
    from bot.services.persons import forget_again
    from bot.services.restores import settle_in
    from bot.settings import settings_from
    from storage.copies import check
    from storage.database import Database
    from storage.file_copies import bring_back
    from storage.ledger import Ledger
    from storage.milestone import Milestone
    from storage.restoring import restore_file, restore_schema
    from storage.transaction import Transaction

    config, terminal, now = session.config, session.terminal, SystemClock().now()
    version = await asyncio.to_thread(check, plain)
    terminal.say("cli.restore.sound", path=file, version=version)
    if not yes:
        typer.confirm(terminal.texts.say("cli.restore.ask"), default=False, abort=True)
    milestone = Milestone(config.beside("instance"))
    beside, identity = milestone.read(), fingerprint(config.identity())

    settings, again = settings_from(config, secret_key(config)), 0
    ledger = Ledger(config.beside("forgotten"))

    async def settle(tx: Transaction) -> None:
        nonlocal again
        again = await forget_again(tx, settings, ledger.read(), now=now)
        milestone.write(await settle_in(tx, beside, fingerprint=identity, now=now))

    path = config.database.sqlite_path
    aside: Path | str | None
    if path is not None:
        aside = await restore_file(path, plain, settle, now)
    else:
        database = Database(config.database.url)
        try:
            if await _alive(database):
                raise UserError("cli.restore.running")
            aside = await restore_schema(database, plain, settle, now)
        finally:
            await database.close()
    milestone.close()
    terminal.say("cli.restore.done", path=file)
    if again:
        terminal.say("cli.restore.forgotten", count=again)
    if files is not None:
        count = await asyncio.to_thread(bring_back, files, config.files_dir, key)
        terminal.say("cli.restore.files", path=files, count=count)
    if aside is not None:
        terminal.say("cli.restore.aside", aside=aside)
    terminal.say("cli.restore.held")


async def _alive(database: "Database") -> bool:
    """Whether a service uses this PostgreSQL database, here or on another machine."""
    from storage.leases import INSTANCE
    from storage.schema import expected_version, found_version

    if await found_version(database) != expected_version():
        return False
    async with database.reading() as tx:
        return bool(await tx.leases.alive(INSTANCE))
