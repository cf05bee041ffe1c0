"""Taking a place, giving it back, and moving up from the waiting list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import UserError
from bot.message import Text
from bot.services.access import absent
from bot.services.closing import close
from bot.services.receipts import Claim, confirm
from bot.services.roads import tell
from bot.services.settings import Settings
from storage.enums import ItemKind, ItemStatus, ReceiptKind, Source
from storage.items import Item
from storage.signups import Place, Signup
from storage.transaction import Transaction

BATCH = 20


class Result(StrEnum):
    IN = "in"
    WAITING = "waiting"
    ALREADY_IN = "already_in"
    ALREADY_WAITING = "already_waiting"
    OUT = "out"
    NOT_IN = "not_in"


@dataclass(frozen=True, slots=True)
class SignedUp:
    """`ahead`: how many wait before this member."""

    result: Result
    item: Item
    ahead: int = 0


async def enter(tx: Transaction, member_id: int, number: int, *, source: Source, now: datetime) -> SignedUp:
    """Takes a place, or one on the waiting list. Raises UserError. There are never more places taken than there are."""
    item, signup = await _open_signup(tx, member_id, number, now)
    mine = await tx.signups.place_of(number, member_id)
    if mine is None:
        taken, _ = (await tx.signups.counts([number]))[number]
        waiting = signup.places is not None and taken >= signup.places
        await tx.signups.take(number, member_id, waiting=waiting, at=now)
        await confirm(tx, [Claim(member_id, number, ReceiptKind.ACK, source)], now=now)
        _audit(tx, member_id, number, source, "signup.enter", now)
        mine = await tx.signups.place_of(number, member_id)
        results = (Result.IN, Result.WAITING)
    else:
        results = (Result.ALREADY_IN, Result.ALREADY_WAITING)
    if mine is None or not mine.waiting:
        return SignedUp(results[0], item)
    return SignedUp(results[1], item, await tx.signups.ahead_of(mine))


async def leave(
    tx: Transaction, settings: Settings, member_id: int, number: int, *, source: Source, now: datetime
) -> SignedUp:
    """Gives the place back; the first who waits gets it and is told at once. Raises UserError."""
    item, _ = await _open_signup(tx, member_id, number, now)
    mine = await tx.signups.place_of(number, member_id)
    if mine is None:
        return SignedUp(Result.NOT_IN, item)
    had_place = not mine.waiting
    await tx.signups.leave(mine.id)
    _audit(tx, member_id, number, source, "signup.leave", now)
    if had_place:
        await _move_up(tx, settings, item, now)
    return SignedUp(Result.OUT, item)


async def _move_up(tx: Transaction, settings: Settings, item: Item, now: datetime) -> None:
    moved = await tx.signups.move_up(item.id)
    if moved is None:
        return
    tx.audit.add(
        at=now, actor_id=None, source="clock", action="signup.move_up", subject=f"item:{item.id}", after=str(moved)
    )
    words = Text(settings.texts.say("signup.moved_up", number=item.id, title=item.title))
    subject = f"item:{item.id}:{now.isoformat()}"
    await tell(tx, settings.roads, [moved], words, kind="moved_up", subject=subject, now=now)


async def set_places(tx: Transaction, settings: Settings, item: Item, places: int | None, *, now: datetime) -> None:
    """So many from now on (None: for all); who waits moves up in order and is told. Nobody loses a place."""
    signup = await tx.signups.get(item.id, for_change=True)
    if signup is None:
        return
    signup.places = places
    await tx.flush()
    taken, waiting = (await tx.signups.counts([item.id]))[item.id]
    for _ in range(waiting if places is None else min(waiting, max(places - taken, 0))):
        await _move_up(tx, settings, item, now)


async def _open_signup(tx: Transaction, member_id: int, number: int, now: datetime) -> tuple[Item, Signup]:
    item = await tx.items.get(number)
    delivery = await tx.deliveries.get(number, member_id) if item is not None else None
    if item is None or delivery is None or item.published_at is None:
        raise absent(number)
    signup = await tx.signups.get(number, for_change=True)
    if signup is None:
        raise UserError("signup.not_one", number=number, title=item.title)
    if item.status == ItemStatus.WITHDRAWN:
        raise UserError("receipt.withdrawn", number=number)
    if is_over(item, now):
        raise UserError("signup.over", number=number, title=item.title)
    return item, signup


def is_over(item: Item, now: datetime) -> bool:
    """Whether places are neither taken nor given back any more. One that all have seen may close and stays open."""
    if item.due_at is not None:
        return item.due_at <= now or (item.status == ItemStatus.CLOSED and item.ended_by != "done")
    return item.status == ItemStatus.CLOSED and item.ended_by != "done"


async def open_signups(tx: Transaction, member_id: int, now: datetime) -> Sequence[int]:
    """The sign-ups that this member was asked to and that go on, the latest first."""
    found = await tx.signups.running_for(member_id, now)
    return list(found)


async def signup_list(tx: Transaction, settings: Settings, item: Item) -> list[str]:
    """Who has a place and who waits: for the secretary alone."""
    texts = settings.texts
    lines = [texts.say("names.head", number=item.id, title=item.title)]
    for name, waiting in (("signup.names.in", False), ("signup.names.waiting", True)):
        names = await tx.signups.names(item.id, waiting=waiting)
        if names:
            lines.append(texts.say(name, n=len(names), names=texts.list(list(names))))
    return lines if len(lines) > 1 else [*lines, texts.say("signup.names.nobody")]


async def close_signups(tx: Transaction, settings: Settings, *, now: datetime) -> int:
    """A sign-up is over when it is due; how many there were."""
    over = await tx.items.past_due(ItemKind.SIGNUP, now, BATCH)
    for item in over:
        await close(tx, settings, item, by="over", actor_id=None, now=now)
        words = Text("\n".join(await signup_list(tx, settings, item)))
        subject = f"item:{item.id}:result"
        await tell(tx, settings.roads, [item.author_id], words, kind="closing", subject=subject, now=now)
    return len(over)


@dataclass(frozen=True, slots=True)
class SignupPage:
    """What a member's page shows. `mine` is None without a place; `ahead` wait before them."""

    places: int | None
    taken: int
    waiting: int
    mine: Place | None
    ahead: int
    open: bool


async def signup_page(tx: Transaction, member_id: int, number: int, *, now: datetime) -> SignupPage:
    """The sign-up of a page. Raises UserError for an item that is none."""
    item, signup = await tx.items.get(number), await tx.signups.get(number)
    if item is None or signup is None:
        raise absent(number)
    taken, waiting = (await tx.signups.counts([number]))[number]
    mine = await tx.signups.place_of(number, member_id)
    ahead = await tx.signups.ahead_of(mine) if mine is not None and mine.waiting else 0
    return SignupPage(signup.places, taken, waiting, mine, ahead, not is_over(item, now))


def _audit(tx: Transaction, member_id: int, number: int, source: Source, action: str, now: datetime) -> None:
    tx.audit.add(at=now, actor_id=member_id, source=source, action=action, subject=f"item:{number}")
