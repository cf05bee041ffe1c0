"""How words reach a resident: inside the platform's window as a message, else with the next thing that they say.

Nothing counts as delivered that the platform has not taken. The words to one resident leave one after the other, and
what was kept is handed over in the order in which it was written.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.message import Text, dump
from bot.rules.text import split_bytes
from bot.rules.windows import Window, window
from bot.services.nudging import NUDGE, not_nudged, nudge, tell_writer
from bot.services.roads import parts
from bot.services.settings import Settings
from bot.texts import Texts
from storage.entries import CARRIER, Entry
from storage.enums import Arrival, EntryBy, EntryKind, Phase, Priority
from storage.messages import NewMessage, QueuedMessage
from storage.questions import Question
from storage.residents import OFFICIAL_ACCOUNT, Resident
from storage.transaction import Transaction

OUT_OF_WINDOW, OUT_OF_MESSAGES, GONE = "window_closed", "window_used", "resident_gone"
BEHIND = "behind_kept"
"""Why words are kept (`reason.` keys)."""
PART_BYTES = 1200
"""How much of a long text is handed over at a time; what stands around it has room beside it."""
BETWEEN = "\n\n"


def lane_of(token: str) -> str:
    """The lane that keeps everything to one resident in order."""
    return f"{OFFICIAL_ACCOUNT}:{token}"


async def tell_resident(
    tx: Transaction,
    settings: Settings,
    question: Question,
    text: str,
    *,
    kind: EntryKind,
    by: EntryBy = EntryBy.RESPONDER,
    member_id: int | None = None,
    now: datetime,
) -> Entry:
    """Writes a line into the thread and sends it to the resident.

    `text` is the bare answer or question; what stands around it comes from the catalogues. Whether it may leave is
    looked at when it does: what the platform would refuse is kept, and the entry says so.
    """
    if kind in (EntryKind.ANSWER, EntryKind.DECLINED):
        await _no_more_holding(tx, question)
    resident = await tx.residents.get(question.resident_id)
    reachable = resident is not None and resident.token is not None and resident.left_at is None
    entry = await tx.entries.add(
        question_id=question.id,
        resident_id=question.resident_id,
        at=now,
        by=by,
        kind=kind,
        text=text,
        member_id=member_id,
        arrival=Arrival.QUEUED,
    )
    if resident is None or resident.token is None or not reachable:
        await tx.entries.arrive([entry.id], Arrival.KEPT, now, GONE)
        entry.arrival, entry.reason = Arrival.KEPT, GONE
        return entry
    await tx.messages.queue(
        [
            NewMessage(
                kind=CARRIER,
                subject=str(entry.id),
                number=number,
                platform=OFFICIAL_ACCOUNT,
                recipient=resident.token,
                body=dump(Text(part)),
                priority=Priority.URGENT,
                lane=lane_of(resident.token),
            )
            for number, part in enumerate(parts(wrapped(settings.texts, entry)), 1)
        ],
        now,
    )
    return entry


async def _no_more_holding(tx: Transaction, question: Question) -> None:
    """What the bot said to hold the resident, and was kept, is overtaken by the answer."""
    for entry in await tx.entries.undelivered_of(question.resident_id):
        if (entry.question_id, entry.by, entry.arrival) == (question.id, EntryBy.BOT, Arrival.KEPT):
            entry.arrival = None
    await tx.flush()


def wrapped(texts: Texts, entry: Entry) -> str:
    """What the resident reads: the bare words with the number, and what they can say next."""
    key = f"arrivals.{entry.kind}"
    if not texts.has(key):
        return entry.text
    return texts.say(key, number=entry.question_id, at=entry.at, text=entry.text)


async def window_of(tx: Transaction, resident: Resident, *, now: datetime) -> Window:
    """How many messages the platform still takes for this resident, and until when."""
    token = resident.token
    if token is None or resident.left_at is not None:
        return Window(0, None)
    key, spoke, touched = token.casefold(), resident.spoke_at, resident.touched_at
    return window(
        spoke_at=spoke,
        touched_at=touched,
        after_speaking=await tx.pacing.sent_to(OFFICIAL_ACCOUNT, key, spoke) if spoke else 0,
        after_touching=await tx.pacing.sent_to(OFFICIAL_ACCOUNT, key, touched) if touched else 0,
        now=now,
    )


def window_line(texts: Texts, here: Window, *, now: datetime) -> str:
    """`还可发 4 条，窗口剩 31 小时`, for responders."""
    if here.closes_at is None or not here.is_open(now):
        return texts.say("arrivals.window_closed")
    if not here.left:
        return texts.say("arrivals.window_used_up")
    hours = int((here.closes_at - now) / timedelta(hours=1))
    if hours:
        return texts.say("arrivals.window_open", n=here.left, hours=hours)
    return texts.say("arrivals.window_closing", n=here.left)


async def not_now(tx: Transaction, messages: Sequence[QueuedMessage], now: datetime) -> dict[int, str]:
    """Message id → why the platform would refuse it; for messages to residents that are about to leave."""
    reasons: dict[int, str] = {}
    for message in messages:
        if message.platform != OFFICIAL_ACCOUNT or message.kind == NUDGE:
            continue
        resident = await tx.residents.by_token(message.recipient)
        if resident is None or resident.left_at is not None:
            reasons[message.id] = GONE
            continue
        here = await window_of(tx, resident, now=now)
        waiting = await tx.entries.undelivered_of(resident.id) if message.kind == CARRIER else ()
        if any(entry.arrival == Arrival.KEPT for entry in waiting):
            reasons[message.id] = BEHIND
        elif not here.is_open(now):
            reasons[message.id] = OUT_OF_WINDOW
        elif not here.left:
            reasons[message.id] = OUT_OF_MESSAGES
    return reasons


async def settled(
    tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], phase: Phase, reason: str, now: datetime
) -> None:
    """What follows for the threads when messages to residents have come to their end."""
    tokens = {message.recipient for message in messages if message.platform == OFFICIAL_ACCOUNT}
    for token in sorted(tokens - await tx.residents.known(tokens)) if tokens else ():
        await tx.scrubs.resident(OFFICIAL_ACCOUNT, token, now)  # forgotten while it was under way
    if phase is not Phase.ACCEPTED and (nudges := [message.id for message in messages if message.kind == NUDGE]):
        for subject in sorted({*(await tx.messages.subjects(nudges)).values()}):
            entry = await tx.entries.get(int(subject))
            if entry is not None:
                await not_nudged(tx, settings, entry, reason, now=now)
    carriers = [message.id for message in messages if message.kind == CARRIER]
    if not carriers:
        return
    for subject in sorted({*(await tx.messages.subjects(carriers)).values()}):
        entry = await tx.entries.get(int(subject))
        if entry is None or entry.arrival != Arrival.QUEUED:
            continue
        if phase is not Phase.ACCEPTED:
            await _keep(tx, settings, entry, reason, now)
        elif all(each == Phase.ACCEPTED for each in await tx.entries.carriers(entry.id)):
            await tx.entries.arrive([entry.id], Arrival.DELIVERED, now)


async def hand_over(tx: Transaction, texts: Texts, resident_id: int, *, room: int, now: datetime) -> list[str]:
    """What was kept for a resident, as it stands in an answer to them: as much as `room` bytes of UTF-8 hold.

    A text that is longer than that comes in parts, one with each thing that they say.
    """
    said: list[str] = []
    kept = [entry for entry in await tx.entries.undelivered_of(resident_id) if entry.arrival == Arrival.KEPT]
    if kept and await tx.instances.is_held():
        return []  # it may have been handed over already, after the backup was made
    for entry in kept:
        words = wrapped(texts, entry)
        size = len(words.encode())
        if size <= room and not entry.parts_given:
            said.append(words)
            room -= size + len(BETWEEN)
            await tx.entries.arrive([entry.id], Arrival.GIVEN, now)
            continue
        said.append(texts.say("arrivals.more") if said else await _next_part(tx, texts, entry, words, now))
        break
    return said


async def _next_part(tx: Transaction, texts: Texts, entry: Entry, words: str, now: datetime) -> str:
    pieces = split_bytes(words, PART_BYTES)
    index = min(entry.parts_given, len(pieces) - 1)
    entry.parts_given = index + 1
    if entry.parts_given == len(pieces):
        await tx.entries.arrive([entry.id], Arrival.GIVEN, now)
        return pieces[index]
    await tx.flush()
    return pieces[index] + BETWEEN + texts.say("arrivals.part", i=index + 1, n=len(pieces), number=entry.question_id)


async def _keep(tx: Transaction, settings: Settings, entry: Entry, reason: str, now: datetime) -> None:
    """The rest of it does not leave by itself; whoever wrote it hears why the resident has not got it."""
    await tx.entries.take_back(entry.id, reason, now)
    await tx.entries.arrive([entry.id], Arrival.KEPT, now, reason)
    outside = reason in (OUT_OF_WINDOW, OUT_OF_MESSAGES)
    if outside and entry.by == EntryBy.RESPONDER and settings.desk.nudges:
        await nudge(tx, settings, entry, now=now)
    await tell_writer(tx, settings, entry, "arrivals.kept" if outside else "arrivals.kept_why", reason, now=now)
