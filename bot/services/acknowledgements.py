"""What a member hears after saying that they read or received something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from bot.message import Card
from bot.services.cards import item_card
from bot.services.kinds import faces_of
from bot.services.receipts import Claim, Confirmed, Result, confirm, group_counts
from bot.services.settings import Settings
from storage.enums import ItemStatus, ReceiptKind, Source
from storage.items import Item
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`words` for the chat; `private` for the person alone, where others read along and it is nobody else's business.

    `label` is for the clicked card's button, "" when the card stays as it is.
    """

    words: str
    label: str = ""
    private: str = ""
    absent: bool = False
    """There is no such item, or it is not for them."""
    card: Card | None = None
    """The text as it is now, for the person alone: what they had was corrected since."""


async def acknowledge(
    tx: Transaction,
    settings: Settings,
    member_id: int,
    number: int | None,
    *,
    source: Source,
    in_group: bool,
    now: datetime,
) -> Acknowledged:
    """Records one member's acknowledgement of an item, or of the only open one; what to say."""
    (confirmed,) = await confirm(tx, [Claim(member_id, number, ReceiptKind.ACK, source)], now=now)
    renewed = await renew(tx, settings, [confirmed])
    return acknowledged(
        settings, confirmed, number=number, kind=ReceiptKind.ACK, in_group=in_group, now=now, renewed=renewed
    )


async def renew(tx: Transaction, settings: Settings, answers: Sequence[Confirmed]) -> dict[int, Card]:
    """Item → its card as it is now, for those who answered words that were corrected; from now on they have had it."""
    outdated = [(answer.item.id, answer) for answer in answers if answer.result is Result.OUTDATED and answer.item]
    if not outdated:
        return {}
    items = await tx.items.many({item_id for item_id, _ in outdated})
    branches = await tx.branches.all_names()
    faces = await faces_of(tx, settings, items.values())
    for item in items.values():
        ids = [answer.delivery_id for item_id, answer in outdated if item_id == item.id]
        await tx.pushes.brought(ids, item.version)
    return {
        item.id: item_card(
            settings.texts, settings.links, item, branch=branches.get(item.branch_id, ""), face=faces[item.id]
        )
        for item in items.values()
    }


def acknowledged(
    settings: Settings,
    confirmed: Confirmed,
    *,
    number: int | None,
    kind: ReceiptKind,
    in_group: bool,
    now: datetime,
    renewed: Mapping[int, Card] = MappingProxyType({}),
) -> Acknowledged:
    """The answer to one claim. `number` is what was said, None when nothing was; `renewed` as `renew` gives it."""
    texts, item = settings.texts, confirmed.item
    match confirmed.result:
        case Result.DONE if item is not None:
            late = item.status == ItemStatus.CLOSED
            key = f"receipt.{'late' if late else 'done'}.{kind}"
            return Acknowledged(texts.say(key, number=item.id, title=item.title), texts.say(f"card.done.{kind}"))
        case Result.ALREADY if item is not None:
            when = texts.when(confirmed.at or now, now)
            return Acknowledged(
                texts.say(f"receipt.already.{kind}", number=item.id, when=when), texts.say(f"card.done.{kind}")
            )
        case Result.UNANSWERED if item is not None:
            return Acknowledged(texts.say(f"receipt.unanswered.{item.kind}", number=item.id, title=item.title))
        case Result.OUTDATED if item is not None:
            words = texts.say("receipt.outdated", number=item.id, title=item.title)
            return Acknowledged(words, texts.say("card.done.outdated"), card=renewed.get(item.id))
        case Result.WITHDRAWN if item is not None:
            return Acknowledged(texts.say("receipt.withdrawn", number=item.id), texts.say("card.done.withdrawn"))
        case Result.WHICH:
            lines = [texts.say("receipt.which.line", number=o.item_id, title=o.title) for o in confirmed.options[:10]]
            example = confirmed.options[0].item_id
            asked = texts.say("receipt.which", items="\n".join(lines), example=example)
            return Acknowledged(texts.say("receipt.example"), private=asked) if in_group else Acknowledged(asked)
        case Result.NOTHING:
            return Acknowledged(texts.say("receipt.nothing"))
        case _:
            return Acknowledged(texts.say("item.absent", number=number), absent=True)


async def group_cards(tx: Transaction, settings: Settings, items: Mapping[int, Item]) -> dict[int, Card]:
    """The cards of these items as groups show them, with how many have answered.

    A group's card changes only when somebody presses it, so a nought would stand there long after it was wrong.
    """
    if not items:
        return {}
    branches = await tx.branches.all_names()
    counts = await group_counts(tx, items.values())
    faces = await faces_of(tx, settings, items.values())
    return {
        item_id: item_card(
            settings.texts,
            settings.links,
            item,
            branch=branches.get(item.branch_id, ""),
            face=faces[item_id],
            count=faces[item_id].count or (settings.texts.say("card.count", done=done, total=total) if done else ""),
        )
        for item_id, item in items.items()
        for done, total in (counts[item_id],)
    }


async def own_card(tx: Transaction, settings: Settings, item: Item, *, answer: str, in_group: bool) -> Card:
    """The card after somebody has answered by it: with what they said, or for a group, with how many have."""
    if in_group:
        return (await group_cards(tx, settings, {item.id: item}))[item.id]
    face = (await faces_of(tx, settings, [item]))[item.id]
    branch = await tx.branches.get_name(item.branch_id)
    return item_card(settings.texts, settings.links, item, branch=branch, face=face, answer=answer)
