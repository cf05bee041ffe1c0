"""`branchbot forget …` and `branchbot person …`: what is kept about one person goes, or is handed out."""

import asyncio
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import ConfigFile, Yes
from bot.commands.session import Session, opened

if TYPE_CHECKING:
    from storage.transaction import Transaction

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="cli.help.option.account")]
Question = Annotated[str, typer.Argument(metavar="Q34", help="cli.help.option.question")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.help.option.out")]


def forget_member(context: typer.Context, account: Account, config: ConfigFile = None, yes: Yes = False) -> None:
    """By account, whether they are still on the roster or not; the counts stay."""
    with opened(context, config) as session:
        asyncio.run(_forget(session, account, resident=False, yes=yes))


def forget_resident(context: typer.Context, question: Question, config: ConfigFile = None, yes: Yes = False) -> None:
    """By the number of one of their questions, or a pick-up code; numbers and counts stay."""
    with opened(context, config) as session:
        asyncio.run(_forget(session, question, resident=True, yes=yes))


def export_member(context: typer.Context, account: Account, out: Out, config: ConfigFile = None) -> None:
    """Every row about a member, or by them, as JSON."""
    with opened(context, config) as session:
        asyncio.run(_export(session, account, out, resident=False))


def export_resident(context: typer.Context, question: Question, out: Out, config: ConfigFile = None) -> None:
    """Every row about a resident, as JSON."""
    with opened(context, config) as session:
        asyncio.run(_export(session, question, out, resident=True))


def breach(
    context: typer.Context,
    out: Out,
    since: Annotated[str, typer.Option("--since", metavar="2026-11-01", help="cli.help.option.since")] = "",
    config: ConfigFile = None,
) -> None:
    """Whom to tell after a leak, what of them is kept, and who looked at it, as JSON."""
    with opened(context, config) as session:
        asyncio.run(_breach(session, out, since))


async def _breach(session: Session, out: Path, since: str) -> None:
    from bot.clock import SystemClock
    from bot.commands.store import usable
    from bot.errors import UserError
    from bot.services.extents import extent

    try:
        begin = datetime.fromisoformat(since).replace(tzinfo=session.config.zone) if since else None
    except ValueError:
        raise UserError("persons.breach.since", words=since[:40]) from None
    async with usable(session.config) as database, database.transaction() as tx:
        found = await extent(tx, since=begin, now=SystemClock().now())
    content = json.dumps(found, ensure_ascii=False, indent=1, default=_plain)
    await asyncio.to_thread(_write, out, content)
    looks, deeds = (sum(each["times"] for each in found[name]) for name in ("looks", "deeds"))
    members, residents = len(found["members"]), len(found["residents"])
    said = {"members": members, "residents": residents, "looks": looks, "deeds": deeds}
    session.terminal.say("persons.breach.done", path=out, **said)


async def _forget(session: Session, words: str, *, resident: bool, yes: bool) -> None:
    from bot.clock import SystemClock
    from bot.commands.store import usable
    from bot.config.secret_key import secret_key
    from bot.services import forgetting, persons
    from bot.settings import settings_from
    from storage.ledger import Ledger

    terminal, now = session.terminal, SystemClock().now()
    settings = settings_from(session.config, secret_key(session.config))
    kind = "resident" if resident else "member"
    async with usable(session.config) as database:
        async with database.reading() as tx:
            rows = await _all_of(tx, words, resident=resident)
        terminal.say(f"persons.found.{kind}", count=sum(map(len, rows.values())))
        if not yes:
            typer.confirm(terminal.texts.say("persons.ask"), default=False, abort=True)
        async with database.transaction() as tx:
            if resident:
                await forgetting.forget(tx, settings, await persons.find_resident(tx, words), now=now)
            else:
                await persons.forget_member(tx, settings, await persons.find_member(tx, words), now=now)
            lines = await tx.forgotten.all()
        Ledger(session.config.beside("forgotten")).add(lines)
        await database.put_away()
    terminal.say(f"persons.forgotten.{kind}")
    terminal.say("persons.backups")


async def _export(session: Session, words: str, out: Path, *, resident: bool) -> None:
    from bot.clock import SystemClock
    from bot.commands.store import usable
    from bot.services import persons
    from bot.services.accesses import note_operator

    async with usable(session.config) as database, database.transaction() as tx:
        rows = await _all_of(tx, words, resident=resident)
        about = None if resident else (await persons.find_member(tx, words)).id
        note_operator(tx, about=about, now=SystemClock().now())
    content = json.dumps(rows, ensure_ascii=False, indent=1, default=_plain)
    await asyncio.to_thread(_write, out, content)
    session.terminal.say("persons.exported", path=out, count=sum(map(len, rows.values())))


async def _all_of(tx: "Transaction", words: str, *, resident: bool) -> dict[str, list[dict[str, object]]]:
    from bot.services import persons

    if resident:
        return await persons.all_of_resident(tx, await persons.find_resident(tx, words))
    return await persons.all_of_member(tx, await persons.find_member(tx, words))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.hex() if isinstance(value, bytes) else str(value)


def _write(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
