"""An item's life as it would be, told beforehand: reads what is there, then lets the rules play. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import UserError
from bot.rules.rehearsing import Event, Player, Script, What, rehearse
from bot.rules.spreading import OVER
from bot.rules.wall_clock import start_of_day, week_of
from bot.services.access import ROSTER
from bot.services.closing import AFTER_DUE, LONGEST
from bot.services.reminders import AGAIN_AFTER, policy_of
from bot.services.settings import Settings
from bot.texts import Texts
from storage.audiences import Audience, AudienceCount
from storage.enums import ItemStatus, Require
from storage.items import Item
from storage.transaction import Transaction

LOOKED_AHEAD = timedelta(days=14)
OUTAGE = timedelta(hours=1)
MOST_LINES = 30
"""Of one run; what happens later is left out and said so."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What happens if all goes well, if the platform cannot be reached for an hour, and if it refuses one in ten."""

    events: Sequence[Event]
    in_outage: Sequence[Event]
    with_refusals: Sequence[Event]
    count: AudienceCount
    groups: int
    begins_now: bool
    """It was played as if it were confirmed this moment."""
    answers: bool


async def rehearsal_of(tx: Transaction, settings: Settings, item: Item, *, now: datetime) -> Rehearsal:
    """Plays a draft as if it were confirmed now, and anything later from its own time on."""
    if item.status == ItemStatus.WITHDRAWN:
        raise UserError("rehearsal.withdrawn", number=item.id)
    audience = Audience.load(item.audience)
    count = await tx.audiences.count(audience, ROSTER)
    members = await tx.audiences.reachable(audience, ROSTER)
    if not members:
        raise UserError("rehearsal.nobody", number=item.id)
    begins_now = item.status == ItemStatus.DRAFT and (item.publish_at is None or item.publish_at <= now)
    undo_until = now + settings.publishing.undo_window
    sent_at = item.published_at or (undo_until if begins_now else max(item.publish_at or now, now))
    if item.status == ItemStatus.DRAFT:
        sent_at = max(sent_at, undo_until)
    script = _script(settings, item, sent_at)
    players = await _players(tx, settings, members, now, fresh=item.published_at is not None)
    chats = await tx.chats.of_branches({item.branch_id, *await tx.audiences.branch_ids(audience)})
    return Rehearsal(
        events=rehearse(script, players, now=now),
        in_outage=rehearse(replace(script, outage_until=sent_at + OUTAGE), players, now=now),
        with_refusals=rehearse(replace(script, refused=1), players, now=now),
        count=count,
        groups=len(chats) if settings.roads.group else 0,
        begins_now=begins_now,
        answers=script.answers,
    )


def _script(settings: Settings, item: Item, sent_at: datetime) -> Script:
    rules = settings.reminding
    closes_at = sent_at + LONGEST if item.due_at is None else item.due_at + AFTER_DUE
    return Script(
        sent_at=sent_at,
        due_at=item.due_at,
        closes_at=closes_at,
        until=sent_at + LOOKED_AHEAD,
        policy=policy_of(item),
        quiet=rules.quiet,
        workdays=rules.workdays,
        daily=rules.daily,
        weekly=rules.weekly,
        again_after=AGAIN_AFTER,
        spreads=item.spread,
        answers=item.require != Require.NONE,
    )


async def _players(
    tx: Transaction, settings: Settings, members: Sequence[int], now: datetime, *, fresh: bool
) -> list[Player]:
    """With the reminders that they have had already; of what is out none: its own would count twice."""
    if fresh:
        return [Player(member_id) for member_id in members]
    zone = settings.texts.zone
    today = start_of_day(now.astimezone(zone).date(), zone)
    monday = start_of_day(week_of(now, zone), zone)
    had = await tx.pacing.reminded_since(members, today, monday)
    return [Player(member_id, *had.get(member_id, (0, 0))) for member_id in members]


def transcript(texts: Texts, item: Item, played: Rehearsal, *, now: datetime) -> str:
    """The rehearsal in short lines with dates; names those who will not get it, and nobody else."""
    lines = [texts.say("rehearsal.head", number=item.id, title=item.title)]
    lines.append(texts.say("rehearsal.from_now" if played.begins_now else "rehearsal.from_then"))
    lines.append(texts.say("rehearsal.assumed" if played.answers else "rehearsal.asks_nothing"))
    told = [line for event in played.events for line in _lines(texts, event, now)]
    lines += told[:MOST_LINES]
    if len(told) > MOST_LINES:
        lines.append(texts.say("rehearsal.more", n=len(told) - MOST_LINES))
    if played.groups:
        lines.append(texts.say("rehearsal.groups", n=played.groups))
    if played.count.unreachable_total:
        named = played.count.unreachable
        each = [texts.say("preview.person", name=name, reason=texts.reason(why)) for name, why in named]
        lost = played.count.unreachable_total
        lines.append(texts.say("rehearsal.unreachable", n=lost, total=played.count.total, names=texts.list(each, 10)))
    lines += _mishaps(texts, played, now)
    return "\n".join(lines)


def _mishaps(texts: Texts, played: Rehearsal, now: datetime) -> list[str]:
    late = next(event for event in played.in_outage if event.what is What.SENT)
    lines = [texts.say("rehearsal.outage", at=texts.when(late.at, now), people=late.people)]
    refused = next((event for event in played.with_refusals if event.what is What.REFUSED), None)
    if refused is not None:
        lines.append(texts.say("rehearsal.refused", people=refused.people))
    return lines


def _lines(texts: Texts, event: Event, now: datetime) -> list[str]:
    """One line for what happens, none for an answer that nobody gives."""
    if event.what is What.DONE and not event.people:
        return []
    at = texts.when(event.at, now)
    if event.what in (What.SENT, What.REMINDED) and event.last - event.at >= timedelta(minutes=1):
        at = texts.say("rehearsal.between", at=at, last=f"{event.last.astimezone(texts.zone):%H:%M}")
    until = texts.when(event.last, now)
    words = texts.say(f"rehearsal.{event.what}", at=at, people=event.people, still_open=event.still_open, until=until)
    # What only gives way to the full hour was not moved by anything that has to be explained.
    if event.what is What.REMINDED and event.moment is not None and event.at - event.moment > timedelta(minutes=OVER):
        words += texts.say("rehearsal.moved", moment=texts.when(event.moment, now))
    return [words]
