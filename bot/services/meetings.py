"""Who comes to a meeting, who is on leave from it, and reminding those who come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.message import Text, dump
from bot.rules.text import clean, cut_chars
from bot.services.access import ROSTER, Speaker, absent
from bot.services.receipts import Claim, confirm
from bot.services.replies import readers_of
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import ItemKind, ItemStatus, Priority, ReceiptKind, Source
from storage.items import Item
from storage.meetings import Meeting
from storage.messages import NewMessage
from storage.transaction import Transaction

USUAL_LENGTH = timedelta(hours=3)
"""Of a meeting whose end nobody wrote."""
LONGEST_REASON = 200
OUT = (ItemStatus.PUBLISHED, ItemStatus.CLOSED)
BATCH = 20


@dataclass(frozen=True, slots=True)
class Answered:
    """What a member has said now. `reason_wanted`: they are on leave and have not said why."""

    item: Item
    meeting: Meeting
    comes: bool
    reason_wanted: bool = False


def end_of(begins_at: datetime, ends_at: datetime | None) -> datetime:
    """When it is over, as far as anybody knows."""
    return ends_at or begins_at + USUAL_LENGTH


async def meeting_for(tx: Transaction, member_id: int, number: int) -> tuple[Item, Meeting]:
    """A meeting that is out and that this member was asked to. Raises UserError."""
    item = await tx.items.get(number)
    delivery = await tx.deliveries.get(number, member_id) if item is not None else None
    if item is None or delivery is None or item.status not in (*OUT, ItemStatus.WITHDRAWN):
        raise absent(number)
    if item.status == ItemStatus.WITHDRAWN:
        raise UserError("receipt.withdrawn", number=number)
    meeting = await tx.meetings.get(number)
    if meeting is None:
        raise UserError("meeting.not_one", number=number, title=item.title)
    return item, meeting


async def only_open_meeting(tx: Transaction, member_id: int) -> Sequence[int]:
    """The meetings that this member has not answered yet."""
    found = (await tx.lists.open_of_members([member_id])).get(member_id, [])
    return [item.item_id for item in found if item.kind == ItemKind.MEETING]


async def answer(
    tx: Transaction,
    settings: Settings,
    who: Speaker,
    number: int,
    *,
    comes: bool,
    reason: str,
    source: Source,
    key: str,
    now: datetime,
) -> Answered:
    """Says whether one comes, in place of what was said before. Raises UserError once it has begun.

    `key` names the update: the secretary hears of a leave once.
    """
    item, meeting = await meeting_for(tx, who.member_id, number)
    if now >= meeting.begins_at:
        raise UserError("meeting.begun", number=number, title=item.title)
    kept = cut_chars(clean(reason).strip(), LONGEST_REASON) or None
    before = await tx.meetings.answer_of(number, who.member_id)
    if not comes and kept is None and before is not None and not before.comes:
        kept = before.reason
    await tx.meetings.answer(number, who.member_id, comes=comes, reason=kept, source=source, at=now)
    await confirm(tx, [Claim(who.member_id, number, ReceiptKind.ACK, source, answer=True)], now=now)
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=source,
        action="meeting.answer",
        subject=f"item:{number}",
        before=None if before is None else _word(before.comes),
        after=_word(comes),
    )
    if not comes and reason.strip():
        await _tell_reason(tx, settings, who, item, kept or "", key=key, now=now)
    return Answered(item, meeting, comes, reason_wanted=not comes and kept is None)


async def _tell_reason(
    tx: Transaction, settings: Settings, who: Speaker, item: Item, reason: str, *, key: str, now: datetime
) -> None:
    """To the secretary alone."""
    readers = [reader for reader in await readers_of(tx, item) if reader != who.member_id]
    branch = await tx.branches.get_name(who.branch_id)
    words = settings.texts.say(
        "meeting.leave_told", name=who.name, branch=branch, number=item.id, title=item.title, reason=reason
    )
    await tell(tx, settings.roads, readers, Text(words), kind="forward", subject=key, now=now)


async def guest_list(tx: Transaction, settings: Settings, item: Item) -> list[str]:
    """Who comes, who is on leave and why, who has not said, who was there: for the secretary alone."""
    if await tx.meetings.get(item.id) is None:
        raise UserError("meeting.not_one", number=item.id, title=item.title)
    texts, guests = settings.texts, await tx.meetings.guests(item.id)
    leave = [
        texts.say("names.why", name=guest.name, reason=guest.reason) if guest.reason else guest.name
        for guest in guests
        if guest.comes is False
    ]
    present = [
        texts.say("names.by_hand", name=guest.name) if guest.entered_by is not None else guest.name
        for guest in guests
        if guest.present
    ]
    groups = (
        ("coming", [guest.name for guest in guests if guest.comes]),
        ("leave", leave),
        ("silent", [guest.name for guest in guests if guest.comes is None]),
        ("present", present),
    )
    lines = [texts.say("names.head", number=item.id, title=item.title)]
    for name, those in groups:
        if those:
            lines.append(texts.say(f"names.{name}", n=len(those), names=texts.list(those)))
    return lines


async def remind_guests(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """Tells those who come that a meeting is near; how many meetings there were."""
    due = await tx.meetings.to_remind(now, BATCH)
    items = await tx.items.many(meeting.item_id for meeting in due)
    for meeting in due:
        item = items[meeting.item_id]
        if item.status in OUT and now < meeting.begins_at:
            await _remind(tx, settings, item, meeting, now)
    await tx.meetings.reminded([meeting.item_id for meeting in due])
    return len(due)


async def _remind(tx: Transaction, settings: Settings, item: Item, meeting: Meeting, now: datetime) -> None:
    """The same words to all of them, so that they leave together."""
    user_ids = await tx.members.user_ids(await tx.meetings.coming(item.id), ROSTER)
    where = settings.texts.say("meeting.soon.where", place=meeting.place) if meeting.place else ""
    words = settings.texts.say("meeting.soon", number=item.id, title=item.title, begins=meeting.begins_at, where=where)
    body = dump(Text(words))
    await tx.messages.queue(
        [
            NewMessage(
                kind="guests",
                subject=f"{item.id}:{member_id}",
                platform=settings.roads.private,
                recipient=settings.roads.to_user(user_id),
                body=body,
                priority=Priority.REMINDER,
                quiet=True,
                item_id=item.id,
                member_id=member_id,
                expires_at=meeting.begins_at,
            )
            for member_id, user_id in user_ids.items()
        ],
        now,
    )


def _word(comes: bool) -> str:
    return "join" if comes else "leave"
