"""The roster, from a file or from the platform's directory: all of it or nothing, and nobody is ever removed."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from bot.errors import UserError
from bot.platforms.base import DirectoryDepartment, DirectoryMember
from bot.roster.branches import Path
from bot.roster.rows import Roster
from bot.services.access import ROSTER
from bot.services.roster_changes import Changes
from bot.services.roster_merge import Authority, Merge, Wanted
from storage.enums import MemberStatus
from storage.transaction import Transaction

FEW_MISSING = 5
MISSING_SHARE = 0.1
"""A directory that lacks this many known members, and this share of them, is taken for a part of the directory."""


async def apply(
    tx: Transaction,
    roster: Roster,
    *,
    fields: Collection[str],
    now: datetime,
    dry_run: bool = False,
    source: str = "cli",
) -> Changes:
    """Merges a checked file. `fields` are the columns that it has: of tier, phone and role, a column that is absent
    changes nothing, and a blank cell of one that is there means none.

    With any problem, of the file or against what is stored, nothing is written. Takes seconds for 20,000 rows.
    """
    if roster.problems:
        return Changes(problems=roster.problems)
    wanted = [
        Wanted(row.userid, row.name, row.branch_path, row.number, row.tier, row.phone, row.roles) for row in roster.rows
    ]
    return await _merge(tx, wanted, Authority(fields), now=now, dry_run=dry_run, source=source)


async def sync(
    tx: Transaction,
    departments: Sequence[DirectoryDepartment],
    members: Sequence[DirectoryMember],
    *,
    now: datetime,
    missing: int | None = None,
    dry_run: bool = False,
    source: str = "cli",
) -> Changes:
    """Merges the platform's directory: departments are branches, the first one of a member is theirs.

    Raises UserError for an empty directory, one that contradicts itself, or one that lacks so many known members
    that it is probably a part; `missing` is their number, said by the person who knows that it is right.
    """
    paths = _paths(departments)
    if not members:
        raise UserError("roster.sync.empty")
    if any(department not in paths for member in members for department in member.departments if paths):
        raise UserError("roster.sync.partial")
    await _refuse_part(tx, members, missing)
    wanted = [
        Wanted(one.user_id, one.name, next((paths[each] for each in one.departments if each in paths), None))
        for one in members
    ]
    return await _merge(tx, wanted, Authority((), directory=True), now=now, dry_run=dry_run, source=source)


class _Undo(Exception):
    """Leaves the savepoint without what was written in it."""


@asynccontextmanager
async def _undoable(tx: Transaction) -> AsyncIterator[None]:
    try:
        async with tx.savepoint():
            yield
    except _Undo:
        return


async def _merge(
    tx: Transaction, wanted: Sequence[Wanted], authority: Authority, *, now: datetime, dry_run: bool, source: str
) -> Changes:
    changes = Changes()
    async with _undoable(tx):
        changes = await Merge(tx, authority, now=now, source=source).run(wanted)
        if changes.problems or dry_run:
            raise _Undo
    return changes


def _paths(departments: Sequence[DirectoryDepartment]) -> dict[int, Path]:
    """Department id → its names from the top down. Raises UserError for departments that contain each other."""
    by_id = {department.id: department for department in departments}
    paths: dict[int, Path] = {}
    for department in departments:
        names: list[str] = []
        above: DirectoryDepartment | None = department
        while above is not None:
            names.append(above.name)
            if len(names) > len(by_id):
                raise UserError("roster.sync.partial")
            above = by_id.get(above.parent_id)
        paths[department.id] = tuple(reversed(names))
    return paths


async def _refuse_part(tx: Transaction, members: Sequence[DirectoryMember], said: int | None) -> None:
    accounts = await tx.members.accounts(ROSTER)
    everybody = await tx.members.all()
    here = {one.user_id.casefold() for one in members}
    known = {key for key, account in accounts.items() if everybody[account.member_id].status == MemberStatus.ACTIVE}
    absent = len(known - here)
    few = absent < FEW_MISSING or absent <= MISSING_SHARE * len(known)
    if (not few or (known and absent == len(known))) and said != absent:
        raise UserError("roster.sync.missing", missing=absent, known=len(known))
