"""Reading for a member who does without a phone (代读人): asked by the member, agreed on by both, ended by either.

The helper gets what the member gets, marked with their name, and may confirm for them. Such a confirmation names who
gave it, is counted apart, and gives way to what the member does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.errors import UserError
from bot.message import Button, Card, Message, Text, dump
from bot.services.access import ROSTER, Speaker
from bot.services.arguments import Named
from bot.services.attachments import files_of
from bot.services.cards import item_card, whole_text
from bot.services.kinds import faces_of
from bot.services.people import Match, on_roster
from bot.services.receipts import Claim, Confirmed, confirm, on_behalf
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import Priority, ReceiptKind, Source
from storage.helping import Pair, ToTell
from storage.items import Item
from storage.messages import NewMessage
from storage.transaction import Transaction

MOST = 5
"""Members for whom one helper may read."""
AT_ONCE = 5
"""Items that were open before somebody agreed to help, and that they get then."""
KIND = "helper"


class Asked(StrEnum):
    DONE = "done"
    NOBODY = "nobody"
    SEVERAL = "several"
    SELF = "self"
    FULL = "full"
    """They read for as many as one may."""
    OUT_OF_REACH = "out_of_reach"
    """There is no way to ask them."""


@dataclass(frozen=True, slots=True)
class Overview:
    """`helper` reads for the speaker, or was asked to; `helped` are those for whom the speaker reads, or was asked."""

    helper: Pair | None
    helped: Sequence[Pair]


async def overview(tx: Transaction, member_id: int) -> Overview:
    return Overview(await tx.helping.of_member(member_id), await tx.helping.of_helper(member_id))


async def agreed(tx: Transaction, member_id: int) -> Overview:
    """Only those who have agreed: who was merely asked reads for nobody yet."""
    known = await overview(tx, member_id)
    helper = known.helper if known.helper is not None and known.helper.agreed_at else None
    return Overview(helper, [pair for pair in known.helped if pair.agreed_at])


async def ask(
    tx: Transaction, settings: Settings, who: Speaker, readings: Sequence[Named], *, source: str, now: datetime
) -> tuple[Asked, Match]:
    """Asks somebody of the speaker's branch, or of one below, to read for the speaker. Raises UserError."""
    present = await tx.helping.of_member(who.member_id)
    if present is not None:
        raise UserError("helping.has_one" if present.agreed_at else "helping.has_asked", name=present.helper)
    match = await on_roster(tx, await tx.branches.under({who.branch_id}), readings)
    if match.person is None:
        return Asked.SEVERAL if match.several else Asked.NOBODY, match
    helper_id = match.person.member_id
    if helper_id == who.member_id:
        return Asked.SELF, match
    if not await tx.members.user_ids([helper_id], ROSTER):
        return Asked.OUT_OF_REACH, match
    if await tx.helping.count_of(helper_id) >= MOST:
        return Asked.FULL, match
    await tx.helping.end_of_left(now)
    helping_id = await tx.helping.ask(who.member_id, helper_id, now)
    card = question(settings, helping_id, who.name)
    await tell(tx, settings.roads, [helper_id], card, kind="helping", subject=f"ask:{helping_id}", now=now)
    _audit(tx, helping_id, "helping.ask", f"{who.member_id} {helper_id}", who, source, now)
    return Asked.DONE, match


def question(settings: Settings, helping_id: int, member: str) -> Card:
    """What somebody is asked who is to read for a member."""
    say = settings.texts.say
    return Card(
        title=say("helping.card.title", name=member),
        subtitle=say("helping.card.subtitle"),
        body=say("helping.card.body", name=member),
        buttons=(
            Button(say("helping.button.agree"), action=f"help_yes:{helping_id}", primary=True),
            Button(say("helping.button.decline"), action=f"help_no:{helping_id}"),
        ),
    )


async def answer(
    tx: Transaction, settings: Settings, who: Speaker, helping_id: int, *, agree: bool, source: str, now: datetime
) -> Pair:
    """The helper's answer. The member hears it; agreed, the helper gets what is open. Raises UserError."""
    pair = await tx.helping.get(helping_id)
    if pair is None or pair.helper_id != who.member_id:
        raise UserError("helping.over")
    if pair.agreed_at is not None:
        raise UserError("helping.agreed_before", name=pair.member)
    done = await (tx.helping.agree(pair.id, now) if agree else tx.helping.end(pair.id, now))
    if not done:
        raise UserError("helping.over")
    key = "helping.told.agreed" if agree else "helping.told.declined"
    words = Text(settings.texts.say(key, name=pair.helper))
    await tell(tx, settings.roads, [pair.member_id], words, kind="helping", subject=f"answer:{pair.id}", now=now)
    _audit(tx, pair.id, "helping.agree" if agree else "helping.decline", None, who, source, now)
    if agree:
        await _queue(tx, settings, (await tx.helping.open_of(pair_id=pair.id))[:AT_ONCE], now)
    return pair


async def end(tx: Transaction, settings: Settings, who: Speaker, pair: Pair, *, source: str, now: datetime) -> None:
    """Ends it, whoever of the two says so; the other one hears it. Raises UserError when it is over already."""
    if who.member_id not in (pair.member_id, pair.helper_id) or not await tx.helping.end(pair.id, now):
        raise UserError("helping.over")
    await tx.messages.drop_of_kind(KIND, f"{pair.id}:", "helping_over", now)
    await tx.messages.drop_of_kind("helping", f"ask:{pair.id}:", "helping_over", now)
    _audit(tx, pair.id, "helping.end", None, who, source, now)
    if pair.agreed_at is None:
        return
    by_helper = who.member_id == pair.helper_id
    other, key = (pair.member_id, "helping.told.gone") if by_helper else (pair.helper_id, "helping.told.ended")
    words = Text(settings.texts.say(key, name=who.name))
    await tell(tx, settings.roads, [other], words, kind="helping", subject=f"end:{pair.id}", now=now)


async def tell_helpers(
    tx: Transaction, settings: Settings, item: Item, *, now: datetime, member_id: int | None = None
) -> None:
    """Whoever reads for somebody in the audience gets the item, too; for one member alone where one is given."""
    await _queue(tx, settings, await tx.helping.of_item(item.id, member_id), now)


async def readers_of(tx: Transaction, item: Item) -> dict[int, str]:
    """Open delivery → the name of who reads for its member."""
    return await tx.helping.of_audience(item.id)


async def open_for(tx: Transaction, helper_id: int) -> Sequence[ToTell]:
    """What is still open for those for whom this member reads."""
    return await tx.helping.open_of(helper_id=helper_id)


async def assist(
    tx: Transaction, who: Speaker, item_id: int, member_id: int, *, now: datetime, version: int | None = None
) -> tuple[Confirmed, ReceiptKind, str]:
    """The helper confirms for the member: (what became of it, as what, the member's name). Raises UserError.

    `version` is the one whose card they pressed; None: what the member was last sent.
    """
    pair = await tx.helping.of_member(member_id)
    if pair is None or pair.helper_id != who.member_id or pair.agreed_at is None:
        raise UserError("helping.over")
    item = await tx.items.get(item_id)
    if item is None or await tx.deliveries.get(item_id, member_id) is None:
        raise UserError("item.absent", number=item_id)
    kind = on_behalf(item)
    if kind is None:
        raise UserError("helping.themselves", number=item_id, name=pair.member)
    claim = Claim(member_id, item_id, kind, Source.HELPER, entered_by=who.member_id, version=version)
    [confirmed] = await confirm(tx, [claim], now=now)
    return confirmed, kind, pair.member


def helper_card(card: Card, settings: Settings, item: Item, member_id: int, member: str) -> Card:
    """An item's card as it goes to who reads for a member."""
    say = settings.texts.say
    which = f"{item.id} {member_id}" + (f" {item.version}" if item.version > 1 else "")
    button = Button(say("helping.button.for", name=member), action=f"assist:{which}", primary=True)
    return replace(
        card,
        title=say("helping.item.title", name=member, title=card.title),
        subtitle=say("helping.item.asks" if on_behalf(item) else "helping.item.themselves", name=member),
        buttons=(*((button,) if on_behalf(item) else ()), *(each for each in card.buttons if each.url)),
    )


async def _queue(tx: Transaction, settings: Settings, rows: Sequence[ToTell], now: datetime) -> None:
    if not rows:
        return
    items = await tx.items.many({row.item_id for row in rows})
    faces = await faces_of(tx, settings, items.values())
    branches = await tx.branches.all_names()
    user_ids = await tx.members.user_ids({row.helper_id for row in rows}, ROSTER)
    on_page = settings.links.enabled
    files = {} if on_page else {item.id: await files_of(tx, item) for item in items.values()}
    messages: list[NewMessage] = []
    for row in rows:
        item = items[row.item_id]
        if row.helper_id not in user_ids:
            continue
        face, branch = faces[item.id], branches.get(item.branch_id, "")
        card = item_card(settings.texts, settings.links, item, branch=branch, face=face)
        words = whole_text(settings.texts, settings.links, item, face)
        bodies: list[Message] = [
            *map(Text, words),
            helper_card(card, settings, item, row.member_id, row.member),
            *files.get(item.id, ()),
        ]
        messages.extend(
            NewMessage(
                kind=KIND,
                subject=f"{row.pair_id}:{row.delivery_id}" + (f":v{item.version}" if item.version > 1 else ""),
                number=number,
                platform=settings.roads.private,
                recipient=settings.roads.to_user(user_ids[row.helper_id]),
                body=dump(body),
                priority=Priority.ITEM,
                quiet=item.timed,
                lane=f"{KIND}:{row.pair_id}:{row.delivery_id}" if len(bodies) > 1 else None,
                item_id=item.id,
                delivery_id=row.delivery_id,
                member_id=row.helper_id,
            )
            for number, body in enumerate(bodies, 1)
        )
    await tx.messages.queue(messages, now)


def _audit(
    tx: Transaction, helping_id: int, action: str, after: str | None, who: Speaker, source: str, now: datetime
) -> None:
    subject = f"helping:{helping_id}"
    tx.audit.add(at=now, actor_id=who.member_id, source=source, action=action, subject=subject, after=after)
