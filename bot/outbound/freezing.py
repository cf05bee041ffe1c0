"""Choosing what leaves next, looking once more whether it still should, and fixing its exact bytes."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.killing import here
from bot.log import get_logger
from bot.message import CardUpdate, Event, File, Message, Nudge, Recall, Text, load
from bot.outbound.budget import count_leaving, within_budget
from bot.outbound.pace import MINUTE, Full, has_room, within_pace
from bot.platforms.base import Platform, Request, SocketPlatform
from bot.services import question_lists
from bot.services.announcing import joinable
from bot.services.outcomes import dropped, unsendable
from bot.services.responders import CARDS, NEWS
from bot.services.roads import TEXT_BYTES
from bot.services.settings import Settings
from bot.services.standing import unwanted
from storage.enums import Priority
from storage.messages import PACE, UPLOAD, QueuedMessage
from storage.transaction import FEW, Transaction

log = get_logger("outbound.freezing")

LOOK_AT = 64
LOST_UPLOAD = timedelta(hours=1)
"""A message that waits for an upload asks for it once more after this."""
MERGED = frozenset({"forward", NEWS})
"""Kinds of text that may come in numbers to one person: what waits leaves as one message."""
MOST_CARDS = 200
"""So many waiting cards become one."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A request whose bytes are stored: it may leave once this is committed."""

    call_id: int
    platform: str
    request: Request
    reply: bool
    attempt: int = 1
    """The how manieth time it is that these bytes leave."""
    people: int = 1


Room = Callable[[str, bool], int]
"""How many calls may start: (platform, whether they answer somebody) → number."""


async def freeze(
    tx: Transaction,
    settings: Settings,
    platforms: Mapping[str, Platform],
    room: Room,
    now: datetime,
    *,
    due: Collection[Priority],
    told: datetime,
    carrier: str | None = None,
) -> list[Frozen]:
    """The next calls, each with its messages in flight; what is not wanted any more is dropped on the way.

    `due` says what there is: of what priority. `told` is the time as platforms tell it: calls are reckoned by that.
    """
    frozen: list[Frozen] = []
    quiet_now = settings.reminding.quiet.is_quiet(now)
    # What waits behind a full room for answers must not hide what else may leave, however many answers wait.
    for reply in (True, False):
        priorities = sorted(each for each in due if (each == Priority.REPLY) is reply)
        free = {name: room(name, reply) for name in platforms} if priorities else {}
        open_roads = [name for name, calls in free.items() if calls > 0]
        if not open_roads:
            continue
        candidates = await tx.messages.next_due(
            now, LOOK_AT, platforms=open_roads, priorities=priorities, quiet_now=quiet_now
        )
        here("K5")
        taken: set[int] = set()
        full: set[tuple[str, str, bool]] = set()
        later: list[int] = []
        for candidate in candidates:
            platform = platforms[candidate.platform]
            if candidate.id in taken or free[platform.name] == 0:
                continue
            if not has_room(candidate, full):
                later.append(candidate.id)  # however much waits for one person, it is looked at once
                continue
            group = await _together(tx, platform, candidate, now)
            taken.update(message.id for message in group)
            async with tx.at_length(len(group)):
                ready, enough = await _allowed(tx, settings, platform, group, now)
                full.update(enough)
                call = await _freeze(tx, settings, platform, ready, now, told, carrier) if ready else None
            if len(group) > 1:
                await asyncio.sleep(0)  # in a direct transaction nothing else lets others go on
            if call is not None:
                frozen.append(call)
                free[platform.name] -= 1
        await tx.messages.wait(later, now + MINUTE, reason=PACE)
    return frozen


async def _together(tx: Transaction, platform: Platform, first: QueuedMessage, now: datetime) -> list[QueuedMessage]:
    """The messages that can leave in one call with this one: the same words to other people, or more to this one."""
    most = platform.limits.recipients_per_call
    if first.kind in MERGED and not first.in_lane:
        return await _merged(tx, first, now)
    if first.kind == CARDS and not first.in_lane:
        waiting = await _waiting_with(tx, first, now, MOST_CARDS)
        joined = await joinable(tx, waiting) if len(waiting) > 1 else []
        if len(joined) > 1 and first in joined:
            return joined
    if most == 1 or first.priority == Priority.REPLY or first.reply_to or first.in_lane:
        return [first]
    group = {first.recipient_key: first}
    same = await tx.messages.with_content(first.content_id, platform.name, now, min(FEW + 1, most))
    if len(same) > FEW:
        async with tx.at_length(most):
            same = await tx.messages.with_content(first.content_id, platform.name, now, most)
    for message in same:
        if message.quiet == first.quiet and message.priority == first.priority:
            group.setdefault(message.recipient_key, message)
    return list(group.values())[:most]


async def _merged(tx: Transaction, first: QueuedMessage, now: datetime) -> list[QueuedMessage]:
    """As many of what waits for the same person as one text holds."""
    waiting = await _waiting_with(tx, first, now, LOOK_AT)
    bodies = await tx.contents.bodies(message.content_id for message in waiting)
    group: list[QueuedMessage] = []
    size = 0
    for message in waiting:
        size += len(bodies[message.content_id].encode())
        if group and size > TEXT_BYTES:
            break
        group.append(message)
    return group or [first]


async def _waiting_with(tx: Transaction, first: QueuedMessage, now: datetime, limit: int) -> list[QueuedMessage]:
    """What of the same kind waits for the same person, as urgent and as quiet as this one; it stands among them."""
    found = await tx.messages.of_kind_to(first.kind, first.platform, first.recipient_key, now, limit)
    return [each for each in found if (each.quiet, each.priority) == (first.quiet, first.priority)]


async def _allowed(
    tx: Transaction, settings: Settings, platform: Platform, group: Sequence[QueuedMessage], now: datetime
) -> tuple[list[QueuedMessage], Full]:
    """Those that are still wanted and within what one recipient may get; the others are dropped or wait.

    And the recipients who have had enough for this minute.
    """
    reasons = await unwanted(tx, settings, group, now)
    for reason in sorted(set(reasons.values())):
        await dropped(tx, settings, [m for m in group if reasons.get(m.id) == reason], reason, now)
    paced, enough = await within_pace(tx, platform, [message for message in group if message.id not in reasons], now)
    return await within_budget(tx, settings, platform, paced, now), enough


async def _freeze(
    tx: Transaction,
    settings: Settings,
    platform: Platform,
    messages: Sequence[QueuedMessage],
    now: datetime,
    told: datetime,
    carrier: str | None,
) -> Frozen | None:
    """The call with its bytes; None when no request can be made of it: one bad row does not hold up the rest.

    A message whose file has to be uploaded first waits for that.
    """
    ids = [message.id for message in messages]
    reply = messages[0].priority == Priority.REPLY
    bodies = await tx.contents.bodies({message.content_id for message in messages})
    said = _read([bodies[message.content_id] for message in messages[: None if messages[0].kind in MERGED else 1]])
    if said and isinstance(said[0], File):
        media_id = await tx.uploads.media_id(platform.name, messages[0].content_id, now)
        if media_id is None:
            await tx.uploads.want(platform.name, messages[0].content_id, now)
            await tx.messages.wait(ids, now + LOST_UPLOAD, reason=UPLOAD)
            return None
        said = [replace(said[0], media_id=media_id)]
    call_id = await tx.calls.reserve(platform.name, told, len(messages), carrier=carrier, is_reply=reply)
    ref = f"c{call_id}-{secrets.token_hex(3)}"
    request = await _compose(tx, settings, platform, messages, said, ref) if said else None
    if request is None:
        log.error("message.unsendable", messages=ids[:10], count=len(ids))
        await tx.calls.give_up(call_id)
        if len(messages) > 1:
            await tx.messages.part(ids)
        else:
            await unsendable(tx, settings, messages, now)
        return None
    here("K6")
    await tx.calls.freeze(call_id, request.api, request.body)
    await tx.messages.start(ids, call_id, now)
    await count_leaving(tx, settings, platform, messages, now)
    return Frozen(call_id, platform.name, request, reply, people=len(messages))


def _read(bodies: Sequence[str]) -> list[Message]:
    """What was stored; nothing when it cannot be read."""
    try:
        return [load(body) for body in bodies]
    except ValueError:
        log.exception("message.unreadable")
        return []


async def _compose(
    tx: Transaction,
    settings: Settings,
    platform: Platform,
    messages: Sequence[QueuedMessage],
    said: Sequence[Message],
    ref: str,
) -> Request | None:
    """The request; None when none can be made of it."""
    first, content = messages[0], said[0]
    try:
        if len(said) > 1:
            words = "\n\n".join(each.text for each in said if isinstance(each, Text))
            return platform.compose(Text(words), [first.recipient], ref)
        if first.kind == CARDS and len({message.content_id for message in messages}) > 1:
            content = await question_lists.together(tx, settings, messages)
            return platform.compose(content, [first.recipient], ref)
        if isinstance(content, CardUpdate):
            content = replace(content, code=first.reply_to or "", user_id=first.recipient)
        elif first.reply_to and not isinstance(content, Recall | Nudge | Event):
            socket: SocketPlatform = platform  # type: ignore[assignment]
            return socket.compose_reply(content, first.recipient, first.reply_to, ref)
        return platform.compose(content, [message.recipient for message in messages], ref)
    except Exception:
        log.exception("message.not_composed")
        return None
