"""`branchbot members …`: the roster from a file or from the directory."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import ConfigFile, DryRun
from bot.commands.session import Session, opened

if TYPE_CHECKING:
    from bot.services.roster_changes import Changes

_STEPS = ("cli.members.reading", "cli.members.checking", "cli.members.writing")


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="cli.help.option.file")],
    config: ConfigFile = None,
    dry_run: DryRun = False,
) -> None:
    """All or nothing: exit 2 with every bad row named, and nothing written, when there is one."""
    with opened(context, config) as session:
        changes = asyncio.run(_import(session, file, dry_run))
        _show(session, changes, dry_run)


async def _import(session: Session, file: Path, dry_run: bool) -> "Changes":
    from bot.clock import SystemClock
    from bot.commands.changes import show_left_out
    from bot.commands.store import usable
    from bot.errors import UserError
    from bot.killing import here
    from bot.roster.columns import match
    from bot.roster.problems import Problem
    from bot.roster.rows import check_table
    from bot.roster.sheet import read_table
    from bot.services.roster import apply
    from bot.services.roster_changes import Changes

    with session.terminal.progress(_STEPS) as advance:
        async with usable(session.config) as database:
            try:
                table = read_table(file)
            except UserError as error:
                return Changes(problems=[Problem(None, None, error.key, error.params)])
            advance()
            roster = check_table(table, tiers=session.config.study.tiers)
            advance()
            async with database.transaction() as tx:
                fields = frozenset(match(table.header).index)
                changes = await apply(tx, roster, fields=fields, now=SystemClock().now(), dry_run=dry_run)
                here("K16")
            await database.take_stock()
            advance()
    show_left_out(session.terminal, roster)
    return changes


def sync(
    context: typer.Context,
    config: ConfigFile = None,
    dry_run: DryRun = False,
    missing: Annotated[int | None, typer.Option("--missing", min=0, help="cli.help.option.missing")] = None,
) -> None:
    """The directory is read whole before anything is written; half of one is refused."""
    with opened(context, config) as session:
        changes = asyncio.run(_sync(session, dry_run, missing))
        _show(session, changes, dry_run)


async def _sync(session: Session, dry_run: bool, missing: int | None) -> "Changes":
    from bot.clock import SystemClock
    from bot.commands.store import usable
    from bot.errors import ConfigError, ConfigProblem
    from bot.platforms.wecom.platform import WeCom
    from bot.services.roster import sync as merge

    if session.config.wecom is None:
        raise ConfigError([ConfigProblem("wecom", None, "wecom_section")])
    clock = SystemClock()
    with session.terminal.progress(("cli.members.asking", "cli.members.writing")) as advance:
        async with usable(session.config) as database:
            wecom = WeCom(session.config.wecom, clock)
            try:
                departments, members = await wecom.departments(), await wecom.members()
            finally:
                await wecom.close()
            advance()
            async with database.transaction() as tx:
                changes = await merge(tx, departments, members, now=clock.now(), missing=missing, dry_run=dry_run)
            await database.take_stock()
    return changes


def _show(session: Session, changes: "Changes", dry_run: bool) -> None:
    from bot.commands.changes import show_changes, show_problems
    from bot.commands.problems import WRONG

    if changes.problems:
        show_problems(session.terminal, changes.problems)
        raise typer.Exit(WRONG)
    show_changes(session.terminal, changes, dry_run=dry_run)
