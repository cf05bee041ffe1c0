"""How deliveries stand at the moment: what sending and reminding look at once more before anything leaves."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import among
from storage.deliveries import Delivery
from storage.enums import ItemStatus, MemberStatus
from storage.items import Item
from storage.members import Member
from storage.prepared import Prepared, flush_changes


class Standing(NamedTuple):
    """Of one delivery; the first two are what its item and its member are now."""

    item: str
    member: str
    done: bool
    excused: bool
    require: str


_STANDING = (
    select(
        Delivery.id,
        Item.status,
        Member.status,
        Delivery.done_at.is_not(None),
        Delivery.excused_at.is_not(None),
        Delivery.require,
    )
    .join(Item, Item.id == Delivery.item_id)
    .join(Member, Member.id == Delivery.member_id)
    .where(among(Delivery.id, "ids"))
)
_OF = Prepared(_STANDING)
_AMISS = Prepared(
    _STANDING.where(
        not_(
            (Item.status == ItemStatus.PUBLISHED)
            & (Member.status == MemberStatus.ACTIVE)
            & Delivery.done_at.is_(None)
            & Delivery.excused_at.is_(None)
        )
    )
)


class StandingStore:
    """Reads only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, ids: Sequence[int]) -> dict[int, Standing]:
        """Delivery → how it stands."""
        return await self._ask(_OF, ids)

    async def amiss(self, ids: Sequence[int]) -> dict[int, Standing]:
        """The same, of those alone that are not simply open: item out, member here, nothing done, nothing excused."""
        return await self._ask(_AMISS, ids)

    async def _ask(self, question: Prepared, ids: Sequence[int]) -> dict[int, Standing]:
        if not ids:
            return {}
        await flush_changes(self._session)
        return {row[0]: Standing(*row[1:]) for row in await question.run(self._session, {"ids": ids})}
