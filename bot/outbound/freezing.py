"""Choosing what leaves next, looking once more whether it still should, and fixing its exact bytes."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.message import CardUpdate, Recall, load
from bot.platforms.base import Platform, Request, SocketPlatform
from bot.services.outcomes import dropped
from bot.services.settings import Settings
from bot.services.standing import unwanted
from storage.enums import Priority
from storage.messages import QueuedMessage
from storage.transaction import Transaction

LOOK_AT = 64
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
REPLIES_PER_MINUTE = 25
"""The platforms drop silently above 30 a minute to one person."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A request whose bytes are stored: it may leave once this is committed."""

    call_id: int
    platform: str
    request: Request
    reply: bool


Room = Callable[[str, bool], int]
"""How many calls may start: (platform, whether they answer somebody) → number."""


async def freeze(
    tx: Transaction, settings: Settings, platforms: Mapping[str, Platform], room: Room, now: datetime
) -> list[Frozen]:
    """The next calls, each with its messages in flight; what is not wanted any more is dropped on the way."""
    frozen: list[Frozen] = []
    quiet_now = settings.reminding.quiet.is_quiet(now)
    for reply, most in ((True, Priority.REPLY), (False, Priority.REPORT)):
        free = {name: room(name, reply) for name in platforms}
        open_roads = [name for name, calls in free.items() if calls > 0]
        if not open_roads:
            continue
        candidates = await tx.messages.next_due(now, LOOK_AT, platforms=open_roads, most=most, quiet_now=quiet_now)
        taken: set[int] = set()
        for candidate in candidates:
            platform = platforms[candidate.platform]
            if candidate.id in taken or free[platform.name] == 0 or (candidate.priority == Priority.REPLY) != reply:
                continue
            group = await _together(tx, platform, candidate, now)
            taken.update(message.id for message in group)
            ready = await _allowed(tx, settings, platform, group, now)
            if ready:
                frozen.append(await _freeze(tx, platform, ready, now))
                free[platform.name] -= 1
    return frozen


async def _together(tx: Transaction, platform: Platform, first: QueuedMessage, now: datetime) -> list[QueuedMessage]:
    """The messages that can leave in one call with this one: the same words to other people."""
    most = platform.limits.recipients_per_call
    if most == 1 or first.priority == Priority.REPLY or first.reply_to:
        return [first]
    group: dict[str, QueuedMessage] = {}
    for message in await tx.messages.with_content(first.content_id, platform.name, now, most):
        if message.quiet == first.quiet and message.priority == first.priority:
            group.setdefault(message.recipient_key, message)
    group.setdefault(first.recipient_key, first)
    return list(group.values())[:most]


async def _allowed(
    tx: Transaction, settings: Settings, platform: Platform, group: Sequence[QueuedMessage], now: datetime
) -> list[QueuedMessage]:
    """Those that are still wanted and within what one recipient may get; the others are dropped or wait."""
    reasons = await unwanted(tx, settings, group, now)
    for reason in sorted(set(reasons.values())):
        await dropped(tx, settings, [m for m in group if reasons.get(m.id) == reason], reason, now)
    wanted = [message for message in group if message.id not in reasons]
    keys = [message.recipient_key for message in wanted if message.priority > Priority.REPLY]
    counts = await tx.pacing.counts_since(platform.name, keys, now - MINUTE, now - DAY) if keys else {}
    limits = platform.limits
    ready = []
    for message in wanted:
        in_minute, in_day = counts.get(message.recipient_key, (0, 0))
        if in_minute >= limits.per_recipient_minute:
            await tx.messages.wait([message.id], now + MINUTE, reason="pace")
        elif in_day >= limits.per_recipient_day:
            await tx.messages.wait([message.id], now + DAY / 24, reason="pace")
        else:
            ready.append(message)
    return ready


async def _freeze(tx: Transaction, platform: Platform, messages: Sequence[QueuedMessage], now: datetime) -> Frozen:
    call = await tx.calls.reserve(platform.name, now, len(messages))
    ref = f"c{call.id}-{secrets.token_hex(3)}"
    content = load(await tx.contents.body(messages[0].content_id))
    reply_to = messages[0].reply_to
    if reply_to and not isinstance(content, CardUpdate | Recall):
        socket: SocketPlatform = platform  # type: ignore[assignment]
        request = socket.compose_reply(content, messages[0].recipient, reply_to, ref)
    else:
        request = platform.compose(content, [message.recipient for message in messages], ref)
    await tx.calls.freeze(call, request.api, request.body)
    await tx.messages.start([message.id for message in messages], call.id, now)
    return Frozen(call.id, platform.name, request, messages[0].priority == Priority.REPLY)
