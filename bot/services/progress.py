"""How far an item is, for somebody who may look at it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services.access import Speaker
from bot.services.counts import Counts, count, with_entered
from storage.branches import BranchRow
from storage.enums import DeliveryState, ItemStatus, Role
from storage.items import Item
from storage.lists import DeliveryRow, OpenRow
from storage.outlines import Outline
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Progress:
    """`branches` are (name, figures), as the tree has them. `reminders` is None for who sees only a part."""

    item: Item
    counts: Counts
    branches: Sequence[tuple[str, Counts]]
    reminders: int | None
    next_reminder: datetime | None


@dataclass(frozen=True, slots=True)
class OpenBranch:
    """The members of a branch who have not done what the item asks."""

    name: str
    rows: Sequence[OpenRow]


async def progress_of(tx: Transaction, item: Item, scope: frozenset[int] | None) -> Progress:
    """`scope` are the branches that may be seen, None for all."""
    seen = await _tallies(tx, item, scope)
    branches = [(branch.name, count(item, seen[branch.id])) for branch in await tree(tx) if branch.id in seen]
    whole = scope is None
    reminders = item.reminders if whole else None
    upcoming = await tx.lists.next_reminder(item.id) if whole and item.status == ItemStatus.PUBLISHED else None
    entered = (await tx.evidence.entered([item], scope)).get(item.id, {})
    counts = with_entered(count(item, _sum(seen.values())), entered)
    return Progress(item, counts, branches, reminders, upcoming)


async def open_items(tx: Transaction, who: Speaker, limit: int) -> list[Outline]:
    """The published items that this person may look at, newest first, with the figures that they may see."""
    if who.administrator:
        return await tx.outlines.all(limit)
    author_id = who.member_id if who.may(Role.SECRETARY) else None
    return await tx.outlines.of(who.branches(Role.SECRETARY, Role.SUPERVISOR), author_id, limit)


async def still_open(tx: Transaction, item: Item, scope: frozenset[int] | None) -> list[OpenBranch]:
    """Who has not done what the item asks, by branch as the tree has them, in the order of the roster."""
    by_branch: dict[int, list[OpenRow]] = {}
    for row in await tx.lists.open_rows(item.id):
        if scope is None or row.branch_id in scope:
            by_branch.setdefault(row.branch_id, []).append(row)
    return [OpenBranch(branch.name, of_branch) for branch in await tree(tx) if (of_branch := by_branch.get(branch.id))]


async def undelivered(tx: Transaction, item: Item) -> Sequence[DeliveryRow]:
    """Whom the item could not be sent to, and why, in the order of the roster."""
    rows = await tx.lists.rows(item.id, states=[DeliveryState.FAILED, DeliveryState.UNREACHABLE])
    return list(reversed(rows))


async def tree(tx: Transaction) -> list[BranchRow]:
    """Every branch after its parent, siblings in the order in which they came; never ranked by figures."""
    branches = await tx.branches.rows()
    return sorted(branches, key=lambda branch: [int(step) for step in branch.path.strip("/").split("/")])


async def _tallies(tx: Transaction, item: Item, scope: frozenset[int] | None) -> dict[int, Mapping[DeliveryState, int]]:
    by_branch = await tx.items.tally_by_branch(item.id)
    return {branch: states for branch, states in by_branch.items() if scope is None or branch in scope}


def _sum(tallies: Iterable[Mapping[DeliveryState, int]]) -> dict[DeliveryState, int]:
    total: dict[DeliveryState, int] = {}
    for states in tallies:
        for state, n in states.items():
            total[state] = total.get(state, 0) + n
    return total
