"""How far a leak reaches: whom to tell, what of them is kept and since when, and who looked at it and did what."""

from datetime import datetime
from typing import Any

from bot.services.accesses import note_operator
from storage.extent import Done
from storage.persons import OF_MEMBERS, OF_RESIDENTS
from storage.transaction import Transaction


async def extent(tx: Transaction, *, since: datetime | None, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """`members`, `residents`, `looks` and `deeds`, as they are written to a file; the latter two from `since` on.

    `kept` are rows by table, see `storage/persons.py`. A resident is known by their questions alone. That it was asked
    for is noted.
    """
    of_members = await tx.extent.rows_about(OF_MEMBERS)
    of_residents = await tx.extent.rows_about(OF_RESIDENTS)
    members = [
        {
            "account": each.account,
            "name": each.name,
            "branch": each.branch,
            "phone": each.phone,
            "since": each.since,
            "kept": of_members.get(each.id, {}),
        }
        for each in await tx.extent.members()
    ]
    residents = [
        {"questions": [f"Q{number}" for number in numbers], "since": at, "kept": of_residents.get(resident, {})}
        for resident, (at, numbers) in (await tx.extent.residents()).items()
    ]
    looks, deeds = await tx.extent.looks(since), await tx.extent.deeds(since)
    note_operator(tx, about=None, now=now)
    return {
        "members": members,
        "residents": residents,
        "looks": [_line(each) for each in looks],
        "deeds": [_line(each) for each in deeds],
    }


def _line(done: Done) -> dict[str, Any]:
    return {
        "by": done.name,
        "source": done.source,
        "what": done.what,
        "times": done.times,
        "first": done.first,
        "last": done.last,
    }
