"""A template tells a resident that something is there for them when the account may not write by itself.

What it is, they hear when they write. Whether the platform brought the template it says at once, or later in an event.
"""

from datetime import datetime

from bot.errors import TooEarly
from bot.message import Nudge, dump
from bot.services.responders import owners_of, tell_responders
from bot.services.settings import Settings
from storage.entries import CARRIER, Entry
from storage.enums import Arrival, EntryBy, Priority
from storage.messages import NewMessage
from storage.residents import OFFICIAL_ACCOUNT
from storage.transaction import Transaction

NUDGE = "nudge"
"""The kind of message that may leave when the window is closed."""
BLOCKED, NOT_SENT = "template_blocked", "template_not_sent"
"""What the platform may report later (`reason.` keys)."""


async def nudge(tx: Transaction, settings: Settings, entry: Entry, *, now: datetime) -> None:
    """Queues the template for words that are kept."""
    resident = await tx.residents.get(entry.resident_id)
    if resident is None or resident.token is None or resident.left_at is not None:
        return
    here = now.astimezone(settings.texts.zone)
    at = f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"  # as the templates' field of a time wants it
    words = Nudge(settings.texts.say("arrivals.nudge"), f"Q{entry.question_id}", at)
    message = NewMessage(
        kind=NUDGE,
        subject=str(entry.id),
        platform=OFFICIAL_ACCOUNT,
        recipient=resident.token,
        body=dump(words),
        priority=Priority.URGENT,
    )
    await tx.messages.queue([message], now)


async def not_nudged(tx: Transaction, settings: Settings, entry: Entry, reason: str, *, now: datetime) -> None:
    """The resident does not know that something is there: the thread says so, and whoever wrote it hears it."""
    if entry.arrival == Arrival.KEPT:
        await tx.entries.arrive([entry.id], Arrival.KEPT, now, reason)
        await tell_writer(tx, settings, entry, "arrivals.not_nudged", reason, now=now)


async def not_arrived(tx: Transaction, settings: Settings, ref: str, reason: str, *, now: datetime) -> None:
    """The platform reports that what it took, and calls `ref`, has not arrived: words that it carried wait again.

    Raises TooEarly while a call is under way that may be the one; a `ref` of somebody else's changes nothing.
    """
    call_id = await tx.calls.reported(ref)
    if call_id is None:
        if await tx.calls.any_open(OFFICIAL_ACCOUNT):
            raise TooEarly(ref)
        return
    carried = await tx.calls.carried(call_id)
    await tx.calls.turn_down([message_id for message_id, _, _ in carried], reason, now)
    for _, kind, subject in carried:
        entry = await tx.entries.get(int(subject)) if kind in (NUDGE, CARRIER) else None
        if entry is None:
            continue
        if kind == NUDGE:
            await not_nudged(tx, settings, entry, reason, now=now)
        elif entry.arrival == Arrival.DELIVERED:
            await tx.entries.arrive([entry.id], Arrival.KEPT, now, reason)
            await tell_writer(tx, settings, entry, "arrivals.kept_why", reason, now=now)


async def tell_writer(
    tx: Transaction, settings: Settings, entry: Entry, key: str, reason: str, *, now: datetime
) -> None:
    """Whoever wrote the words hears why the resident has not got them; of the bot's own words nobody does."""
    question = await tx.questions.get(entry.question_id)
    if question is None or entry.by != EntryBy.RESPONDER:
        return
    readers = [entry.member_id] if entry.member_id is not None else await owners_of(tx, question)
    words = settings.texts.say(key, number=question.id, why=settings.texts.reason(reason))
    await tell_responders(tx, settings, readers, words, subject=f"kept:{entry.id}:{reason}", now=now)
