"""Receipts on paper: the numbered list that members sign, and entering what they signed.

The numbers are fixed (see `storage.paper`), so a sheet that was printed last week can still be entered.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.services.access import ROSTER, item_to_view, speaker
from bot.services.progress import tree
from bot.services.receipts import Claim, confirm, on_behalf
from bot.services.reminders import remind_again
from bot.services.settings import Settings
from storage.enums import ItemStatus, ReceiptKind, Require, Source
from storage.evidence import Evidence
from storage.items import Item
from storage.paper import Place
from storage.transaction import Transaction

__all__ = ["Entered", "Place", "Sheet", "TakenBack", "enter", "fixed_numbers", "sheet_for", "take_back"]

TAKE_BACK_WITHIN = timedelta(days=1)
"""How long after an entry it may be taken back."""
OUT = frozenset({ItemStatus.PUBLISHED, ItemStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Entered:
    """`fresh` have their receipt now; `before` had one already, with its evidence."""

    fresh: Sequence[Place]
    before: Sequence[tuple[Place, Evidence | None]]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`places` are open again; `kept` have done it themselves since and stay. `reopened`: the item was closed by it."""

    places: Sequence[Place]
    kept: Sequence[Place]
    reopened: bool


@dataclass(frozen=True, slots=True)
class SheetBranch:
    """One branch of a sheet: its members who have not done it, in the order of their numbers."""

    name: str
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Sheet:
    number: int
    title: str
    due_at: datetime | None
    branches: Sequence[SheetBranch]


async def fixed_numbers(tx: Transaction, item: Item) -> dict[int, int]:
    """Delivery → the number of its member on the paper list; nothing where paper cannot do what the item asks."""
    return await tx.paper.numbers(item.id) if on_behalf(item) is not None else {}


async def enter(
    tx: Transaction,
    item: Item,
    scope: frozenset[int] | None,
    numbers: Sequence[int],
    *,
    actor_id: int,
    source: str,
    now: datetime,
) -> Entered:
    """Records that the members with these numbers have signed. All or nothing: raises UserError for an unknown number.

    `scope` are the branches whose members may be entered, None for all; `source` is where it was said.
    """
    if item.status not in OUT:
        raise UserError("paper.not_out", number=item.id)
    kind = on_behalf(item)
    if kind is None:
        raise UserError("paper.asks_nothing" if item.require == Require.NONE else "paper.not_on_paper", number=item.id)
    places = {place.number: place for place in await tx.paper.places(item.id, branch_ids=scope)}
    if unknown := [number for number in numbers if number not in places]:
        raise UserError("paper.unknown", number=item.id, first=unknown[0], n=len(unknown))
    meant = [places[number] for number in numbers]
    fresh = [place for place in meant if _at(place, kind) is None]
    before = [place for place in meant if _at(place, kind) is not None]
    evidence = await tx.evidence.of_item(item.id, [place.delivery_id for place in before]) if before else {}
    claims = [Claim(place.member_id, item.id, kind, Source.PAPER, entered_by=actor_id) for place in fresh]
    await confirm(tx, claims, now=now)
    if fresh:
        await tx.paper.enter(item.id, actor_id, [place.delivery_id for place in fresh], now)
        _audit(tx, item, "paper.enter", None, _numbers(fresh), actor_id, source, now)
    return Entered(fresh, [(place, evidence.get(place.delivery_id)) for place in before])


async def take_back(
    tx: Transaction, settings: Settings, item: Item, *, actor_id: int, source: str, now: datetime
) -> TakenBack:
    """Takes back what this person entered last for the item. Raises UserError when there is nothing, or it is old."""
    if item.status not in OUT:
        raise UserError("paper.not_out", number=item.id)
    entry = await tx.paper.latest(item.id, actor_id)
    if entry is None:
        raise UserError("paper.nothing_entered", number=item.id)
    if now - entry.at > TAKE_BACK_WITHIN:
        raise UserError("paper.too_old", number=item.id, at=entry.at)
    ids = set(await tx.paper.take_back(entry.id, now))
    await tx.receipts.take_back(sorted(ids), Source.PAPER, actor_id)
    await tx.deliveries.follow_receipts(sorted(ids))
    after = [place for place in await tx.paper.places(item.id) if place.delivery_id in ids]
    open_again = [place for place in after if place.done_at is None]
    reopened = bool(open_again) and await _reopen(tx, item)
    if item.status == ItemStatus.PUBLISHED:
        waiting = {place.delivery_id: place.sent_at for place in open_again if place.excused_at is None}
        await remind_again(tx, settings, item, waiting, now)
    _audit(tx, item, "paper.take_back", _numbers(after), _numbers(open_again), actor_id, source, now)
    return TakenBack(open_again, [place for place in after if place.done_at is not None], reopened)


async def sheet_for(
    tx: Transaction, *, user_id: str, item_id: int | None, administrators: Collection[str]
) -> Sheet | None:
    """The sheet of an item as the owner of this account may print it; None for whoever may not, or if there is none."""
    member = await tx.members.by_account(ROSTER, user_id)
    if member is None or item_id is None:
        return None
    who = await speaker(tx, member, user_id, administrators)
    try:
        item, scope = await item_to_view(tx, who, item_id)
    except UserError:
        return None
    if item.status not in OUT or on_behalf(item) is None:
        return None
    waiting: dict[int, list[Place]] = {}
    for place in await tx.paper.places(item.id, branch_ids=scope):
        if place.done_at is None and place.excused_at is None:
            waiting.setdefault(place.branch_id, []).append(place)
    branches = [
        SheetBranch(branch.name, of_branch) for branch in await tree(tx) if (of_branch := waiting.get(branch.id))
    ]
    return Sheet(item.id, item.title, item.due_at, branches)


async def _reopen(tx: Transaction, item: Item) -> bool:
    """An item that closed because everybody had done it is open again when that was not so."""
    if item.status != ItemStatus.CLOSED or item.ended_by != "done":
        return False
    return await tx.items.change_status(
        item.id, [ItemStatus.CLOSED], ItemStatus.PUBLISHED, ended_at=None, ended_by=None
    )


def _at(place: Place, kind: ReceiptKind) -> datetime | None:
    return place.acknowledged_at if kind is ReceiptKind.ACK else place.read_at


def _numbers(places: Sequence[Place]) -> str:
    return ",".join(str(place.number) for place in places)


def _audit(
    tx: Transaction,
    item: Item,
    action: str,
    before: str | None,
    after: str | None,
    actor_id: int,
    source: str,
    now: datetime,
) -> None:
    subject = f"item:{item.id}"
    tx.audit.add(at=now, actor_id=actor_id, source=source, action=action, subject=subject, before=before, after=after)
