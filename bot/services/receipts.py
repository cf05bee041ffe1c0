"""What members did with an item: recorded once, from whatever side it comes, for any number of them at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.services import events
from storage.deliveries import DeliveryKey
from storage.enums import ItemKind, ItemStatus, ReceiptKind, Require, Source
from storage.items import ANSWERED, Item, ItemKey, done_states
from storage.lists import OpenItem
from storage.transaction import Transaction


class Claim(NamedTuple):
    """A member says that they read or acknowledge an item; `item_id` None means the only one that is open.

    `answer`: they have answered what the item's kind asks, where a plain 收到 would only say that they read it.
    """

    member_id: int
    item_id: int | None
    kind: ReceiptKind
    source: Source
    entered_by: int | None = None
    answer: bool = False
    version: int | None = None
    """Of the words that they had before them; None: those that they were last sent."""


class Result(StrEnum):
    DONE = "done"
    ALREADY = "already"
    UNANSWERED = "unanswered"
    """They read it, but what it asks is more than a 收到."""
    OUTDATED = "outdated"
    """A correction asks anew, and what they received is the text before it."""
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"
    """No such item, or not for this member."""
    NOTHING = "nothing"
    """Nothing is open."""
    WHICH = "which"
    """Several are open; which one was not said."""


class Confirmed(NamedTuple):
    """What became of a claim. `at` is when it counted first; `delivery_id` is given where the text was outdated."""

    result: Result
    item: ItemKey | None = None
    at: datetime | None = None
    options: tuple[OpenItem, ...] = ()
    delivery_id: int = 0


class _Fresh(NamedTuple):
    """The first claim of its kind for a delivery, and the version of the words that it is for."""

    delivery: DeliveryKey
    claim: Claim
    version: int


async def confirm(tx: Transaction, claims: Sequence[Claim], *, now: datetime) -> list[Confirmed]:
    """Records the claims, in order, with one statement for all of a kind. The first receipt's time stays.

    A receipt of words that were corrected counts as long as no correction has asked anew: the evidence names the
    version.
    """
    open_items = await _open_of_the_unsaid(tx, claims)
    named = [claim.item_id or _only(open_items.get(claim.member_id, [])) for claim in claims]
    items = await tx.items.keys({item_id for item_id in named if item_id})
    pairs = [(item_id, claim.member_id) for item_id, claim in zip(named, claims, strict=True) if item_id]
    deliveries = await tx.deliveries.of_pairs(pairs) if pairs else {}

    answers: list[Confirmed] = []
    fresh: dict[tuple[int, ReceiptKind], _Fresh] = {}
    again: dict[tuple[ReceiptKind, Source], list[int]] = {}
    for item_id, claim in zip(named, claims, strict=True):
        if item_id is None:
            options = open_items.get(claim.member_id, [])
            answers.append(Confirmed(Result.WHICH if options else Result.NOTHING, options=tuple(options)))
            continue
        item = items.get(item_id)
        delivery = deliveries.get((item_id, claim.member_id))
        if item is None or delivery is None or item.status not in _ALIVE:
            answers.append(Confirmed(Result.ABSENT))
        elif item.status == ItemStatus.WITHDRAWN:
            answers.append(Confirmed(Result.WITHDRAWN, item))
        else:
            version = claim.version or delivery.version
            before = delivery.acknowledged_at if claim.kind is ReceiptKind.ACK else delivery.read_at
            if before is not None or (delivery.id, claim.kind) in fresh:
                if claim.entered_by is None and before is not None:
                    again.setdefault((claim.kind, claim.source), []).append(delivery.id)
                answers.append(Confirmed(Result.ALREADY, item, before or now))
            elif version > item.version:
                answers.append(Confirmed(Result.ABSENT))
            elif version < item.asks_since:
                answers.append(Confirmed(Result.OUTDATED, item, now, delivery_id=delivery.id))
            elif claim.kind is ReceiptKind.ACK and delivery.require in ANSWERED and not claim.answer:
                if delivery.read_at is None:
                    fresh.setdefault((delivery.id, ReceiptKind.READ), _Fresh(delivery, claim, version))
                answers.append(Confirmed(Result.UNANSWERED, item, now))
            else:
                fresh[delivery.id, claim.kind] = _Fresh(delivery, claim, version)
                answers.append(Confirmed(Result.DONE, item, now))
    await _record(tx, fresh, now)
    if fresh and tx.events.wanted:
        told = [
            {"number": f.delivery.item_id, "member_id": f.claim.member_id, "kind": kind, "source": f.claim.source}
            for (_, kind), f in fresh.items()
        ]
        await events.received(tx, told, now)
    for (kind, source), ids in again.items():
        await tx.receipts.replace_entered(ids, kind, source, now)
    return answers


PLAIN = frozenset({ItemKind.NOTICE, ItemKind.MATERIAL})
"""Kinds that ask for no more than to be taken note of: a vote or an attendance is nobody else's to give."""
_ENOUGH: Mapping[str, ReceiptKind] = {Require.ACK: ReceiptKind.ACK, Require.READ: ReceiptKind.READ}


def on_behalf(item: Item) -> ReceiptKind | None:
    """The receipt that somebody else may enter for a member, from paper or as their helper; None for none."""
    return _ENOUGH.get(item.require) if item.kind in PLAIN else None


_ALIVE = (ItemStatus.PUBLISHED, ItemStatus.CLOSED, ItemStatus.WITHDRAWN)


async def _open_of_the_unsaid(tx: Transaction, claims: Sequence[Claim]) -> dict[int, list[OpenItem]]:
    """What each may have meant: their open items; without any, the last that they got, if it closed too early."""
    members = {claim.member_id for claim in claims if claim.item_id is None}
    if not members:
        return {}
    found = await tx.lists.open_of_members(members)
    idle = members - found.keys()
    late = await tx.lists.closed_of_members(idle) if idle else {}
    return {**found, **{member_id: [item] for member_id, item in late.items()}}


def _only(options: Sequence[OpenItem]) -> int | None:
    return options[0].item_id if len(options) == 1 else None


async def _record(tx: Transaction, fresh: Mapping[tuple[int, ReceiptKind], _Fresh], now: datetime) -> None:
    if not fresh:
        return
    # Who acknowledges has read, too: one change of a delivery does for both.
    acknowledged = {d: f.delivery for (d, kind), f in fresh.items() if kind is ReceiptKind.ACK}
    read = [f.delivery for (d, _), f in fresh.items() if d not in acknowledged]
    # Open reminders of what is done now are left to the sweep that finds them due: it looks before it reminds.
    await tx.deliveries.receive(read, ReceiptKind.READ, now)
    await tx.deliveries.receive(list(acknowledged.values()), ReceiptKind.ACK, now)
    await tx.receipts.add(
        [
            {
                "delivery_id": delivery_id,
                "kind": kind,
                "source": f.claim.source,
                "at": now,
                "entered_by": f.claim.entered_by,
                "version": f.version,
            }
            for (delivery_id, kind), f in fresh.items()
        ]
    )


async def group_counts(tx: Transaction, items: Iterable[Item]) -> dict[int, tuple[int, int]]:
    """Item → (done, audience)."""
    by_id = {item.id: item for item in items}
    return {
        item_id: (
            sum(n for state, n in tally.items() if state in done_states(by_id[item_id].require)),
            sum(tally.values()),
        )
        for item_id, tally in (await tx.items.tallies(by_id)).items()
    }
