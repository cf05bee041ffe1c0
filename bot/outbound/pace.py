"""How much one recipient gets: what is above it waits, for above their own limits platforms drop without a word."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.platforms.base import Limits, Platform
from bot.services.responders import CARDS, NEWS
from storage.enums import Priority
from storage.messages import QueuedMessage
from storage.pacing import Paced
from storage.transaction import Transaction

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANSWERS_PER_MINUTE = 25
"""WeCom drops above 30 a minute to one person: https://developer.work.weixin.qq.com/document/path/90454."""
HEARD_ALL_DAY = frozenset({"forward", NEWS, CARDS})
"""What members and residents say: the day's number does not silence them, several of them leave in one message."""
NO_MESSAGE = frozenset({"card", "recall"})
"""Kinds that change what is there and show nothing new."""


async def within_pace(
    tx: Transaction, platform: Platform, messages: Sequence[QueuedMessage], now: datetime
) -> tuple[list[QueuedMessage], set[str]]:
    """Those that may leave now; the others wait for a minute, or for an hour when the day's number is reached.

    And the recipients who get nothing more of ours in this minute.
    """
    keys = {message.recipient_key for message in messages if message.kind not in NO_MESSAGE}
    if not keys:
        return list(messages), set()
    limits = platform.limits
    enough = Paced(ANSWERS_PER_MINUTE, limits.per_recipient_minute, limits.per_recipient_day)
    sent = await tx.pacing.counts_since(platform.name, sorted(keys), now - MINUTE, now - DAY, enough)
    ready: list[QueuedMessage] = []
    wait: dict[timedelta, list[QueuedMessage]] = {MINUTE: [], HOUR: []}
    for message in messages:
        count = sent.get(message.recipient_key)
        if message.kind in NO_MESSAGE or count is None:
            ready.append(message)
        elif (length := _wait(limits, message, count)) is not None:
            wait[length].append(message)
        else:
            ready.append(message)
    for length, waiting in wait.items():
        await tx.messages.wait([message.id for message in waiting], now + length, reason="pace")
    return ready, {message.recipient_key for message in wait[MINUTE] if message.priority != Priority.REPLY}


def has_room(message: QueuedMessage, full: Collection[tuple[str, str]]) -> bool:
    """Whether it need not wait for the next minute; `full` are (platform, recipient) who get no more in this one."""
    return message.kind in NO_MESSAGE or (message.platform, message.recipient_key) not in full


def _wait(limits: Limits, message: QueuedMessage, count: Paced) -> timedelta | None:
    if message.priority == Priority.REPLY:
        return MINUTE if count.all_in_minute >= ANSWERS_PER_MINUTE else None
    if count.own_in_minute >= limits.per_recipient_minute:
        return MINUTE
    if message.kind in HEARD_ALL_DAY:
        return None
    return HOUR if count.own_in_day >= limits.per_recipient_day else None
