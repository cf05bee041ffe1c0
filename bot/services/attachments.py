"""What goes with an item: noted when it comes in, claimed by a draft, taken off again, sent or shown with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import File
from bot.rules.file_types import TYPES, shown_as
from bot.rules.sizes import readable_size
from bot.services.access import Speaker
from bot.texts import Texts
from storage.attachments import Attached, Attachment
from storage.enums import AttachmentState, ItemStatus
from storage.items import Item
from storage.transaction import Transaction

MOST = 9
"""Of one item."""
AHEAD = timedelta(minutes=15)
"""How long before its command something may be sent."""
DRAFT_OPEN = timedelta(hours=2)
"""How long after its command a draft still gets what is sent."""


@dataclass(frozen=True, slots=True)
class Received:
    """`item` is the draft that has it now, None as long as it waits for one; `total` is how many there are then."""

    item: Item | None
    total: int


async def receive(
    tx: Transaction,
    who: Speaker,
    sources: Sequence[str],
    *,
    platform: str,
    chat_id: str,
    with_words: bool,
    now: datetime,
) -> Received:
    """Notes what somebody sent; it is fetched later. `with_words`: the words beside it may be a command of their own.

    `sources` say how `platform` lets us fetch each. Raises UserError when there are too many.
    """
    item = None if with_words else await _open_draft(tx, who, now)
    if item is not None:
        held = item.attached
    else:
        held = len(await tx.attachments.pending_of(who.member_id, chat_id, now - AHEAD))
    if held + len(sources) > MOST:
        raise UserError("attachments.too_many", most=MOST)
    for text in sources:
        tx.attachments.add(
            Attachment(
                item_id=item.id if item is not None else None,
                author_id=who.member_id,
                chat_id=chat_id,
                platform=platform,
                source=text,
                state=AttachmentState.WAITING,
                next_at=now,
                tries=0,
                created_at=now,
            )
        )
    if item is not None:
        item.attached += len(sources)
        _audit(tx, item, who.member_id, platform, "attachment.add", f"{len(sources)}", now)
    await tx.flush()
    return Received(item, held + len(sources))


async def claim(tx: Transaction, who: Speaker, item: Item, *, chat_id: str, source: str, now: datetime) -> None:
    """A new draft gets what its author has sent there shortly before."""
    pending = await tx.attachments.pending_of(who.member_id, chat_id, now - AHEAD)
    for attachment in pending:
        attachment.item_id = item.id
    item.attached = len(pending)
    if pending:
        _audit(tx, item, who.member_id, source, "attachment.add", f"{len(pending)}", now)
    await tx.flush()


async def carry_over(tx: Transaction, item: Item, copied: Item, *, now: datetime) -> None:
    """A copy of an item carries the same files."""
    if not item.attached:
        return
    for each in await tx.attachments.of_item(item.id):
        if each.digest is not None:
            tx.attachments.add(
                Attachment(
                    item_id=copied.id,
                    author_id=copied.author_id,
                    platform="",
                    source="",
                    name=each.name,
                    digest=each.digest,
                    state=AttachmentState.STORED,
                    created_at=now,
                )
            )
            copied.attached = (copied.attached or 0) + 1
    await tx.flush()


async def take_off(
    tx: Transaction, who: Speaker, item: Item | None, position: int | None, *, chat_id: str, source: str, now: datetime
) -> int:
    """Takes everything off a draft, or what stands at a position from 1; without an item what waits for the next one.

    How many that were. Raises UserError when nothing is there, or the item is not a draft any more.
    """
    if item is None:
        pending = [each.id for each in await tx.attachments.pending_of(who.member_id, chat_id, now - AHEAD)]
        if not pending:
            raise UserError("attachments.none_waiting")
        await tx.attachments.drop(pending)
        return len(pending)
    if item.status != ItemStatus.DRAFT:
        raise UserError(f"attachments.not_draft.{item.status}", number=item.id)
    held = [each.id for each in await tx.attachments.of_item(item.id)]
    if not held:
        raise UserError("attachments.none", number=item.id)
    if position is not None and not 1 <= position <= len(held):
        raise UserError("attachments.no_such", number=item.id, count=len(held))
    gone = held if position is None else [held[position - 1]]
    await tx.attachments.drop(gone)
    item.attached = len(held) - len(gone)
    _audit(tx, item, who.member_id, source, "attachment.remove", f"{len(gone)}", now)
    return len(gone)


async def refuse_unfinished(tx: Transaction, item: Item) -> None:
    """Raises UserError while something that the draft is to carry has not arrived."""
    if item.attached and any(each.digest is None for each in await tx.attachments.of_item(item.id)):
        raise UserError("attachments.on_the_way", number=item.id)


async def files_of(tx: Transaction, item: Item) -> list[File]:
    """The files as messages of their own, in order."""
    if not item.attached:
        return []
    return [
        File(each.name, each.digest, shown_as(TYPES[each.type], each.size))
        for each in await tx.attachments.of_item(item.id)
        if each.digest is not None
    ]


def described(texts: Texts, attached: Sequence[Attached]) -> list[str]:
    """`议程.pdf（1.2 MB）`, each; what is on its way says so."""
    return [
        texts.say("attachments.described", name=each.name, size=readable_size(each.size))
        if each.digest is not None
        else texts.say("attachments.arriving")
        for each in attached
    ]


async def _open_draft(tx: Transaction, who: Speaker, now: datetime) -> Item | None:
    waiting = await tx.items.unpublished_of(who.member_id, 1)
    return next((i for i in waiting if i.status == ItemStatus.DRAFT and i.created_at >= now - DRAFT_OPEN), None)


def _audit(tx: Transaction, item: Item, actor: int, source: str, action: str, count: str, now: datetime) -> None:
    tx.audit.add(at=now, actor_id=actor, source=source, action=action, subject=f"item:{item.id}", after=count)
