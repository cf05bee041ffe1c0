"""The day's number of person-times: what is for many waits for the next day when it is used up; answers do not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.outbound.pace import NO_MESSAGE
from bot.platforms.base import Platform
from bot.rules.wall_clock import day_of, start_of_day
from bot.services.budgets import room_for, use_budget
from bot.services.roads import APP
from bot.services.settings import Settings
from storage.messages import QueuedMessage
from storage.transaction import Transaction


async def within_budget(
    tx: Transaction, settings: Settings, platform: Platform, messages: Sequence[QueuedMessage], now: datetime
) -> list[QueuedMessage]:
    """Those that may leave today; the others wait for the next day. One call carries one priority."""
    if platform.name != APP or not messages or messages[0].kind in NO_MESSAGE:
        return list(messages)
    room = await room_for(tx, settings, messages[0].priority, now)
    if room is None or len(messages) <= room:
        return list(messages)
    tomorrow = start_of_day(day_of(now, settings.texts.zone) + timedelta(days=1), settings.texts.zone)
    await tx.messages.wait([message.id for message in messages[room:]], tomorrow, reason="budget")
    return list(messages[:room])


async def count_leaving(
    tx: Transaction, settings: Settings, platform: Platform, messages: Sequence[QueuedMessage], now: datetime
) -> None:
    """They leave: the day has so many fewer."""
    if platform.name == APP and messages[0].kind not in NO_MESSAGE:
        await use_budget(tx, settings, len(messages), now)
