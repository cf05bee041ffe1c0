"""What follows from how a request ended, for each message that it carried."""

from collections.abc import Sequence
from datetime import datetime

from bot.message import CardUpdate, Text, dump, load
from bot.services import arrivals, doubts
from bot.services.alarms import raise_alarm, raise_lasting
from bot.services.reminders import start_reminders
from bot.services.roads import Roads
from bot.services.settings import Settings
from bot.services.standing import corrected
from storage.enums import DeliveryState, Phase, Priority
from storage.messages import NewMessage, QueuedMessage
from storage.pushes import PUSHES
from storage.transaction import Transaction

NOT_SPOKEN_TO = "bot_not_spoken_to"
"""The group bot may not write to whoever has never written to it in private."""


async def accepted(tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], now: datetime) -> None:
    """The platform took them: deliveries are sent, reminders begin, carried reminders are done."""
    await tx.messages.settle([m.id for m in messages], Phase.ACCEPTED, now)
    await arrivals.settled(tx, settings, messages, Phase.ACCEPTED, "", now)
    pushed = await _pushed(tx, messages)
    for version in sorted({m.version for m in messages if m.version and m.kind in PUSHES}):
        ids = [m.delivery_id for m in messages if m.version == version and m.delivery_id is not None]
        await tx.pushes.brought(ids, version)
    if pushed:
        await tx.deliveries.settle([d for d, _ in pushed], DeliveryState.SENT, reason=None, at=now)
        await start_reminders(tx, settings, pushed, sent_at=now, now=now)
    await _reminders_sent(tx, messages, now)
    if keys := _keys(settings, messages):
        await tx.members.mark_reachable("wecom", keys)


async def refused(
    tx: Transaction,
    settings: Settings,
    messages: Sequence[QueuedMessage],
    reason: str,
    *,
    about_person: bool,
    on_roster: bool = True,
    now: datetime,
) -> None:
    """The platform said no for good. About a person, and `on_roster`: the roster remembers it until it changes."""
    await tx.messages.settle([m.id for m in messages], Phase.REFUSED, now, reason)
    await arrivals.settled(tx, settings, messages, Phase.REFUSED, reason, now)
    pushed = await _pushed(tx, messages)
    if pushed:
        state = DeliveryState.UNREACHABLE if about_person else DeliveryState.FAILED
        await tx.deliveries.settle([d for d, _ in pushed], state, reason=reason, at=now)
    if about_person and on_roster:
        await tx.members.mark_unreachable("wecom", dict.fromkeys(_keys(settings, messages), reason))
    await _reminders_sent(tx, messages, now, count=False)
    await _say_instead(tx, messages, now)
    if reason == NOT_SPOKEN_TO:
        await _ask_to_be_spoken_to(tx, settings, messages, now)


async def unknown(tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], now: datetime) -> None:
    """Nobody will ever know: the author is asked, the member stays open, the next reminder carries the words.

    Of words that have been corrected nobody has to know: the new ones are on their way to the same members.
    """
    await tx.messages.settle([m.id for m in messages], Phase.UNKNOWN, now, "unknown")
    await arrivals.settled(tx, settings, messages, Phase.UNKNOWN, "unknown", now)
    replaced = await corrected(tx, messages)
    pushed = await _pushed(tx, [m for m in messages if m.id not in replaced])
    if pushed:
        await tx.deliveries.settle([d for d, _ in pushed], DeliveryState.FAILED, reason="unknown", at=now)
        await start_reminders(tx, settings, pushed, sent_at=now, now=now)
        for item in (await tx.items.many({item_id for _, item_id in pushed})).values():
            count = sum(item_id == item.id for _, item_id in pushed)
            await doubts.ask(tx, settings, item, count, subject=str(messages[0].id), now=now)
    await _reminders_sent(tx, messages, now)


async def dropped(
    tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], reason: str, now: datetime
) -> None:
    """They are not wanted any more, or must not leave; what people see of the delivery follows from the reason."""
    await tx.messages.settle([m.id for m in messages], Phase.DROPPED, now, reason)
    await arrivals.settled(tx, settings, messages, Phase.DROPPED, reason, now)
    ids = [delivery for delivery, _ in await _pushed(tx, messages)]
    if not ids or reason in ("done", "excused", "corrected"):
        return
    if reason in ("withdrawn", "expired"):
        await tx.deliveries.excuse(tx.deliveries.among(ids), reason, now)
    else:
        state = DeliveryState.UNREACHABLE if reason == "left" else DeliveryState.FAILED
        await tx.deliveries.settle(ids, state, reason=reason, at=now)


async def unsendable(tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], now: datetime) -> None:
    """No request can be made of them: refused by name, and an administrator is told."""
    await refused(tx, settings, messages, "content", about_person=False, now=now)
    await alarm(tx, settings, messages[0].platform, "content", "", held=False, now=now)


async def alarm(
    tx: Transaction, settings: Settings, platform: str, reason: str, detail: str, *, held: bool, now: datetime
) -> None:
    """An administrator has to mend something; where the platform is `held`, before anything can be sent."""
    name = settings.texts.say(f"platform.{platform}")
    why = settings.texts.reason(reason)
    about = f"{platform}:{reason}"
    if held:
        await raise_lasting(
            tx, settings, "platform", about, platform, now=now, platform=name, reason=why, detail=detail
        )
    else:
        await raise_alarm(tx, settings, "platform", about, now=now, platform=name, reason=why, detail=detail)


def _keys(settings: Settings, messages: Sequence[QueuedMessage]) -> list[str]:
    """The members' ids, of what left by the road on which members are reached: another one says nothing about it."""
    private = settings.roads.private
    return [
        m.recipient_key.removeprefix("user:") for m in messages if m.member_id is not None and m.platform == private
    ]


async def _pushed(tx: Transaction, messages: Sequence[QueuedMessage]) -> list[tuple[int, int]]:
    """(delivery, item) of the messages that are a delivery: of corrections those to members who are to be asked anew.

    Where a correction asks nothing new, the delivery was sent before and stays what it is.
    """
    corrections = [m.delivery_id for m in messages if m.kind == "correction" and m.delivery_id is not None]
    anew = await tx.pushes.waiting_among(corrections) if corrections else set()
    return [
        (m.delivery_id, m.item_id)
        for m in messages
        if m.delivery_id is not None and m.item_id is not None and (m.kind == "item" or m.delivery_id in anew)
    ]


async def _reminders_sent(
    tx: Transaction, messages: Sequence[QueuedMessage], now: datetime, *, count: bool = True
) -> None:
    digests = [m.id for m in messages if m.kind == "digest"]
    if not digests:
        return
    carried = await tx.reminders.carried_by(digests)
    await tx.reminders.settle([reminder for _, reminder, _ in carried], sent=count)
    if count:
        await tx.deliveries.count_reminder([delivery for _, _, delivery in carried], now)


async def _say_instead(tx: Transaction, messages: Sequence[QueuedMessage], now: datetime) -> None:
    """A card that cannot change any more: its words are said."""
    instead = []
    for message in messages:
        if message.kind != "card":
            continue
        change = load(await tx.contents.body(message.content_id))
        if isinstance(change, CardUpdate) and change.note and not message.recipient.startswith("chat:"):
            instead.append(
                NewMessage(
                    kind="card_note",
                    subject=str(message.id),
                    platform=message.platform,
                    recipient=message.recipient,
                    body=dump(Text(change.note)),
                    priority=Priority.REPLY,
                )
            )
    await tx.messages.queue(instead, now)


async def _ask_to_be_spoken_to(
    tx: Transaction, settings: Settings, messages: Sequence[QueuedMessage], now: datetime
) -> None:
    """An answer in private to somebody in a group: the group reads why nothing came."""
    replies = [message for message in messages if message.kind == "reply"]
    asked = [
        NewMessage(
            kind="speak_first",
            subject=subject,
            platform=replies[0].platform,
            recipient=Roads.to_chat(chat_id),
            body=dump(Text(settings.texts.say("private.speak_first"))),
            priority=Priority.REPLY,
        )
        for subject in sorted({*(await tx.messages.subjects([message.id for message in replies])).values()})
        if (chat_id := subject.partition(":")[2])
    ]
    await tx.messages.queue(asked, now)
