"""How much one recipient gets: what is above it waits, for above their own limits platforms drop without a word."""

from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from bot.platforms.base import Limits, Platform
from bot.services.responders import CARDS, NEWS
from storage.enums import Priority
from storage.messages import PACE, QueuedMessage
from storage.pacing import Paced
from storage.transaction import Transaction

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANSWERS_PER_MINUTE = 25
"""WeCom drops above 30 a minute to one person: https://developer.work.weixin.qq.com/document/path/90454."""
TALK = frozenset({"forward", NEWS, CARDS})
"""What members and residents say: the day's number does not silence them, several of them leave in one message."""
NO_MESSAGE = frozenset({"card", "recall"})
"""Kinds that change what is there and show nothing new."""
TALK_PER_MINUTE = 2
"""So much talk one recipient gets in a minute: what is for many comes through beside it."""

Full = Set[tuple[str, str, bool]]
"""(platform, recipient, whether it is of talk alone) of those who get no more in this minute."""


async def within_pace(
    tx: Transaction, platform: Platform, messages: Sequence[QueuedMessage], now: datetime
) -> tuple[list[QueuedMessage], Full]:
    """Those that may leave now; the others wait for a minute, or for an hour when the day's number is reached.

    And the recipients who get no more of ours in this minute.
    """
    keys = {message.recipient_key for message in messages if message.kind not in NO_MESSAGE}
    if not keys:
        return list(messages), set()
    limits = platform.limits
    enough = Paced(ANSWERS_PER_MINUTE, limits.per_recipient_minute, TALK_PER_MINUTE, limits.per_recipient_day)
    since = (now - MINUTE, now - DAY, now + MINUTE)
    sent = await tx.pacing.counts_since(platform.name, sorted(keys), *since, enough, talk=TALK)
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
        await tx.messages.wait([message.id for message in waiting], now + length, reason=PACE)
    own = [message for message in wait[MINUTE] if message.priority != Priority.REPLY]
    return ready, {
        (platform.name, message.recipient_key, sent[message.recipient_key].own_in_minute < limits.per_recipient_minute)
        for message in own
    }


def has_room(message: QueuedMessage, full: Full) -> bool:
    """Whether it need not wait for the next minute."""
    if message.kind in NO_MESSAGE:
        return True
    to = (message.platform, message.recipient_key)
    return (*to, False) not in full and (message.kind not in TALK or (*to, True) not in full)


def _wait(limits: Limits, message: QueuedMessage, count: Paced) -> timedelta | None:
    if message.priority == Priority.REPLY:
        return MINUTE if count.all_in_minute >= ANSWERS_PER_MINUTE else None
    if count.own_in_minute >= limits.per_recipient_minute:
        return MINUTE
    if message.kind in TALK:
        return MINUTE if count.talk_in_minute >= TALK_PER_MINUTE else None
    return HOUR if count.own_in_day >= limits.per_recipient_day else None
