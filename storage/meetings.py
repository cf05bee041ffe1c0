"""Meetings: when and where, who comes, who was there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Word, partial_index
from storage.deliveries import Delivery
from storage.members import Member
from storage.prepared import Whether


class Meeting(Base):
    __tablename__ = "meeting"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    code: Mapped[str | None] = mapped_column(Word, index=True)
    """What is said at the door; None until somebody asks for it."""
    remind_at: Mapped[datetime | None]
    """When those who come are reminded; None: not, or done."""

    __table_args__ = (partial_index("ix_meeting_remind_at", "remind_at", where="remind_at IS NOT NULL"),)


class MeetingAnswer(Base):
    """The last that a member has said. `reason` is for the secretary alone."""

    __tablename__ = "meeting_answer"

    item_id: Mapped[int] = mapped_column(ForeignKey("meeting.item_id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    comes: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Word)
    at: Mapped[datetime]


class Attendance(Base):
    """A member who was there; `entered_by` is who said so, where that is not the member."""

    __tablename__ = "attendance"

    item_id: Mapped[int] = mapped_column(ForeignKey("meeting.item_id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    source: Mapped[str] = mapped_column(Word)
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Heads:
    """Members who come, are on leave, were there."""

    coming: int = 0
    leave: int = 0
    present: int = 0


@dataclass(frozen=True, slots=True)
class Guest:
    """What a member of the audience has said, and whether they were there; `comes` None: nothing yet."""

    member_id: int
    name: str
    branch_id: int
    comes: bool | None
    reason: str | None
    present: bool
    entered_by: int | None


_ANY_TO_REMIND = Whether(Meeting.remind_at <= bindparam("now"))


class MeetingStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, meeting: Meeting) -> None:
        self._session.add(meeting)

    async def remove(self, item_id: int) -> None:
        """Of an item that is not out: nobody has answered yet."""
        if (meeting := await self.get(item_id)) is not None:
            await self._session.delete(meeting)
            await self._session.flush()

    async def get(self, item_id: int) -> Meeting | None:
        return await self._session.get(Meeting, item_id)

    async def many(self, item_ids: Iterable[int]) -> dict[int, Meeting]:
        found = await self._session.scalars(select(Meeting).where(Meeting.item_id.in_(set(item_ids))))
        return {meeting.item_id: meeting for meeting in found}

    async def with_code(self, code: str) -> Sequence[Meeting]:
        """The meetings with that code, the latest first."""
        query = select(Meeting).where(Meeting.code == code).order_by(Meeting.begins_at.desc())
        return (await self._session.scalars(query)).all()

    async def answer(
        self, item_id: int, member_id: int, *, comes: bool, reason: str | None, source: str, at: datetime
    ) -> None:
        """What the member says now, in place of what they have said before."""
        values = {"comes": comes, "reason": reason, "source": source, "at": at}
        statement = self._insert()(MeetingAnswer).values(item_id=item_id, member_id=member_id, **values)
        keys = [MeetingAnswer.item_id, MeetingAnswer.member_id]
        await self._session.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))

    async def answer_of(self, item_id: int, member_id: int) -> MeetingAnswer | None:
        query = select(MeetingAnswer).where(MeetingAnswer.item_id == item_id, MeetingAnswer.member_id == member_id)
        return (await self._session.scalars(query.execution_options(populate_existing=True))).first()

    async def forget_answers(self, item_id: int) -> None:
        """What was said about another time counts no more: everybody is asked anew."""
        await self._session.execute(delete(MeetingAnswer).where(MeetingAnswer.item_id == item_id))

    async def attend(
        self, item_id: int, member_ids: Iterable[int], *, source: str, entered_by: int | None, at: datetime
    ) -> set[int]:
        """Who was there; returns those of whom it was not known yet."""
        rows = [
            {"item_id": item_id, "member_id": member_id, "source": source, "entered_by": entered_by, "at": at}
            for member_id in sorted(set(member_ids))
        ]
        if not rows:
            return set()
        statement = self._insert()(Attendance).on_conflict_do_nothing().returning(Attendance.member_id)
        return set(await self._session.scalars(statement, rows))

    async def came(self, item_id: int, member_ids: Sequence[int], *, source: str, at: datetime) -> None:
        """Whoever was there comes, whatever they have said before."""
        if member_ids:
            values = {"comes": True, "source": source, "at": at}
            rows = [{"item_id": item_id, "member_id": member_id, **values} for member_id in member_ids]
            statement = self._insert()(MeetingAnswer)
            keys = [MeetingAnswer.item_id, MeetingAnswer.member_id]
            changed = statement.on_conflict_do_update(index_elements=keys, set_={"comes": True})
            await self._session.execute(changed, rows)

    async def was_present(self, item_id: int, member_id: int) -> bool:
        query = select(Attendance.at).where(Attendance.item_id == item_id, Attendance.member_id == member_id)
        return (await self._session.scalar(query)) is not None

    async def heads(self, item_ids: Iterable[int], branch_ids: Iterable[int] | None = None) -> dict[int, Heads]:
        """Meeting → counts; of these branches alone, if they are given. Two queries for any number of meetings."""
        wanted = set(item_ids)
        answers = select(MeetingAnswer.item_id, MeetingAnswer.comes, func.count()).where(
            MeetingAnswer.item_id.in_(wanted)
        )
        present = select(Attendance.item_id, func.count()).where(Attendance.item_id.in_(wanted))
        if branch_ids is not None:
            scope = set(branch_ids)
            answers = answers.join(Delivery, _of(MeetingAnswer)).where(Delivery.branch_id.in_(scope))
            present = present.join(Delivery, _of(Attendance)).where(Delivery.branch_id.in_(scope))
        said = {
            (item_id, comes): n
            for item_id, comes, n in await self._session.execute(
                answers.group_by(MeetingAnswer.item_id, MeetingAnswer.comes)
            )
        }
        there = dict((await self._session.execute(present.group_by(Attendance.item_id))).all())
        return {
            each: Heads(said.get((each, True), 0), said.get((each, False), 0), there.get(each, 0)) for each in wanted
        }

    async def guests(self, item_id: int, branch_ids: Iterable[int] | None = None) -> list[Guest]:
        """Everybody in the audience, in the order of the roster."""
        query = (
            select(
                Delivery.member_id,
                Member.name,
                Delivery.branch_id,
                MeetingAnswer.comes,
                MeetingAnswer.reason,
                Attendance.at.is_not(None),
                Attendance.entered_by,
            )
            .join(Member, Member.id == Delivery.member_id)
            .outerjoin(MeetingAnswer, _of(MeetingAnswer))
            .outerjoin(Attendance, _of(Attendance))
            .where(Delivery.item_id == item_id)
            .order_by(Delivery.id)
        )
        if branch_ids is not None:
            query = query.where(Delivery.branch_id.in_(set(branch_ids)))
        return [Guest(*row) for row in await self._session.execute(query)]

    async def coming(self, item_id: int) -> Sequence[int]:
        """The members who have said that they come."""
        query = select(MeetingAnswer.member_id).where(MeetingAnswer.item_id == item_id, MeetingAnswer.comes)
        return (await self._session.scalars(query.order_by(MeetingAnswer.member_id))).all()

    async def to_remind(self, now: datetime, limit: int) -> Sequence[Meeting]:
        """The meetings whose guests are to be reminded by now."""
        query = select(Meeting).where(Meeting.remind_at <= now).order_by(Meeting.remind_at).limit(limit)
        return (await self._session.scalars(query)).all()

    async def any_to_remind(self, now: datetime) -> bool:
        return await _ANY_TO_REMIND.ask(self._session, now=now)

    async def reminded(self, item_ids: Sequence[int]) -> None:
        await self._session.execute(update(Meeting).where(Meeting.item_id.in_(item_ids)).values(remind_at=None))

    def _insert(self) -> Any:
        return postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert


def _of(table: type[MeetingAnswer] | type[Attendance]) -> Any:
    return (Delivery.item_id == table.item_id) & (Delivery.member_id == table.member_id)
