"""Who was at a meeting: by the code that is shown there, or as the secretary enters it afterwards."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import UserError
from bot.rules.folding import normalise
from bot.services.access import Speaker
from bot.services.meetings import OUT, end_of
from bot.services.receipts import Claim, confirm
from storage.enums import ItemStatus, ReceiptKind, Source
from storage.items import Item
from storage.meetings import Guest, Meeting
from storage.transaction import Transaction

AROUND = timedelta(minutes=30)
"""So long before it begins, and after it ends, the code is good."""
CODE_DIGITS = 6
MOST_TRIES, TRIES_IN = 5, timedelta(minutes=10)
MOST_NAMES = 200

_BETWEEN = re.compile(r"[，,、;；\n]+")
_BLANKS = re.compile(r"\s+")


class Result(StrEnum):
    DONE = "done"
    ALREADY = "already"
    WRONG = "wrong"
    """No meeting that the member was asked to has this code now."""
    TOO_OFTEN = "too_often"


@dataclass(frozen=True, slots=True)
class CheckedIn:
    result: Result
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """The code of a meeting, and when it is good."""

    code: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of the names of a list; each stands in one of them."""

    done: Sequence[str]
    already: Sequence[str]
    unknown: Sequence[str]
    several: Sequence[str]


def window(meeting: Meeting) -> tuple[datetime, datetime]:
    """When one may check in."""
    return meeting.begins_at - AROUND, end_of(meeting.begins_at, meeting.ends_at) + AROUND


async def open_check_in(tx: Transaction, who: Speaker, item: Item, *, source: str, now: datetime) -> Open:
    """The code of a meeting, made at the first asking. Raises UserError."""
    meeting = await _meeting(tx, item)
    begins, ends = window(meeting)
    if now > ends:
        raise UserError("checkin.over", number=item.id)
    if meeting.code is None:
        meeting.code = await _fresh_code(tx)
        tx.audit.add(at=now, actor_id=who.member_id, source=source, action="checkin.open", subject=f"item:{item.id}")
    return Open(meeting.code, begins, ends)


async def check_in(tx: Transaction, member_id: int, code: str, *, source: Source, now: datetime) -> CheckedIn:
    """The member says the code: they are there. Who guesses may try five times in ten minutes."""
    for meeting in await tx.meetings.with_code(code):
        begins, ends = window(meeting)
        if not begins <= now <= ends:
            continue
        item = await tx.items.get(meeting.item_id)
        if item is None or item.status not in OUT or await tx.deliveries.get(item.id, member_id) is None:
            continue
        fresh = await tx.meetings.attend(item.id, [member_id], source=source, entered_by=None, at=now)
        if not fresh:
            return CheckedIn(Result.ALREADY, item)
        await _is_there(tx, item, [member_id], source=source, entered_by=None, now=now)
        return CheckedIn(Result.DONE, item)
    period = int(now.timestamp() // TRIES_IN.total_seconds())
    for number in range(MOST_TRIES):
        if await tx.ticks.claim(f"checkin:{member_id}", f"{period}:{number}", now):
            return CheckedIn(Result.WRONG)
    return CheckedIn(Result.TOO_OFTEN)


async def enter(tx: Transaction, who: Speaker, item: Item, words: str, *, source: str, now: datetime) -> Entered:
    """Enters those whom the secretary names. Raises UserError before the meeting has begun."""
    meeting = await _meeting(tx, item)
    if now < window(meeting)[0]:
        raise UserError("checkin.early", number=item.id, begins=meeting.begins_at)
    guests = await tx.meetings.guests(item.id)
    by_name: dict[str, list[Guest]] = {}
    for guest in guests:
        by_name.setdefault(normalise(guest.name).casefold(), []).append(guest)
    named = list(dict.fromkeys(_names(words, set(by_name))))
    if len(named) > MOST_NAMES:
        raise UserError("checkin.too_many", limit=MOST_NAMES)
    found = {name: by_name.get(normalise(name).casefold(), []) for name in named}
    one = {name: who_is[0] for name, who_is in found.items() if len(who_is) == 1}
    fresh = await tx.meetings.attend(
        item.id,
        [guest.member_id for guest in one.values()],
        source=Source.PAPER,
        entered_by=who.member_id,
        at=now,
    )
    await _is_there(tx, item, sorted(fresh), source=Source.PAPER, entered_by=who.member_id, now=now)
    if fresh:
        tx.audit.add(
            at=now,
            actor_id=who.member_id,
            source=source,
            action="checkin.enter",
            subject=f"item:{item.id}",
            after=",".join(str(each) for each in sorted(fresh)),
        )
    return Entered(
        [name for name, guest in one.items() if guest.member_id in fresh],
        [name for name, guest in one.items() if guest.member_id not in fresh],
        [name for name, who_is in found.items() if not who_is],
        [name for name, who_is in found.items() if len(who_is) > 1],
    )


async def _meeting(tx: Transaction, item: Item) -> Meeting:
    meeting = await tx.meetings.get(item.id)
    if meeting is None:
        raise UserError("meeting.not_one", number=item.id, title=item.title)
    if item.status == ItemStatus.WITHDRAWN:
        raise UserError("receipt.withdrawn", number=item.id)
    if item.status not in OUT:
        raise UserError("checkin.not_out", number=item.id)
    return meeting


async def _is_there(
    tx: Transaction, item: Item, member_ids: Sequence[int], *, source: Source, entered_by: int | None, now: datetime
) -> None:
    """Whoever is there has answered."""
    claims = [Claim(each, item.id, ReceiptKind.ACK, source, entered_by, answer=True) for each in member_ids]
    await confirm(tx, claims, now=now)
    await tx.meetings.came(item.id, member_ids, source=source, at=now)


async def _fresh_code(tx: Transaction) -> str:
    """Six digits that no other meeting has."""
    while True:
        code = f"{secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1)}"
        if not await tx.meetings.with_code(code):
            return code


def _names(words: str, known: set[str]) -> list[str]:
    """`张三、李四`, `张三 李四`, `Li Wei, Wang Wu`: a part with blanks is one name if somebody is called so."""
    names: list[str] = []
    for part in _BETWEEN.split(words):
        plain = part.strip()
        if normalise(plain).casefold() in known:
            names.append(plain)
        else:
            names += [each for each in _BLANKS.split(plain) if each]
    return names
