"""What only an administrator can mend: said to them once, daily as long as it lasts, and that it is over."""

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.message import Text
from bot.services.access import ROSTER
from bot.services.roads import BOT, Roads, tell
from bot.services.settings import Settings
from storage.transaction import Transaction

AGAIN_AFTER = timedelta(hours=1)
"""What is over and comes back is said again on the same day only after this."""
MENDED_AFTER = timedelta(minutes=2)
"""What was not seen for so long is over."""
MOST_ABOUT = 120


async def raise_alarm(
    tx: Transaction, settings: Settings, key: str, about: str = "", /, *, now: datetime, **params: object
) -> bool:
    """Something has happened: the administrators are told `alarm.<key>`, once a day; whether it was said now.

    `about` tells apart what has different causes.
    """
    return await _raise(tx, settings, key, about, "", now, params, lasts=False)


async def raise_lasting(
    tx: Transaction, settings: Settings, key: str, about: str, road: str, /, *, now: datetime, **params: object
) -> bool:
    """As `raise_alarm`, of what lasts: it is raised again at least every minute, and mended when it is not any more.

    `road` is the platform that nothing can be said through meanwhile, or "": this and other alarms take another one,
    if there is one that works.
    """
    return await _raise(tx, settings, key, about, road, now, params, lasts=True)


async def mend_alarms(tx: Transaction, settings: Settings, *, unproven: Container[str], now: datetime) -> list[str]:
    """What lasted and is not there any more: whoever was told of it hears that, too. The causes that are over.

    `unproven` are platforms of which nobody knows yet whether they work again.
    """
    seen_before = now - MENDED_AFTER
    over = []
    for alarm in await tx.alarms.open():
        if alarm.seen_at > seen_before or (alarm.road and alarm.road in unproven):
            continue
        mended = await tx.alarms.mend(alarm.cause, seen_before=seen_before, now=now)
        if mended is not None:
            over.append(mended)
    texts = settings.texts
    for alarm in over:
        if alarm.told:
            words = texts.say("alarm.mended", what=texts.say(f"alarm.about.{alarm.key}"), since=alarm.began_at)
            roads = await _working(tx, settings)
            await _tell(tx, settings, roads, words, f"mended:{alarm.cause}:{now:%Y%m%d%H%M}", now)
    return [alarm.cause for alarm in over]


async def _raise(
    tx: Transaction,
    settings: Settings,
    key: str,
    about: str,
    road: str,
    now: datetime,
    params: Mapping[str, object],
    *,
    lasts: bool,
) -> bool:
    day = now.astimezone(settings.texts.zone).date()
    day_began = datetime.combine(day, time(), settings.texts.zone)
    cause = f"{key}:{about[:MOST_ABOUT]}" if about else key
    fresh = await tx.alarms.begin(
        cause, key, road, lasts=lasts, now=now, day_began=day_began, again_before=now - AGAIN_AFTER
    )
    if not fresh and not road:
        return False
    roads = await _working(tx, settings)
    if road and road != roads.private:
        prefixes = (replace(roads, private=road).prefix, roads.prefix)
        await tx.alarms.reroute("alarm", road, roads.private, prefixes=prefixes, now=now)
    if fresh:
        await _tell(tx, settings, roads, settings.texts.say(f"alarm.{key}", **params), f"{cause}:{now:%Y%m%d%H%M}", now)
    return fresh


async def _working(tx: Transaction, settings: Settings) -> Roads:
    """The roads with the first private one that is not broken; the usual one when all are."""
    usual = settings.roads
    candidates = [usual.private, *([BOT] if usual.group == BOT and usual.private != BOT else [])]
    broken = await tx.alarms.broken_roads()
    return replace(usual, private=next((each for each in candidates if each not in broken), usual.private))


async def _tell(tx: Transaction, settings: Settings, roads: Roads, words: str, subject: str, now: datetime) -> None:
    members = await tx.members.by_accounts(ROSTER, settings.administrators)
    ids = [member.id for member in members.values()]
    await tell(tx, roads, ids, Text(words), kind="alarm", subject=subject, now=now)
