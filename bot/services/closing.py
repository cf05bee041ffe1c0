"""Ending an item: by hand, when everybody is done, or when it has been out long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Text
from bot.services import events
from bot.services.counts import Counts, count, counts_of
from bot.services.progress import OpenBranch, still_open, undelivered
from bot.services.roads import tell
from bot.services.settings import Settings
from bot.services.summaries import done_of, open_members, out_of_reach, states_of
from bot.texts import Texts
from storage.enums import DeliveryState, ItemStatus, Require
from storage.items import Item
from storage.transaction import Transaction

AFTER_DUE = timedelta(days=7)
LONGEST = timedelta(days=30)
"""After publication, where nothing says when it is due."""
PERSON = "person"


@dataclass(frozen=True, slots=True)
class Closed:
    """`words` name people and are for its author; `counts` are for everybody."""

    words: str
    counts: str


async def close(
    tx: Transaction,
    settings: Settings,
    item: Item,
    *,
    by: str,
    actor_id: int | None,
    now: datetime,
    source: str = "clock",
) -> Closed:
    """Closes a published item and tells its author, unless they did it themselves. A late receipt still counts.

    `by` is `person`, `done`, `due` or `age`. Raises UserError when the item is not published any more.
    """
    if item.status != ItemStatus.PUBLISHED:
        raise UserError(f"closing.{item.status}", number=item.id)
    changed = await tx.items.change_status(
        item.id, [ItemStatus.PUBLISHED], ItemStatus.CLOSED, ended_at=now, ended_by=by
    )
    if not changed:
        raise UserError("closing.changed", number=item.id)
    await tx.reminders.end_of_item(item.id)
    if by != "done":
        await tx.pushes.drop(item.id, "expired", now)
    tx.audit.add(
        at=now,
        actor_id=actor_id,
        source=source,
        action="item.close",
        subject=f"item:{item.id}",
        before=ItemStatus.PUBLISHED,
        after=by,
    )
    await events.closed(tx, item.id, by, now)
    closed = await _closing_words(tx, settings.texts, item, by)
    if actor_id != item.author_id:
        await tell(
            tx, settings.roads, [item.author_id], Text(closed.words), kind="closing", subject=f"item:{item.id}", now=now
        )
    return closed


async def anything_over(tx: Transaction, now: datetime) -> bool:
    """Whether there is something to close. Looks at published items alone, never at what is past."""
    return await tx.items.any_finished(due_before=now - AFTER_DUE, published_before=now - LONGEST, now=now)


async def close_due(tx: Transaction, settings: Settings, now: datetime, limit: int) -> int:
    """Closes what is over; how many there were."""
    over = await tx.items.finished(due_before=now - AFTER_DUE, published_before=now - LONGEST, now=now, limit=limit)
    tallies = await tx.items.tallies([item.id for item in over]) if over else {}
    for item in over:
        by = _why(item, count(item, tallies[item.id]))
        await close(tx, settings, item, by=by, actor_id=None, now=now)
    return len(over)


def _why(item: Item, counts: Counts) -> str:
    if item.require != Require.NONE and counts.open == 0:
        return "done"
    return "age" if item.due_at is None else "due"


async def _closing_words(tx: Transaction, texts: Texts, item: Item, by: str) -> Closed:
    counts = (await counts_of(tx, [item]))[item.id]
    head = texts.say(f"closing.by.{by}", number=item.id, title=item.title)
    figures = [head, done_of(texts, item, counts), states_of(texts, item, counts)]
    names: list[str] = []
    waiting = [group for group in map(_reached, await still_open(tx, item, None)) if group.rows]
    if waiting:
        names += [texts.say("closing.open"), *open_members(texts, waiting, marked=False)]
    if lost := await undelivered(tx, item):
        names += [texts.say("closing.undelivered"), *out_of_reach(texts, lost)]
    late = [texts.say("closing.late")] if (waiting or lost) and by != "over" else []
    return Closed("\n".join([*figures, *names, *late]), "\n".join(figures))


def _reached(group: OpenBranch) -> OpenBranch:
    """Without those whom it never reached: they are listed with the reason."""
    lost = (DeliveryState.FAILED, DeliveryState.UNREACHABLE)
    return OpenBranch(group.name, [row for row in group.rows if row.state not in lost])
