"""Excusing a member from an item, and taking the excuse back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import UserError
from bot.rules.text import cut_chars
from bot.services.arguments import Named
from bot.services.people import Match, in_audience
from bot.services.pushes import push_to
from bot.services.reminders import remind_again
from bot.services.settings import Settings
from storage.deliveries import Delivery
from storage.enums import DeliveryState, ItemStatus
from storage.items import Item
from storage.transaction import Transaction

LONGEST_REASON = 200
"""Characters; the column holds no more."""


class Result(StrEnum):
    DONE = "done"
    NOBODY = "nobody"
    """Nobody of that name is in the audience."""
    SEVERAL = "several"
    FULFILLED = "fulfilled"
    """They have done what the item asks: there is nothing to excuse."""
    ALREADY = "already"
    """They are excused already, or, asked to be lifted, are not."""
    NO_REASON = "no_reason"


@dataclass(frozen=True, slots=True)
class Excused:
    """What became of it. `match` says who was meant; `at` is since when they are done or excused.

    After lifting, `next_reminder` is when the next one comes, `sent_again` whether the item itself is on its way.
    """

    result: Result
    match: Match
    reason: str = ""
    at: datetime | None = None
    next_reminder: datetime | None = None
    sent_again: bool = False


async def excuse(
    tx: Transaction, item: Item, readings: Sequence[Named], *, actor_id: int, source: str, now: datetime
) -> Excused:
    """Nobody waits for this member any more, and nobody reminds them. Raises UserError when the item is not out."""
    match, delivery = await _delivery(tx, item, readings)
    if delivery is None:
        return Excused(Result.SEVERAL if match.several else Result.NOBODY, match)
    if delivery.done_at is not None:
        return Excused(Result.FULFILLED, match, at=delivery.done_at)
    if delivery.excused_at is not None:
        return Excused(Result.ALREADY, match, delivery.excuse or "", at=delivery.excused_at)
    reason = cut_chars(match.rest, LONGEST_REASON)
    if not reason:
        return Excused(Result.NO_REASON, match)
    await tx.deliveries.excuse(Delivery.id == delivery.id, reason, now)
    await tx.messages.drop_of_deliveries([delivery.id], "excused", now)
    await tx.reminders.end_of_deliveries([delivery.id])
    _audit(tx, item, delivery, "item.excuse", None, reason, actor_id, source, now)
    return Excused(Result.DONE, match, reason)


async def restore(
    tx: Transaction,
    settings: Settings,
    item: Item,
    readings: Sequence[Named],
    *,
    actor_id: int,
    source: str,
    now: datetime,
) -> Excused:
    """Lifts an excuse: reminders go on, and what had not been sent is sent.

    Raises UserError when the item is not out.
    """
    match, delivery = await _delivery(tx, item, readings)
    if delivery is None:
        return Excused(Result.SEVERAL if match.several else Result.NOBODY, match)
    if delivery.excused_at is None:
        return Excused(Result.ALREADY, match)
    reason = delivery.excuse or ""
    _audit(tx, item, delivery, "item.restore", reason, None, actor_id, source, now)
    next_reminder, sent_again = await lift(tx, settings, item, delivery, now=now)
    return Excused(Result.DONE, match, reason, next_reminder=next_reminder, sent_again=sent_again)


async def lift(
    tx: Transaction, settings: Settings, item: Item, delivery: Delivery, *, now: datetime
) -> tuple[datetime | None, bool]:
    """Asks for it again: (when the next reminder comes, whether the item itself is on its way)."""
    await tx.deliveries.lift_excuse(delivery.id)
    if item.status != ItemStatus.PUBLISHED or delivery.done_at is not None:
        return None, False
    if delivery.transport == DeliveryState.QUEUED:
        return None, await push_to(tx, settings, item, delivery, now)
    upcoming = await remind_again(tx, settings, item, {delivery.id: delivery.sent_at}, now)
    return upcoming.get(delivery.id), False


async def _delivery(tx: Transaction, item: Item, readings: Sequence[Named]) -> tuple[Match, Delivery | None]:
    if item.status not in (ItemStatus.PUBLISHED, ItemStatus.CLOSED):
        raise UserError("excuses.not_out", number=item.id)
    match = await in_audience(tx, item, readings)
    return match, await tx.deliveries.get(item.id, match.person.member_id) if match.person is not None else None


def _audit(
    tx: Transaction,
    item: Item,
    delivery: Delivery,
    action: str,
    before: str | None,
    after: str | None,
    actor_id: int,
    source: str,
    now: datetime,
) -> None:
    subject = f"item:{item.id}:member:{delivery.member_id}"
    tx.audit.add(at=now, actor_id=actor_id, source=source, action=action, subject=subject, before=before, after=after)
