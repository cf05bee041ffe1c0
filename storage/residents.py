"""Residents: people who write to the official account. Nothing joins them to the roster."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.adding import Adding
from storage.among import among, one_of
from storage.base import Base, BigId
from storage.prepared import Prepared

OFFICIAL_ACCOUNT = "official_account"
"""The platform that residents write to."""


class Resident(Base):
    """Somebody behind a token. The platform's own id is sealed in the token and stands nowhere in the database."""

    __tablename__ = "resident"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str | None] = mapped_column(String(160), unique=True)
    """None once they are forgotten: the row stays for the numbers, and nobody can be reached through it."""
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    """The branch that they chose or whose code they scanned."""
    subscribed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    """When they stopped following; None while they follow."""
    spoke_at: Mapped[datetime | None]
    """Their last message, as the platform dates it: it opens the window for words of ours."""
    touched_at: Mapped[datetime | None]
    """When they last followed, scanned or pressed a menu entry: a short window of its own."""
    informed_at: Mapped[datetime | None]
    """When they were told what is kept about them."""
    hour_began_at: Mapped[datetime | None]
    said_in_hour: Mapped[int] = mapped_column(default=0)
    missed_at: Mapped[datetime | None]
    missed: Mapped[int] = mapped_column(default=0)
    """Wrong pick-up codes since `missed_at`."""
    forgotten_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


_ADDING = Adding(Resident, known_by="token")
_table = Base.metadata.tables["resident"]
_KNOWN = Prepared(select(_table.c.token).where(among(_table.c.token, "tokens")))


class ResidentStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, resident_id: int) -> Resident | None:
        return await self._session.get(Resident, resident_id)

    async def by_token(self, token: str) -> Resident | None:
        """The resident behind a token, taken for this transaction."""
        query = select(Resident).where(Resident.token == token).with_for_update()
        return (await self._session.scalars(query)).first()

    async def ensure(self, token: str, now: datetime) -> Resident:
        """The resident behind a token; a new row for somebody who is heard for the first time."""
        dialect = self._session.get_bind().dialect.name
        make = postgresql_insert(Resident) if dialect == "postgresql" else sqlite_insert(Resident)
        values = {"token": token, "created_at": now, "said_in_hour": 0, "missed": 0}
        await self._session.execute(make.values(**values).on_conflict_do_nothing(index_elements=[Resident.token]))
        query = select(Resident).where(Resident.token == token).with_for_update()
        return (await self._session.scalars(query)).one()

    async def of_tokens(self, tokens: Collection[str], now: datetime) -> dict[str, Resident]:
        """Token → who is behind it, taken for this transaction.

        Whoever is heard for the first time has no id yet, and is stored by `add_all`.
        """
        known = [token for (token,) in await _KNOWN.run(self._session, {"tokens": list(tokens)})]
        found: dict[str, Resident] = {}
        if known:
            query = select(Resident).where(one_of(Resident.token, known)).with_for_update()
            found = {resident.token or "": resident for resident in await self._session.scalars(query)}
        new = (Resident(token=token, created_at=now, said_in_hour=0, missed=0) for token in tokens)
        return {resident.token or "": found.get(resident.token or "", resident) for resident in new}

    async def add_all(self, residents: Sequence[Resident]) -> None:
        """Stores those of them that have no id yet."""
        await _ADDING.add(self._session, [resident for resident in residents if resident.id is None])

    async def known(self, tokens: Iterable[str]) -> set[str]:
        """Those of the tokens that somebody is still behind."""
        query = select(Resident.token).where(Resident.token.in_(set(tokens)))
        return {token for token in await self._session.scalars(query) if token is not None}

    async def with_token(self) -> Sequence[Resident]:
        """Everybody who can still be reached; for a database that was restored."""
        return (await self._session.scalars(select(Resident).where(Resident.token.is_not(None)))).all()

    async def forget(self, resident_id: int, now: datetime) -> None:
        """The row keeps its number and nothing else."""
        await self._session.execute(
            update(Resident)
            .where(Resident.id == resident_id)
            .values(
                token=None,
                branch_id=None,
                subscribed_at=None,
                spoke_at=None,
                touched_at=None,
                hour_began_at=None,
                missed_at=None,
                forgotten_at=now,
            )
        )
