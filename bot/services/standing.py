"""Looking again at the moment of sending: is it still wanted, and may this person still get it?"""

from collections.abc import Sequence
from datetime import datetime

from bot.services.announcing import outdated
from bot.services.arrivals import not_now
from bot.services.responders import CARDS
from bot.services.roads import RESIDENTS, Roads
from bot.services.settings import Settings
from bot.services.withdrawing import TOLD
from storage.enums import ItemStatus, MemberStatus, ReminderState
from storage.messages import QueuedMessage
from storage.pushes import PUSHES
from storage.standing import Standing
from storage.transaction import Transaction

OF_PUBLISHED = frozenset({"item", "correction", "digest", "group", "helper"})
"""Kinds of message that make sense only while their item stands."""
OF_MEMBERS = frozenset({TOLD})
"""Kinds that make sense whatever became of their item, but for nobody who left."""


async def unwanted(
    tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], now: datetime
) -> dict[int, str]:
    """Message id → why it must not leave any more; reminders that a dropped message carried are opened again."""
    reasons = {m.id: "expired" for m in messages if m.expires_at is not None and m.expires_at <= now}
    if settings.publishing.trial:
        reasons = {m.id: "trial" for m in messages if not _in_trial(settings, m)} | reasons
    # Of words that were under way when new ones went out:
    reasons = dict.fromkeys(await corrected(tx, messages), "corrected") | reasons
    reasons |= await not_now(tx, [m for m in messages if m.id not in reasons], now)
    if cards := [m for m in messages if m.kind == CARDS and m.id not in reasons]:
        reasons |= await outdated(tx, cards)
    lost = await tx.reminders.carried_by([m.id for m in messages if m.kind == "digest" and m.id in reasons])
    await tx.reminders.settle([reminder for _, reminder, _ in lost], sent=False)
    pushed = [m for m in messages if m.kind in OF_PUBLISHED | OF_MEMBERS and m.id not in reasons]
    if not pushed:
        return reasons
    with_delivery = [m.delivery_id for m in pushed if m.delivery_id is not None]
    standing = await tx.standing.amiss(with_delivery)
    carried = await tx.reminders.carried_by([m.id for m in pushed if m.kind == "digest"])
    of_reminders = await tx.standing.of([delivery for _, _, delivery in carried])
    reminded = {m.member_id for m in pushed if m.kind == "digest" and m.member_id is not None}
    away = await tx.leaves.away(reminded, now) if reminded else {}
    alone = [m.item_id for m in pushed if m.delivery_id is None and m.item_id is not None]
    items = await tx.items.many(alone) if alone else {}
    digested: dict[int, list[int]] = {}
    for m, _, d in carried:
        digested.setdefault(m, []).append(d)
    for message in pushed:
        states = [of_reminders[d] for d in digested.get(message.id, ())]
        if message.delivery_id in standing:
            states.append(standing[message.delivery_id])
        why_not = _WHY_NOT.get(message.kind, _why_not)
        reason = next((why for why in map(why_not, states) if why), None)
        if message.kind == "digest" and not states:
            reason = "done"
        if message.kind == "digest" and not reason and message.member_id in away:
            reason = "away"  # queued before the leave began: its reminders wait until it is over
        if message.kind == "group" and message.item_id is not None:
            reason = None if items[message.item_id].status == ItemStatus.PUBLISHED else "withdrawn"
        if reason:
            reasons[message.id] = reason
    dropped = [(r, d) for m, r, d in carried if m in reasons]
    again = [r for r, d in dropped if _why_not(of_reminders[d]) is None]
    await tx.reminders.reopen(again)
    await tx.reminders.set_state([r for r, _ in dropped if r not in again], ReminderState.ENDED)
    return reasons


async def still_wanted(tx: Transaction, call_id: int) -> bool:
    """Whether somebody whom the call was for should still get it; what is no push is always wanted.

    Words that have been corrected are not: whoever may have had them gets the new ones, and might see these after them.
    """
    under_way = await tx.messages.of_call(call_id)
    replaced = await corrected(tx, under_way)
    messages = [m for m in under_way if m.id not in replaced]
    if any(m.kind not in OF_PUBLISHED and (m.kind not in OF_MEMBERS or m.delivery_id is None) for m in messages):
        return True
    standing = await tx.standing.of([m.delivery_id for m in messages if m.delivery_id is not None])
    carried = await tx.reminders.carried_by([m.id for m in messages if m.kind == "digest"])
    of_reminders = await tx.standing.of([delivery for _, _, delivery in carried])
    items = await tx.items.many({m.item_id for m in messages if m.kind == "group" and m.item_id is not None})
    kinds = {m.kind for m in messages}
    why_not = _WHY_NOT.get(kinds.pop(), _why_not) if len(kinds) == 1 else _why_not
    return any(why_not(state) is None for state in (*standing.values(), *of_reminders.values())) or any(
        item.status == ItemStatus.PUBLISHED for item in items.values()
    )


async def corrected(tx: Transaction, messages: Sequence[QueuedMessage]) -> set[int]:
    """The messages that bring a member words of which there are newer ones."""
    brings = {m.id: (m.item_id, m.version or 1) for m in messages if m.kind in PUSHES and m.item_id is not None}
    items = await tx.items.keys({item_id for item_id, _ in brings.values()})
    return {message for message, (item_id, version) in brings.items() if version < items[item_id].version}


def _in_trial(settings: Settings, message: QueuedMessage) -> bool:
    trial = settings.publishing.trial
    if message.kind in ("card", "recall", "event") or message.platform == RESIDENTS:
        return True  # a resident only ever hears what they asked for
    if message.recipient.startswith(Roads.to_chat("")):
        return message.kind == "reply"
    return message.recipient_key.removeprefix("user:") in trial


def _why_not(state: Standing) -> str | None:
    if state.item != ItemStatus.PUBLISHED:
        return "withdrawn"
    if state.member != MemberStatus.ACTIVE:
        return "left"
    if state.done:
        return "done"
    return "excused" if state.excused else None


def _why_not_told(state: Standing) -> str | None:
    """For a correction: who has done or need not do what is asked has to know it, too."""
    return "withdrawn" if state.item not in (ItemStatus.PUBLISHED, ItemStatus.CLOSED) else _why_not_here(state)


def _why_not_here(state: Standing) -> str | None:
    """For what everybody hears who had the item, whatever became of it."""
    return None if state.member == MemberStatus.ACTIVE else "left"


_WHY_NOT = {"correction": _why_not_told, TOLD: _why_not_here}
