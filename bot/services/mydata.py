"""What is kept about a member, for that member."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.services.access import Speaker
from bot.services.helping import Overview, agreed
from storage.accesses import Look
from storage.enums import Role
from storage.evidence import Evidence
from storage.lists import ReceivedItem, RowsAbout
from storage.transaction import Transaction

LATEST = 5


@dataclass(frozen=True, slots=True)
class MyData:
    """`roles` are (role, branch); `phone` is masked; `rows` counts what is kept; `latest` are the last few items."""

    name: str
    branch: str
    tier: str
    phone: str
    account: str
    unreachable: str | None
    administrator: bool
    roles: Sequence[tuple[Role, str]]
    rows: RowsAbout
    latest: Sequence[ReceivedItem]
    evidence: Mapping[int, Evidence]
    """Item of `latest` → where its receipt comes from."""
    helping: Overview
    looks: Sequence[Look]
    """The latest by others at what may have named them."""
    looked: int
    """How many there were."""


async def my_data(tx: Transaction, who: Speaker) -> MyData:
    """Everything that names the person who asks."""
    branches = await tx.branches.names({who.branch_id, *(b for held in who.granted.values() for b in held)})
    person = await tx.speaking.person(who.member_id)
    latest = await tx.lists.received(who.member_id, LATEST)
    looks, looked = await tx.accesses.at_member(who.member_id, LATEST)
    return MyData(
        name=who.name,
        branch=branches.get(who.branch_id, ""),
        tier=(person.tier or "") if person else "",
        phone=masked((person.phone or "") if person else ""),
        account=(person.user_id or who.user_id) if person else who.user_id,
        unreachable=person.unreachable if person else None,
        administrator=who.administrator,
        roles=[(role, branches[b]) for role in Role for b in sorted(who.granted.get(role, ()))],
        rows=await tx.lists.about(who.member_id),
        latest=latest,
        evidence=await tx.evidence.of_member(who.member_id, [item.item_id for item in latest]),
        helping=await agreed(tx, who.member_id),
        looks=looks,
        looked=looked,
    )


def masked(phone: str) -> str:
    """`138****5678`; of a short number only the last two digits stay."""
    if len(phone) >= 11:
        return f"{phone[:-8]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:]
