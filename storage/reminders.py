"""When somebody is to be reminded. What is due is a query on an index of open rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.among import one_of
from storage.base import Base, BigId, UTCDateTime, Word, partial_index
from storage.deliveries import Delivery
from storage.enums import Phase, ReminderState
from storage.outbox import MAY_LEAVE, OutboxMessage
from storage.prepared import Whether


class Reminder(Base):
    """One round for one delivery. Rounds count from 1, without gaps; at most one of a delivery is open.

    What is open when its member is done stays so until its time comes: nothing is sent for it, and it ends then.
    """

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    round: Mapped[int]
    due_at: Mapped[datetime]
    moment: Mapped[datetime]
    """The policy's moment, before quiet hours, limits or a snooze moved it: the next round is later than this."""
    state: Mapped[str] = mapped_column(Word)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)

    __table_args__ = (
        UniqueConstraint("delivery_id", "round"),
        partial_index("ix_reminder_due", "due_at", where="state = 'open'"),
    )


@dataclass(frozen=True, slots=True)
class DueReminder:
    """An open reminder with what deciding about it needs."""

    id: int
    delivery_id: int
    round: int
    due_at: datetime
    moment: datetime
    member_id: int
    item_id: int
    sent_at: datetime | None


_DUE = (
    Reminder.id,
    Reminder.delivery_id,
    Reminder.round,
    Reminder.due_at,
    Reminder.moment,
    Delivery.member_id,
    Delivery.item_id,
    Delivery.sent_at,
)

_ANY_DUE = Whether(Reminder.state == ReminderState.OPEN, Reminder.due_at <= bindparam("now"))


class ReminderStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def start(self, delivery_ids: Sequence[int], due_at: datetime, moment: datetime) -> None:
        """The first round of these deliveries; those that have one, or are done or excused, are left alone."""
        open_still = and_(one_of(Delivery.id, delivery_ids), Delivery.done_at.is_(None), Delivery.excused_at.is_(None))
        await self._begin(open_still, literal(1), due_at, moment)

    async def start_again(self, condition: ColumnElement[bool], due_at: datetime, moment: datetime) -> None:
        """One more round for those of these deliveries that have none open."""
        of_delivery = select(func.max(Reminder.round)).where(Reminder.delivery_id == Delivery.id)
        following = func.coalesce(of_delivery.scalar_subquery(), 0) + 1
        has_one = select(literal(1)).where(
            Reminder.delivery_id == Delivery.id, Reminder.state.in_([ReminderState.OPEN, ReminderState.QUEUED])
        )
        await self._begin(and_(condition, ~has_one.exists()), following, due_at, moment)

    async def _begin(
        self, condition: ColumnElement[bool], number: ColumnElement[int], due_at: datetime, moment: datetime
    ) -> None:
        rows = (
            select(
                Delivery.id,
                number,
                literal(due_at, UTCDateTime()),
                literal(moment, UTCDateTime()),
                literal(str(ReminderState.OPEN)),
            )
            .where(condition)
            .order_by(Delivery.id)
        )
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert(Reminder) if dialect == "postgresql" else sqlite_insert(Reminder)
        columns = ["delivery_id", "round", "due_at", "moment", "state"]
        await self._session.execute(insert.from_select(columns, rows).on_conflict_do_nothing())

    async def next_rounds(self, rows: Sequence[tuple[int, int, datetime, datetime]]) -> None:
        """(delivery, round, due, moment) of each."""
        if rows:
            dialect = self._session.get_bind().dialect.name
            insert = postgresql_insert(Reminder) if dialect == "postgresql" else sqlite_insert(Reminder)
            await self._session.execute(
                insert.on_conflict_do_nothing(),
                [
                    {"delivery_id": d, "round": r, "due_at": due, "moment": moment, "state": ReminderState.OPEN}
                    for d, r, due, moment in rows
                ],
            )

    async def any_due(self, now: datetime) -> bool:
        """Whether `due` would find something; takes nothing."""
        return await _ANY_DUE.ask(self._session, now=now)

    async def due(self, now: datetime, limit: int) -> Sequence[DueReminder]:
        """The open reminders whose time has come, the earliest first, taken for this transaction.

        What another process has taken is left out.
        """
        query = (
            select(*_DUE)
            .join(Delivery, Delivery.id == Reminder.delivery_id)
            .where(Reminder.state == ReminderState.OPEN, Reminder.due_at <= now)
            .order_by(Reminder.due_at, Reminder.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=Reminder)
        )
        return [DueReminder(*row) for row in (await self._session.execute(query))]

    async def open_of(self, delivery_ids: Sequence[int]) -> dict[int, DueReminder]:
        """Delivery → its open reminder."""
        query = (
            select(*_DUE)
            .join(Delivery, Delivery.id == Reminder.delivery_id)
            .where(one_of(Reminder.delivery_id, delivery_ids), Reminder.state == ReminderState.OPEN)
        )
        return {row[1]: DueReminder(*row) for row in (await self._session.execute(query))}

    async def last_rounds(self, delivery_ids: Sequence[int]) -> dict[int, int]:
        """Delivery → the number of its latest round."""
        query = select(Reminder.delivery_id, func.max(Reminder.round)).where(one_of(Reminder.delivery_id, delivery_ids))
        return dict((await self._session.execute(query.group_by(Reminder.delivery_id))).all())

    async def postpone(self, ids: Sequence[int], due_at: datetime) -> None:
        await self._session.execute(
            update(Reminder)
            .where(one_of(Reminder.id, ids), Reminder.state == ReminderState.OPEN)
            .values(due_at=due_at)
            .execution_options(synchronize_session=False)
        )

    async def settle(self, ids: Sequence[int], *, sent: bool) -> None:
        """The message that carried them is over; which one it was stays known."""
        if ids:
            state = ReminderState.SENT if sent else ReminderState.SKIPPED
            await self._session.execute(
                update(Reminder)
                .where(one_of(Reminder.id, ids))
                .values(state=state)
                .execution_options(synchronize_session=False)
            )

    async def set_state(self, ids: Sequence[int], state: ReminderState, message_id: int | None = None) -> None:
        if not ids:
            return
        await self._session.execute(
            update(Reminder)
            .where(one_of(Reminder.id, ids))
            .values(state=state, message_id=message_id)
            .execution_options(synchronize_session=False)
        )

    async def carry(self, carried: Sequence[tuple[int, int]]) -> None:
        """(reminder, message): the reminder is now on its way."""
        if carried:
            table = Reminder.__table__
            await (await self._session.connection()).execute(
                update(table)  # type: ignore[arg-type]
                .where(table.c.id == bindparam("reminder"))
                .values(state=ReminderState.QUEUED, message_id=bindparam("carrier")),
                [{"reminder": reminder, "carrier": message} for reminder, message in carried],
            )

    async def reopen(self, ids: Sequence[int]) -> Sequence[int]:
        """The message that carried them did not leave: each is open again, to be said anew; the deliveries they are of.

        The round that was to follow is made again when this one is said.
        """
        if not ids:
            return ()
        opened = await self._session.scalars(
            update(Reminder)
            .where(one_of(Reminder.id, ids), Reminder.state == ReminderState.QUEUED)
            .values(state=ReminderState.OPEN, message_id=None)
            .returning(Reminder.delivery_id)
            .execution_options(synchronize_session=False)
        )
        deliveries = opened.all()
        earlier = aliased(Reminder)
        before = select(literal(1)).where(
            earlier.delivery_id == Reminder.delivery_id,
            earlier.round < Reminder.round,
            earlier.state == ReminderState.OPEN,
        )
        await self._session.execute(
            delete(Reminder)
            .where(one_of(Reminder.delivery_id, deliveries), Reminder.state == ReminderState.OPEN, before.exists())
            .execution_options(synchronize_session=False)
        )
        return deliveries

    async def end_of_deliveries(self, delivery_ids: Sequence[int]) -> None:
        """Nobody reminds about these any more."""
        await self.end(one_of(Delivery.id, delivery_ids))

    async def move(self, condition: ColumnElement[bool], due_at: datetime, moment: datetime) -> None:
        """The open reminders of these deliveries come then."""
        await self._session.execute(
            update(Reminder)
            .where(Reminder.delivery_id.in_(select(Delivery.id).where(condition)), Reminder.state == ReminderState.OPEN)
            .values(due_at=due_at, moment=moment)
            .execution_options(synchronize_session=False)
        )

    async def unload(self, item_id: int, now: datetime) -> None:
        """Reminders of the item that wait in a message do not leave with it; each is open again, to be said anew.

        Those of deliveries that are done or excused are over.
        """
        of_item = select(Delivery.id).where(Delivery.item_id == item_id)
        carriers = select(Reminder.message_id).where(
            Reminder.delivery_id.in_(of_item), Reminder.state == ReminderState.QUEUED
        )
        waiting = update(OutboxMessage).where(OutboxMessage.id.in_(carriers), MAY_LEAVE)
        dropped = waiting.values(phase=Phase.DROPPED, reason="corrected", settled_at=now).returning(OutboxMessage.id)
        ids = list(await self._session.scalars(dropped.execution_options(synchronize_session=False)))
        opened = await self.reopen([reminder for _, reminder, _ in await self.carried_by(ids)])
        over = or_(Delivery.done_at.is_not(None), Delivery.excused_at.is_not(None))
        await self.end(and_(one_of(Delivery.id, opened), over))

    async def end_of_item(self, item_id: int) -> None:
        """Nobody reminds about any delivery of the item any more."""
        await self.end(Delivery.item_id == item_id)

    async def end(self, condition: ColumnElement[bool]) -> None:
        """Nobody reminds about these deliveries any more."""
        await self._session.execute(
            update(Reminder)
            .where(Reminder.delivery_id.in_(select(Delivery.id).where(condition)), Reminder.state == ReminderState.OPEN)
            .values(state=ReminderState.ENDED)
            .execution_options(synchronize_session=False)
        )

    async def carried_by(self, message_ids: Sequence[int]) -> Sequence[tuple[int, int, int]]:
        """(message, reminder, delivery) of the reminders that these messages carry."""
        if not message_ids:
            return ()
        query = select(Reminder.message_id, Reminder.id, Reminder.delivery_id).where(
            one_of(Reminder.message_id, message_ids), Reminder.state == ReminderState.QUEUED
        )
        return [(m, r, d) for m, r, d in (await self._session.execute(query)) if m is not None]
