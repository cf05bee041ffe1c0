"""Polls. Of an anonymous one no row joins a person and a choice: its options carry their counts and nothing else."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ForeignKey, String, delete, distinct, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.members import Member


class Poll(Base):
    __tablename__ = "poll"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    most: Mapped[int]
    """How many options one vote may name."""
    anonymous: Mapped[bool]
    shown: Mapped[bool]
    """Whether members see the result."""
    options_since: Mapped[int | None]
    """The version of the item that brought these options; None for those that it began with."""


class PollOption(Base):
    """`number` counts from 0: A, B, …; `n` are the votes of an anonymous poll, 0 in others."""

    __tablename__ = "poll_option"

    item_id: Mapped[int] = mapped_column(ForeignKey("poll.item_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(200))
    n: Mapped[int] = mapped_column(default=0)


class Vote(Base):
    """What a member has chosen in a poll with names."""

    __tablename__ = "vote"

    item_id: Mapped[int] = mapped_column(ForeignKey("poll.item_id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)


class Voter(Base):
    """A member who has voted in an anonymous poll: once, whatever becomes of their receipt."""

    __tablename__ = "voter"

    item_id: Mapped[int] = mapped_column(ForeignKey("poll.item_id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)


class PollStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, poll: Poll, options: Sequence[str]) -> None:
        self._session.add(poll)
        await self._session.flush()
        rows = [
            {"item_id": poll.item_id, "number": number, "words": words, "n": 0} for number, words in enumerate(options)
        ]
        await self._session.execute(insert(PollOption), rows)

    async def change(self, poll: Poll, options: Sequence[str], *, most: int, since: int) -> None:
        """Other options, as long as nobody has voted."""
        poll.most, poll.options_since = most, since
        await self._session.execute(delete(PollOption).where(PollOption.item_id == poll.item_id))
        await self.add(poll, options)

    async def get(self, item_id: int) -> Poll | None:
        return await self._session.get(Poll, item_id)

    async def many(self, item_ids: Iterable[int]) -> dict[int, Poll]:
        found = await self._session.scalars(select(Poll).where(Poll.item_id.in_(set(item_ids))))
        return {poll.item_id: poll for poll in found}

    async def options(self, item_ids: Iterable[int]) -> dict[int, list[str]]:
        """Poll → the words of its options, in order."""
        query = select(PollOption.item_id, PollOption.words).where(PollOption.item_id.in_(set(item_ids)))
        found: dict[int, list[str]] = {}
        for item_id, words in await self._session.execute(query.order_by(PollOption.item_id, PollOption.number)):
            found.setdefault(item_id, []).append(words)
        return found

    async def count_anonymous(self, item_id: int, numbers: Iterable[int]) -> None:
        """One more vote for each of these."""
        await self._session.execute(
            update(PollOption)
            .where(PollOption.item_id == item_id, PollOption.number.in_(set(numbers)))
            .values(n=PollOption.n + 1)
            .execution_options(synchronize_session=False)
        )

    async def claim_vote(self, item_id: int, member_id: int) -> bool:
        """True the first time: the one vote in an anonymous poll."""
        make = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        voter = make(Voter).values(item_id=item_id, member_id=member_id)
        first = await self._session.scalar(voter.on_conflict_do_nothing().returning(Voter.member_id))
        return first is not None

    async def has_voted(self, item_id: int, member_id: int) -> bool:
        """Whether the member has voted, in either kind of poll."""
        for table in (Voter, Vote):
            query = select(table.member_id).where(table.item_id == item_id, table.member_id == member_id)
            if await self._session.scalar(query.limit(1)) is not None:
                return True
        return False

    async def votes(self, poll: Poll) -> int:
        """How many members have voted."""
        table = Voter if poll.anonymous else Vote
        query = select(func.count(distinct(table.member_id))).where(table.item_id == poll.item_id)
        return await self._session.scalar(query) or 0

    async def choose(self, item_id: int, member_id: int, numbers: Iterable[int]) -> None:
        """The member's vote, in place of an earlier one."""
        await self._session.execute(delete(Vote).where(Vote.item_id == item_id, Vote.member_id == member_id))
        rows = [{"item_id": item_id, "member_id": member_id, "number": number} for number in sorted(set(numbers))]
        await self._session.execute(insert(Vote), rows)

    async def chosen_by(self, item_id: int, member_id: int) -> Sequence[int]:
        query = select(Vote.number).where(Vote.item_id == item_id, Vote.member_id == member_id)
        return (await self._session.scalars(query.order_by(Vote.number))).all()

    async def counts(self, poll: Poll) -> dict[int, int]:
        """Option → votes; an option without any may be missing."""
        if poll.anonymous:
            query = select(PollOption.number, PollOption.n).where(PollOption.item_id == poll.item_id)
        else:
            query = select(Vote.number, func.count()).where(Vote.item_id == poll.item_id).group_by(Vote.number)
        return dict((await self._session.execute(query)).all())

    async def voters(self, item_id: int) -> dict[int, list[str]]:
        """Option → names, in the order of the roster; of a poll with names."""
        query = select(Vote.number, Member.name).join(Member, Member.id == Vote.member_id)
        found: dict[int, list[str]] = {}
        for number, name in await self._session.execute(query.where(Vote.item_id == item_id).order_by(Member.id)):
            found.setdefault(number, []).append(name)
        return found
