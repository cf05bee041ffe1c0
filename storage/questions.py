"""Residents' questions: where each stands, whose it is, and by when it is due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ForeignKey,
    Index,
    Interval,
    String,
    Text,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import ColumnElement

from storage.adding import Adding
from storage.among import among
from storage.base import Base, BigId, Word, partial_index
from storage.enums import QuestionState
from storage.prepared import Prepared, Whether
from storage.residents import Resident

OPEN_STATES = (QuestionState.NEW, QuestionState.ASSIGNED, QuestionState.REOPENED)
"""A responder owes an answer."""
_OPEN = "state IN ('new', 'assigned', 'reopened')"
"""As SQL: only a condition that reads like its own lets SQLite use a partial index."""


class Question(Base):
    """A question. Its id is the number that people see: `Q34`."""

    __tablename__ = "question"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    """None: there was no branch to go to; every responder sees it."""
    topic: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(Word)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    """The responder who took it."""
    words: Mapped[str] = mapped_column(Text)
    """What was asked first; the whole is in the thread. Emptied when the resident's data is dropped."""
    pickup_code: Mapped[str | None] = mapped_column(String(12), unique=True)
    asked_at: Mapped[datetime]
    said_at: Mapped[datetime]
    """When the resident last wrote something that belongs to it."""
    reckoned_from: Mapped[datetime | None]
    """When the present time to answer began; None before it has, and where it began with the question."""
    due_at: Mapped[datetime | None]
    """None while the clock stands still or nothing is owed."""
    promised_at: Mapped[datetime | None]
    """The time that the resident was told last."""
    paused_at: Mapped[datetime | None]
    """Since when it waits for the resident."""
    time_left: Mapped[timedelta | None] = mapped_column(Interval)
    """What was left of the time to answer when the clock stopped."""
    escalated: Mapped[int] = mapped_column(default=0)
    """The last step of escalation that lies behind it; 0 for none."""
    escalate_at: Mapped[datetime | None]
    """When the next step is due."""
    late_told_at: Mapped[datetime | None]
    """When the resident was told that it takes longer."""
    warn_at: Mapped[datetime | None]
    """When to look whether the platform's window for words to the resident is about to close."""
    answered_at: Mapped[datetime | None]
    close_at: Mapped[datetime | None]
    """When an answered question closes by itself."""
    closed_at: Mapped[datetime | None]
    """When it ended: closed, withdrawn or declined."""
    rating: Mapped[int | None]
    """1 to 5."""
    rating_words: Mapped[str | None] = mapped_column(Text)
    rated_at: Mapped[datetime | None]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    offered_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    """The published answer that was offered at once."""
    offer_helped: Mapped[bool | None]
    public_question: Mapped[str | None] = mapped_column(Text)
    public_answer: Mapped[str | None] = mapped_column(Text)
    """As they stand on the public page, cleared of anything personal by hand."""
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    helped: Mapped[int] = mapped_column(default=0)
    not_helped: Mapped[int] = mapped_column(default=0)
    """How often the published answer helped somebody else, and how often it did not."""
    erased_at: Mapped[datetime | None]
    """When its personal data was dropped."""

    __table_args__ = (
        Index("ix_question_resident", "resident_id", "id"),
        Index("ix_question_branch", "branch_id", "id"),
        partial_index("ix_question_open", "asked_at", "id", where=_OPEN),
        partial_index("ix_question_owner", "owner_id", where=_OPEN),
        partial_index("ix_question_aside", "branch_id", where="state = 'aside'"),
        partial_index("ix_question_escalate", "escalate_at", where="escalate_at IS NOT NULL"),
        partial_index("ix_question_warn", "warn_at", where="warn_at IS NOT NULL"),
        partial_index("ix_question_close", "close_at", where="close_at IS NOT NULL"),
        partial_index("ix_question_keep", "closed_at", where="closed_at IS NOT NULL AND erased_at IS NULL"),
        partial_index("ix_question_public", "published_at", where="published_at IS NOT NULL"),
        partial_index("ix_question_merged", "merged_into", where="merged_into IS NOT NULL"),
    )

    @property
    def is_open(self) -> bool:
        """Whether a responder owes an answer."""
        return self.state in OPEN_STATES

    @property
    def was_answered(self) -> bool:
        """Whether it is owed once more: there was an answer, and it was not enough."""
        return self.is_open and self.answered_at is not None


def new_question(
    *,
    resident_id: int,
    branch_id: int | None,
    topic: str | None,
    words: str,
    pickup_code: str,
    now: datetime,
    state: QuestionState = QuestionState.NEW,
) -> Question:
    """A question without a number; `QuestionStore.add_all` gives it one. Its clock is set by `services/clocks`."""
    return Question(
        resident_id=resident_id,
        branch_id=branch_id,
        topic=topic,
        state=state,
        words=words,
        pickup_code=pickup_code,
        asked_at=now,
        said_at=now,
        escalated=0,
        helped=0,
        not_helped=0,
    )


_ADDING = Adding(Question, known_by="pickup_code")
_table = Base.metadata.tables["question"]
_GOING_ON = Prepared(
    select(_table.c.resident_id)
    .where(
        among(_table.c.resident_id, "residents"), text("state IN ('new', 'assigned', 'reopened', 'answered', 'aside')")
    )
    .distinct()
)


def _to_erase() -> list[ColumnElement[bool]]:
    """Of an ended question and its asker."""
    return [
        Question.closed_at.is_not(None),
        Question.erased_at.is_(None),
        or_(Question.closed_at < bindparam("ended_before"), Resident.forgotten_at.is_not(None)),
    ]


_ANY_DUE = Whether(
    or_(
        *(
            exists(select(literal(1)).where(at <= bindparam("now")))
            for at in (Question.escalate_at, Question.warn_at, Question.close_at)
        )
    )
)
_ANY_TO_ERASE = Whether(Resident.id == Question.resident_id, *_to_erase())


class QuestionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_all(self, questions: Sequence[Question]) -> None:
        """Stores new questions, which get their numbers."""
        await _ADDING.add(self._session, questions)

    async def get(self, number: int) -> Question | None:
        """The question, taken for this transaction."""
        return await self._session.get(Question, number, with_for_update=True)

    async def many(self, numbers: Iterable[int]) -> Mapping[int, Question]:
        found = await self._session.scalars(select(Question).where(Question.id.in_(set(numbers))))
        return {question.id: question for question in found}

    async def by_code(self, code: str) -> Question | None:
        """The question of a pick-up code, as it is stored."""
        return (await self._session.scalars(select(Question).where(Question.pickup_code == code))).first()

    async def of_resident(self, resident_id: int, limit: int) -> Sequence[Question]:
        """The newest first."""
        query = select(Question).where(Question.resident_id == resident_id).order_by(Question.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def going_on(self, resident_ids: Collection[int]) -> set[int]:
        """Those of the residents of whom a question is open, answered without an end, or set aside."""
        if not resident_ids:
            return set()
        rows = await _GOING_ON.run(self._session, {"residents": list(resident_ids)})
        return {resident_id for (resident_id,) in rows}

    async def all_of_resident(self, resident_id: int) -> Sequence[Question]:
        """Everything a resident ever asked; for forgetting them."""
        query = select(Question).where(Question.resident_id == resident_id).order_by(Question.id)
        return (await self._session.scalars(query)).all()

    async def latest_of(self, resident_id: int, states: Collection[QuestionState]) -> Question | None:
        """The resident's question in one of these states that they wrote to last."""
        query = select(Question).where(Question.resident_id == resident_id, Question.state.in_(states))
        return (
            await self._session.scalars(query.order_by(Question.said_at.desc(), Question.id.desc()).limit(1))
        ).first()

    async def open_in(
        self, branch_ids: Collection[int] | None, limit: int, *, topic: str | None = None, owner_id: int | None = None
    ) -> Sequence[Question]:
        """What is owed, the oldest first: of these branches and of no branch; None means everywhere."""
        query = select(Question).where(*_within(branch_ids), text(_OPEN))
        if topic is not None:
            query = query.where(Question.topic == topic)
        if owner_id is not None:
            query = query.where(Question.owner_id == owner_id)
        return (await self._session.scalars(query.order_by(Question.asked_at, Question.id).limit(limit))).all()

    async def unclaimed_in(self, branch_ids: Collection[int] | None, after: int, limit: int) -> Sequence[Question]:
        """What is owed and nobody has taken, of the numbers above `after`, the lowest first."""
        query = select(Question).where(*_within(branch_ids), text(_OPEN), *_unclaimed(after)).order_by(Question.id)
        return (await self._session.scalars(query.limit(limit))).all()

    async def count_unclaimed(self, branch_ids: Collection[int] | None, after: int) -> int:
        """How many there are of these."""
        query = select(func.count()).select_from(Question).where(*_within(branch_ids), text(_OPEN), *_unclaimed(after))
        return await self._session.scalar(query) or 0

    async def count_by_state(self, branch_ids: Collection[int] | None) -> dict[str, int]:
        """State → questions of these branches that are open or set aside."""
        query = select(Question.state, func.count()).where(
            *_within(branch_ids), Question.state.in_([*OPEN_STATES, QuestionState.ASIDE])
        )
        return dict((await self._session.execute(query.group_by(Question.state))).all())

    async def aside_in(self, branch_ids: Collection[int] | None, limit: int) -> Sequence[Question]:
        """What was set aside, the newest first."""
        query = select(Question).where(*_within(branch_ids), Question.state == QuestionState.ASIDE)
        return (await self._session.scalars(query.order_by(Question.id.desc()).limit(limit))).all()

    async def page(
        self, branch_ids: Collection[int] | None, *, states: Collection[str] | None, before: int | None, limit: int
    ) -> Sequence[Question]:
        """Newest first."""
        query = select(Question).where(*_within(branch_ids))
        if states is not None:
            query = query.where(Question.state.in_(states))
        if before is not None:
            query = query.where(Question.id < before)
        return (await self._session.scalars(query.order_by(Question.id.desc()).limit(limit))).all()

    async def to_escalate(self, now: datetime, limit: int) -> Sequence[Question]:
        """Those whose next step is due, taken for this transaction."""
        query = select(Question).where(Question.escalate_at <= now).order_by(Question.escalate_at, Question.id)
        return (await self._session.scalars(query.limit(limit).with_for_update(skip_locked=True))).all()

    async def anything_due(self, now: datetime) -> bool:
        """Whether the clock has something to do for any question."""
        return await _ANY_DUE.ask(self._session, now=now)

    async def to_warn(self, now: datetime, limit: int) -> Sequence[Question]:
        """Those whose window has to be looked at, taken for this transaction."""
        query = select(Question).where(Question.warn_at <= now).order_by(Question.warn_at, Question.id)
        return (await self._session.scalars(query.limit(limit).with_for_update(skip_locked=True))).all()

    async def to_close(self, now: datetime, limit: int) -> Sequence[Question]:
        """Answered ones whose time for a rating is over, taken for this transaction."""
        query = select(Question).where(Question.close_at <= now).order_by(Question.close_at, Question.id)
        return (await self._session.scalars(query.limit(limit).with_for_update(skip_locked=True))).all()

    async def merged_in(self, number: int) -> Sequence[Question]:
        """The questions that are answered together with this one."""
        query = select(Question).where(Question.merged_into == number).order_by(Question.id)
        return (await self._session.scalars(query)).all()

    async def published(self, limit: int, *, branch_ids: Collection[int] | None = None) -> Sequence[Question]:
        """What stands on the public page, the newest first."""
        query = select(Question).where(Question.published_at.is_not(None))
        if branch_ids is not None:
            query = query.where(or_(Question.branch_id.in_(branch_ids), Question.branch_id.is_(None)))
        return (await self._session.scalars(query.order_by(Question.published_at.desc()).limit(limit))).all()

    async def kept_too_long(self, ended_before: datetime, limit: int) -> Sequence[int]:
        """Ended questions whose personal data has been kept long enough, or whose asker is gone."""
        query = (
            select(Question.id)
            .join(Resident, Resident.id == Question.resident_id)
            .where(*_to_erase())
            .order_by(Question.closed_at)
            .limit(limit)
        )
        return (await self._session.scalars(query, {"ended_before": ended_before})).all()

    async def any_kept_too_long(self, ended_before: datetime) -> bool:
        return await _ANY_TO_ERASE.ask(self._session, ended_before=ended_before)

    async def erase(self, numbers: Iterable[int], now: datetime) -> None:
        """What is personal in them; the number, the times, the topic and the mark stay."""
        await self._session.execute(
            update(Question)
            .where(Question.id.in_(set(numbers)))
            .values(words="", rating_words=None, pickup_code=None, erased_at=now)
        )


def _within(branch_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    if branch_ids is None:
        return []
    return [or_(Question.branch_id.in_(branch_ids), Question.branch_id.is_(None))]


def _unclaimed(after: int) -> list[ColumnElement[bool]]:
    """Beside being owed: nobody has taken it, and it is not answered with another one."""
    return [Question.owner_id.is_(None), Question.merged_into.is_(None), Question.id > after]
