"""One more member for an item that is already out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.errors import UserError
from bot.services.access import ROSTER, Speaker
from bot.services.arguments import Named
from bot.services.helping import tell_helpers
from bot.services.people import Match, on_roster
from bot.services.pushes import push_to
from bot.services.settings import Settings
from storage.audiences import Audience
from storage.enums import ItemStatus, Role
from storage.items import Item
from storage.transaction import Transaction


class Result(StrEnum):
    DONE = "done"
    NOBODY = "nobody"
    SEVERAL = "several"
    ALREADY = "already"
    """They are in the audience."""
    OUT_OF_REACH = "out_of_reach"
    """They are in the audience now, but there is no way to them."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of it; `reason` is the key under `reason.` why there is no way to them."""

    result: Result
    match: Match
    reason: str = ""


async def add(
    tx: Transaction,
    settings: Settings,
    item: Item,
    readings: Sequence[Named],
    *,
    who: Speaker,
    source: str,
    now: datetime,
) -> Added:
    """Sends a published item to one more member of the secretary's branches. Raises UserError when it is not out."""
    if item.status != ItemStatus.PUBLISHED:
        raise UserError(f"additions.{item.status}", number=item.id)
    match = await on_roster(tx, who.branches(Role.SECRETARY), readings)
    member = await tx.members.get(match.person.member_id) if match.person is not None else None
    if member is None:
        return Added(Result.SEVERAL if match.several else Result.NOBODY, match)
    if await tx.deliveries.get(item.id, member.id) is not None:
        return Added(Result.ALREADY, match)
    account = await tx.members.account(member.id, ROSTER)
    reason = "no_account" if account is None else account.unreachable
    delivery = await tx.deliveries.add(item, member, reason=reason)
    audience = Audience.load(item.audience)
    item.audience = replace(audience, added=audience.added | {member.id}, without=audience.without - {member.id}).dump()
    item.audience_size += 1
    tx.audit.add(
        at=now,
        actor_id=who.member_id,
        source=source,
        action="item.add",
        subject=f"item:{item.id}",
        after=f"member:{member.id}",
    )
    await tx.flush()
    await tell_helpers(tx, settings, item, member_id=member.id, now=now)
    if account is None or reason is not None:
        return Added(Result.OUT_OF_REACH, match, reason or "no_account")
    await push_to(tx, settings, item, delivery, now)
    return Added(Result.DONE, match)
