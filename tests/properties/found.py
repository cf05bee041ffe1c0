"""What the database says about one play, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, func, select

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
from storage.receipts import Receipt
from storage.reminders import Reminder

Rows = Sequence[Row[Any]]


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


_MARKED = (Item, Delivery, OutboxMessage, Reminder, Call, AuditRow, InboxRow)


@dataclass(frozen=True, slots=True)
class Marks:
    """The highest ids when the play began: what is above them is its own, for one play goes on at a time."""

    item: int
    delivery: int
    message: int
    reminder: int
    call: int
    audit: int
    inbox: int
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


async def marks(database: Database, now: datetime) -> Marks:
    day = (now - timedelta(days=3)).date().isoformat()
    async with database.reader.connect() as db:
        highest = [await db.scalar(select(func.max(model.id))) or 0 for model in _MARKED]
        used = await db.execute(select(_budget.c.day, _budget.c.used).where(_budget.c.day > day))
        return Marks(*highest, day, tuple((day, n) for day, n in used))


_message, _delivery, _inbox, _budget = (_table(model) for model in (OutboxMessage, Delivery, InboxRow, DayBudget))


async def look(database: Database, since: Marks, members: Sequence[int]) -> Found:
    """Only statements whose words are always the same: they are compiled once."""
    async with database.reader.connect() as db:

        async def rows(table: Table, after: int | str, column: str = "id") -> Rows:
            return (await db.execute(select(table).where(table.c[column] > after).order_by(table.c[column]))).all()

        deliveries = await rows(_delivery, since.delivery)
        answers = select(_message.c.recipient_key, _message.c.phase, _table(Content).c.body)
        answers = answers.join(_table(Content), _table(Content).c.id == _message.c.content_id)
        answers = answers.where(_message.c.id > since.message, _message.c.kind == "reply")
        return Found(
            items=await rows(_table(Item), since.item),
            deliveries=deliveries,
            messages=await rows(_message, since.message),
            reminders=await rows(_table(Reminder), since.reminder),
            calls=await rows(_table(Call), since.call),
            audit=await rows(_table(AuditRow), since.audit),
            tallies=await rows(_table(Tally), since.item, "item_id"),
            evidence=await rows(_table(Receipt), since.delivery, "delivery_id"),
            answers=(await db.execute(answers)).all(),
            members=await rows(_table(Member), min(members) - 1),
            budgets=await rows(_table(DayBudget), since.day, "day"),
            leases=(await db.execute(select(_table(Lease)))).all(),
            updates=(await db.execute(select(_inbox.c.state).where(_inbox.c.id > since.inbox))).all(),
        )
