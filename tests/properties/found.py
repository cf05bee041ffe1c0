"""What the database says about one play, read at once."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.audit import AuditRow
from storage.base import Base
from storage.budgets import DayBudget
from storage.calls import Call
from storage.contents import Content
from storage.database import Database
from storage.deliveries import Delivery
from storage.inbox import InboxRow
from storage.items import Item, Tally
from storage.leases import Lease
from storage.members import Member
from storage.outbox import OutboxMessage
from storage.prepared import Prepared
from storage.receipts import Receipt
from storage.reminders import Reminder

Rows = Sequence[Any]
"""Of a table or of some columns: named tuples."""


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the play began: what is above is its own, for one play goes on at a time."""

    highest: Mapping[str, int]
    """Table → the highest id, of those tables that have ids."""
    day: str
    """Of some days before it: a clock may be set back."""
    used: tuple[tuple[str, int], ...]
    """What was used of the days after that."""


@dataclass(frozen=True, slots=True)
class Found:
    items: Rows
    deliveries: Rows
    messages: Rows
    reminders: Rows
    calls: Rows
    audit: Rows
    tallies: Rows
    evidence: Rows
    answers: Rows
    """(recipient's key, phase, body) of what answers somebody by a message."""
    members: Rows
    budgets: Rows
    leases: Rows
    updates: Rows
    """(state) of what came in."""

    def effects(self) -> tuple[Rows, ...]:
        """All that a callback may change."""
        return self.items, self.deliveries, self.messages, self.reminders, self.audit, self.tallies, self.evidence


class _Reading:
    """A statement that is read again and again: its rows by the names of their columns."""

    def __init__(self, query: Select[Any]) -> None:
        self._prepared = Prepared(query)
        self._row = namedtuple("_row", [column.name for column in query.selected_columns])

    async def rows(self, session: AsyncSession, **values: Any) -> Rows:
        return [self._row._make(row) for row in await self._prepared.run(session, values)]


def _above(table: Table, column: str = "id", *, among: Sequence[str] = ()) -> _Reading:
    """Its rows above a value of a column, in the column's order; `among` if only these columns matter."""
    chosen = select(*[table.c[name] for name in among]) if among else select(table)
    return _Reading(chosen.where(table.c[column] > bindparam("after")).order_by(table.c[column]))


_delivery, _message, _inbox, _content = (_table(model) for model in (Delivery, OutboxMessage, InboxRow, Content))
_numbered = [table for table in Base.metadata.sorted_tables if "id" in table.c]
_HIGHEST = _Reading(select(*[select(func.max(table.c.id)).scalar_subquery().label(table.name) for table in _numbered]))
_ITEMS, _DELIVERIES, _MESSAGES = _above(_table(Item)), _above(_delivery), _above(_message)
_REMINDERS, _CALLS, _AUDIT = _above(_table(Reminder)), _above(_table(Call)), _above(_table(AuditRow))
_TALLIES, _EVIDENCE = _above(_table(Tally), "item_id"), _above(_table(Receipt), "delivery_id")
_MEMBERS, _BUDGETS = _above(_table(Member)), _above(_table(DayBudget), "day")
_LEASES, _UPDATES = _Reading(select(_table(Lease))), _above(_inbox, among=["state"])
_ANSWERS = _Reading(
    select(_message.c.recipient_key, _message.c.phase, _content.c.body)
    .join(_content, _content.c.id == _message.c.content_id)
    .where(_message.c.id > bindparam("after"), _message.c.kind == "reply")
)


async def marks(database: Database, now: datetime) -> Marks:
    day = (now - timedelta(days=3)).date().isoformat()
    async with database.looking() as tx:
        (found,) = await _HIGHEST.rows(tx._session)
        highest = {table.name: number or 0 for table, number in zip(_numbered, found, strict=True)}
        used = await _BUDGETS.rows(tx._session, after=day)
    return Marks(highest, day, tuple((row.day, row.used) for row in used))


async def look(database: Database, since: Marks, members: Sequence[int]) -> Found:
    """As it stands when nothing is under way."""
    highest = since.highest
    async with database.looking() as tx:
        session = tx._session
        return Found(
            items=await _ITEMS.rows(session, after=highest["item"]),
            deliveries=await _DELIVERIES.rows(session, after=highest["delivery"]),
            messages=await _MESSAGES.rows(session, after=highest["message"]),
            reminders=await _REMINDERS.rows(session, after=highest["reminder"]),
            calls=await _CALLS.rows(session, after=highest["call"]),
            audit=await _AUDIT.rows(session, after=highest["audit"]),
            tallies=await _TALLIES.rows(session, after=highest["item"]),
            evidence=await _EVIDENCE.rows(session, after=highest["delivery"]),
            answers=await _ANSWERS.rows(session, after=highest["message"]),
            members=await _MEMBERS.rows(session, after=min(members) - 1),
            budgets=await _BUDGETS.rows(session, after=since.day),
            leases=await _LEASES.rows(session),
            updates=await _UPDATES.rows(session, after=highest["inbox"]),
        )


_STORED = {
    table.name: Prepared(
        select(table).where(table.c.id > bindparam("after")) if table in _numbered else select(table),
    )
    for table in Base.metadata.sorted_tables
}


async def everything(database: Database, since: Marks | None = None) -> list[str]:
    """Every row that is stored, as text; without those that have ids from before `since`."""
    found: list[str] = []
    numbered = {table.name for table in _numbered}
    async with database.looking() as tx:
        for name, stored in _STORED.items():
            given = {"after": since.highest[name] if since else 0} if name in numbered else {}
            for row in await stored.run(tx._session, given):
                values = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in row]
                found.append(" ".join([name, *values, ""]))
    return found
