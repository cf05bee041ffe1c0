"""Everything that is kept about one person: handed out, or taken away for good, also from older backups."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from bot.errors import UserError
from bot.message import File, load
from bot.services import forgetting, outcomes
from bot.services.access import ROSTER
from bot.services.ledger import digest, write_down
from bot.services.settings import Settings
from storage.forgotten import Line
from storage.members import Member
from storage.persons import OF_MEMBERS, OF_RESIDENTS
from storage.residents import OFFICIAL_ACCOUNT, Resident
from storage.transaction import Transaction

LISTS_KEPT = timedelta(days=30)
"""Lists that were made longer ago are gone."""


async def find_member(tx: Transaction, user_id: str) -> Member:
    """Raises UserError when nobody has the account."""
    member = await tx.persons.behind(user_id)
    if member is None:
        raise UserError("persons.no_member", account=user_id)
    return member


async def find_resident(tx: Transaction, words: str) -> Resident:
    """By the number of a question (`Q34`), or a pick-up code. Raises UserError."""
    digits = words.strip().lstrip("#＃").removeprefix("Q").removeprefix("q")
    question = await tx.questions.get(int(digits)) if digits.isdigit() and len(digits) < 12 else None
    if question is None:
        question = await tx.questions.by_code(words.strip().upper())
    resident = await tx.residents.get(question.resident_id) if question is not None else None
    if resident is None:
        raise UserError("persons.no_question", words=words)
    return resident


async def all_of_member(tx: Transaction, member: Member) -> dict[str, list[dict[str, Any]]]:
    """Table → rows."""
    return await tx.persons.all_of(member.id, OF_MEMBERS)


async def all_of_resident(tx: Transaction, resident: Resident) -> dict[str, list[dict[str, Any]]]:
    """Table → rows; who answered is no part of it."""
    return await tx.persons.all_of(resident.id, OF_RESIDENTS)


async def forget_member(tx: Transaction, settings: Settings, member: Member, *, now: datetime) -> None:
    """Whoever left: no name, account, phone, reason or word of theirs stays. Counts and deeds stay without a name."""
    accounts = await tx.persons.accounts(member.id)
    for each in accounts:
        await write_down(tx, settings, each.platform, each.key, now)
    waiting = await tx.persons.waiting(member.id, accounts)
    if waiting:
        await outcomes.dropped(tx, settings, waiting, "left", now)
    since = now - LISTS_KEPT
    bodies = [load(body) for body in await tx.persons.exports_naming(member.id, since)]
    lists = sorted({body.digest for body in bodies if isinstance(body, File)})
    if lists:
        await tx.files.remove(settings.files.folder, lists, now + timedelta(seconds=1))
    await tx.persons.forget(member, accounts, settings.texts.say("persons.gone"))
    tx.audit.add(at=now, actor_id=None, source="cli", action="member.forget", subject=f"member:{member.id}")


async def forget_again(tx: Transaction, settings: Settings, lines: Collection[Line], *, now: datetime) -> int:
    """Of the ledger's lines those that this database does not know: an older backup brought these people back.

    Who came back by themselves, after they were forgotten, is left alone. Returns how many people were forgotten.
    """
    known = set(await tx.forgotten.all())
    missing: dict[str, datetime] = {}
    for line in lines:
        if line not in known:
            missing[line.digest] = max(line.at, missing.get(line.digest, line.at))
    if not missing:
        return 0
    count = 0
    for resident in await tx.residents.with_token():
        at = missing.get(digest(settings, OFFICIAL_ACCOUNT, resident.token or ""))
        if at is not None and resident.created_at <= at:
            await forgetting.forget(tx, settings, resident, now=now)
            count += 1
    for account in (await tx.members.accounts(ROSTER)).values():
        at = missing.get(digest(settings, account.platform, account.key))
        member = await tx.members.get(account.member_id) if at is not None else None
        if at is not None and member is not None and member.created_at <= at:
            await forget_member(tx, settings, member, now=now)
            count += 1
    await tx.forgotten.add(lines)
    return count
