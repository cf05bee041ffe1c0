"""What a member sees of an item in a browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.file_types import TYPES, Shown
from bot.rules.sizes import readable_size
from bot.services.access import ROSTER, Speaker, speaker
from bot.services.differences import Words
from bot.services.settings import Settings
from storage.attachments import Attached
from storage.base import BranchId
from storage.enums import ItemStatus, Require
from storage.transaction import Transaction

Tx = Transaction
"""What views pass on."""
SHOWN = frozenset({ItemStatus.PUBLISHED, ItemStatus.CLOSED, ItemStatus.WITHDRAWN})
NO_ITEM = 2**31 - 1
"""Looked for in place of an item that cannot be named: a wrong link costs the same work as somebody else's."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an item said before it was corrected."""

    number: int
    words: Words
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that goes with an item; `number` names it in addresses, `size` is in words."""

    number: int
    name: str
    size: str
    shown: Shown
    mime: str
    digest: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item and what one member of its audience has done with it. `branch` is in whose name it speaks."""

    member_id: int
    user_id: str
    number: int
    kind: str
    version: int
    branch: str
    title: str
    body: str
    link: str | None
    occasion: str | None
    require: str
    published_at: datetime | None
    due_at: datetime | None
    withdrawn: bool
    excused: bool
    read_at: datetime | None
    acknowledged_at: datetime | None
    reads_for: str = ""
    """The member of the audience for whom this one, who is not in it, reads: there is nothing to answer here."""
    corrected_at: datetime | None = None
    """When it got the words that it has now; None for an item that was never corrected."""
    earlier: Sequence[Earlier] = ()
    """What it said before, as far as it was meant for this member; the latest last."""
    files: Sequence[PageFile] = ()

    @property
    def words(self) -> Words:
        """What it says now."""
        return Words(self.title, self.body, self.link, self.due_at)


async def item_page(tx: Transaction, *, user_id: str, item_id: int | None, for_helper: bool = False) -> ItemPage | None:
    """The item as the owner of this account sees it; None for whoever is not in its audience.

    Also None for what does not exist or is not published yet. `for_helper`: whoever reads for one of the audience may
    look, too.
    """
    number = NO_ITEM if item_id is None else item_id
    member = await tx.members.by_account(ROSTER, user_id)
    item = await tx.items.get(number)
    delivery = await tx.deliveries.get(number, member.id if member else 0)
    branch = await tx.branches.get(BranchId(item.branch_id if item else 0))
    reads_for = None
    if delivery is None and for_helper:
        reads_for = await tx.helping.in_audience(number, member.id if member else 0)
    if member is None or item is None or item.status not in SHOWN or (delivery is None and reads_for is None):
        return None
    versions = await tx.versions.out(item.id) if item.version > 1 else []
    first = delivery.first_version if delivery else 1
    return ItemPage(
        member_id=member.id,
        user_id=user_id,
        number=item.id,
        kind=item.kind,
        version=item.version,
        branch=branch.name if branch else "",
        title=item.title,
        body=item.body,
        link=item.link,
        occasion=item.occasion,
        require=delivery.require if delivery else Require.NONE,
        published_at=item.published_at,
        due_at=item.due_at,
        withdrawn=item.status == ItemStatus.WITHDRAWN,
        excused=delivery is not None and delivery.excused_at is not None,
        read_at=delivery.read_at if delivery else None,
        acknowledged_at=delivery.acknowledged_at if delivery else None,
        reads_for=reads_for or "",
        corrected_at=next((each.published_at for each in versions if each.number == item.version), None),
        earlier=[
            Earlier(each.number, Words.of(each), each.published_at)
            for each in versions
            if first <= each.number < item.version
        ],
        files=_files(await tx.attachments.of_item(item.id)) if item.attached else (),
    )


async def speaker_of(tx: Transaction, settings: Settings, page: ItemPage) -> Speaker | None:
    """The member at a page, with their roles."""
    member = await tx.members.get(page.member_id)
    return None if member is None else await speaker(tx, member, page.user_id, settings.administrators)


def _files(attached: Sequence[Attached]) -> list[PageFile]:
    found = []
    for each in attached:
        if each.digest is not None:
            type = TYPES[each.type]
            found.append(PageFile(each.id, each.name, readable_size(each.size), type.shown, type.mime, each.digest))
    return found
