"""Where receipts come from, for those who look at them. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.among import among
from storage.deliveries import Delivery
from storage.enums import ReceiptKind, Source
from storage.items import Item
from storage.members import Member
from storage.prepared import Prepared, flush_changes
from storage.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Evidence:
    """The receipt that says the most about a delivery. `entered_by` is a name, None where it was the member."""

    source: Source
    at: datetime
    entered_by: str | None


_OF_MEMBER = Prepared(
    select(Delivery.item_id, Receipt.kind, Receipt.source, Receipt.at, Member.name)
    .join(Delivery, Delivery.id == Receipt.delivery_id)
    .outerjoin(Member, Member.id == Receipt.entered_by)
    .where(Delivery.member_id == bindparam("member"), among(Delivery.item_id, "items"))
)


def _entered(*conditions: ColumnElement[bool]) -> Prepared:
    """As `EvidenceStore.entered` tells; the sum keeps SQLite from beginning with the deliveries."""
    since = Receipt.at >= bindparam("since")
    return Prepared(
        select(Delivery.item_id, Receipt.source, func.count())
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .where(Receipt.entered_by.is_not(None), since, among(Delivery.item_id + 0, "items"), *conditions)
        .group_by(Delivery.item_id, Receipt.source)
    )


_ENTERED, _ENTERED_IN = _entered(), _entered(among(Delivery.branch_id, "branches"))


class EvidenceStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_item(self, item_id: int, delivery_ids: Iterable[int] | None = None) -> dict[int, Evidence]:
        """Delivery → its evidence, for those that have any; an acknowledgement says more than a read."""
        query = (
            select(Receipt.delivery_id, Receipt.kind, Receipt.source, Receipt.at, Member.name)
            .join(Delivery, Delivery.id == Receipt.delivery_id)
            .outerjoin(Member, Member.id == Receipt.entered_by)
            .where(Delivery.item_id == item_id)
        )
        if delivery_ids is not None:
            query = query.where(Delivery.id.in_(set(delivery_ids)))
        return _strongest(await self._session.execute(query))

    async def of_member(self, member_id: int, item_ids: Iterable[int]) -> dict[int, Evidence]:
        """Item → the evidence that one member has done it."""
        await flush_changes(self._session)
        rows = await _OF_MEMBER.run(self._session, {"member": member_id, "items": list(set(item_ids))})
        return _strongest(rows)

    async def entered(
        self, items: Iterable[Item], branch_ids: Iterable[int] | None = None
    ) -> dict[int, dict[Source, int]]:
        """Item → source → deliveries whose receipt somebody else entered; one query for any number of items.

        It looks at what was entered since the oldest of them went out, which is little, not at all their deliveries.
        """
        out = {item.id: item.published_at for item in items if item.published_at is not None}
        if not out:
            return {}
        values: dict[str, Any] = {"items": list(out), "since": min(out.values())}
        await flush_changes(self._session)
        if branch_ids is None:
            rows = await _ENTERED.run(self._session, values)
        else:
            rows = await _ENTERED_IN.run(self._session, values | {"branches": list(set(branch_ids))})
        found: dict[int, dict[Source, int]] = {}
        for item_id, source, n in rows:
            found.setdefault(item_id, {})[Source(source)] = n
        return found


def _strongest(rows: Iterable[Any]) -> dict[int, Evidence]:
    found: dict[int, Evidence] = {}
    for key, kind, source, at, name in rows:
        if kind == ReceiptKind.ACK or key not in found:
            found[key] = Evidence(Source(source), at, name)
    return found
