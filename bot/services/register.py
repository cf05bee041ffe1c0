"""What another system may look at: items with their figures, deliveries, the roster and the tree. Reads only.

Pages are newest first; `before` is the id of the last row of the page before, None for the first page.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.services.access import absent
from bot.services.counts import Counts, counts_of
from bot.texts import Texts
from storage.branches import Branch
from storage.enums import DeliveryState, ItemStatus, Role
from storage.items import Item
from storage.transaction import Transaction

Tx = Transaction
"""A unit of work, under a name that those may use who only pass it on."""


class Units(Protocol):
    """Opens units of work: the database, as those see it who may not know it."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """What happens inside is committed together at the end, or not at all."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Nothing that is written inside is kept."""
        ...


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item in a list. `branch` is the name of the branch that published it."""

    number: int
    kind: str
    title: str
    status: str
    require: str
    version: int
    branch: str
    due_at: datetime | None
    created_at: datetime
    publish_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """An item by itself, with its words."""

    entry: ItemEntry
    body: str
    link: str | None


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """One item for one member. `user_id` is None without an account; `branch` is where the member was at that time.

    `error` says in words why it failed or could not be sent; None otherwise. `source` is where the receipt comes from,
    None without one; `entered_by` names who entered it, None where it was the member.
    """

    id: int
    user_id: str | None
    name: str
    branch: str
    state: str
    sent_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None
    reminders: int
    last_reminded_at: datetime | None
    source: str | None
    entered_by: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """A role and the branch that it was granted for."""

    role: Role
    branch: str
    path: str


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member as other systems see them: no phone."""

    id: int
    user_id: str | None
    name: str
    branch: str
    path: str
    tier: str | None
    roles: Sequence[RoleEntry]


@dataclass(frozen=True, slots=True)
class BranchEntry:
    """A branch. Paths are names from the root, `机关总支/第一支部`; `members` are its own, without those below."""

    id: int
    name: str
    path: str
    parent: str | None
    members: int


async def item_numbered(tx: Transaction, number: int) -> Item:
    """The item. Raises UserError for a number that does not exist, or whose draft was dropped."""
    item = await tx.items.get(number)
    if item is None:
        raise absent(number)
    return item


async def items_page(
    tx: Transaction, *, statuses: Sequence[ItemStatus], kind: str | None, before: int | None, limit: int
) -> list[ItemEntry]:
    items = await tx.items.page(statuses=statuses, kind=kind, before=before, limit=limit)
    return await _entries(tx, items)


async def item_details(tx: Transaction, number: int) -> ItemDetails:
    """Raises UserError for a number that does not exist, or whose draft was dropped."""
    item = await item_numbered(tx, number)
    [entry] = await _entries(tx, [item])
    return ItemDetails(entry, item.body, item.link)


async def deliveries_page(
    tx: Transaction, texts: Texts, number: int, *, state: DeliveryState | None, before: int | None, limit: int
) -> list[DeliveryEntry]:
    """Raises UserError for a number that does not exist, or whose draft was dropped."""
    item = await item_numbered(tx, number)
    rows = await tx.lists.rows(item.id, states=None if state is None else [state], before=before, limit=limit)
    names = await tx.branches.all_names()
    evidence = await tx.evidence.of_item(item.id, [row.id for row in rows])
    not_sent = (DeliveryState.FAILED, DeliveryState.UNREACHABLE)
    return [
        DeliveryEntry(
            id=row.id,
            user_id=row.user_id or None,
            name=row.name,
            branch=names[row.branch_id],
            state=row.state,
            sent_at=row.sent_at,
            read_at=row.read_at,
            acknowledged_at=row.acknowledged_at,
            reminders=row.reminders,
            last_reminded_at=row.last_reminded_at,
            source=evidence[row.id].source if row.id in evidence else None,
            entered_by=evidence[row.id].entered_by if row.id in evidence else None,
            error=texts.reason(row.reason) if row.state in not_sent else None,
        )
        for row in rows
    ]


async def members_page(tx: Transaction, *, before: int | None, limit: int) -> list[MemberEntry]:
    rows = await tx.members.page(before=before, limit=limit)
    roles = await tx.members.roles_of(row.id for row in rows)
    branches = await tx.branches.all()
    names = {branch.id: branch.name for branch in branches}
    paths = _paths(branches)
    return [
        MemberEntry(
            id=row.id,
            user_id=row.user_id or None,
            name=row.name,
            branch=row.branch,
            path=paths[row.branch_id],
            tier=row.tier,
            roles=[RoleEntry(role, names[b], paths[b]) for role, b in roles.get(row.id, [])],
        )
        for row in rows
    ]


async def branches_page(tx: Transaction, *, before: int | None, limit: int) -> list[BranchEntry]:
    rows = await tx.branches.page(within=None, before=before, limit=limit)
    paths = _paths(await tx.branches.all())
    members = await tx.members.count_by_branch()
    return [
        BranchEntry(
            id=row.id,
            name=row.name,
            path=paths[row.id],
            parent=None if row.parent_id is None else paths[row.parent_id],
            members=members.get(row.id, 0),
        )
        for row in rows
    ]


async def _entries(tx: Transaction, items: Sequence[Item]) -> list[ItemEntry]:
    names = await tx.branches.all_names() if items else {}
    counts = await counts_of(tx, items)
    return [
        ItemEntry(
            number=item.id,
            kind=item.kind,
            title=item.title,
            status=item.status,
            require=item.require,
            version=item.version,
            branch=names[item.branch_id],
            due_at=item.due_at,
            created_at=item.created_at,
            publish_at=item.publish_at,
            published_at=item.published_at,
            ended_at=item.ended_at,
            counts=counts[item.id],
        )
        for item in items
    ]


def _paths(branches: Sequence[Branch]) -> dict[int, str]:
    """Branch → the names from the root to itself. Parents come before their children."""
    paths: dict[int, str] = {}
    for branch in branches:
        paths[branch.id] = branch.name if branch.parent_id is None else f"{paths[branch.parent_id]}/{branch.name}"
    return paths
