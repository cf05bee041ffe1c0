"""Telling groups that nobody was listening for a while."""

from datetime import datetime, timedelta

from bot.message import Text, dump
from bot.services.settings import Settings
from storage.enums import Priority
from storage.messages import NewMessage
from storage.transaction import Transaction


async def tell_groups(tx: Transaction, settings: Settings, gap: timedelta, *, now: datetime) -> None:
    """What was said to the bot meanwhile is gone: the bound groups are told to say it again."""
    words = settings.texts.say("alarm.socket_gap", gap=timedelta(minutes=max(1, round(gap / timedelta(minutes=1)))))
    await tx.messages.queue(
        [
            NewMessage(
                kind="gap",
                subject=f"{chat.id}:{now.isoformat()}",
                platform=chat.platform,
                recipient=settings.roads.to_chat(chat.chat_id),
                body=dump(Text(words)),
                priority=Priority.URGENT,
                quiet=True,
            )
            for chat in await tx.chats.all()
        ],
        now,
    )
