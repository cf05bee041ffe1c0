"""How fast all instances together may call a platform: which calls it still counts, by the database's clock."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Float, Text, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.among import one_of
from storage.base import Base, Word
from storage.calls import Call
from storage.enums import CallState
from storage.moments import now as database_now


class SharedRoad(Base):
    """The calls of one platform that began lately."""

    __tablename__ = "road"

    platform: Mapped[str] = mapped_column(Word, primary_key=True)
    tokens: Mapped[float] = mapped_column(Float)
    """How many more calls might begin at `filled_at`: what a program of the release before goes by."""
    filled_at: Mapped[datetime]
    begun: Mapped[str | None] = mapped_column(Text)
    """`Trip.dump` of each, as JSON."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One time that a call's bytes left. The instants are the database's; `ended_at` None: it is under way."""

    call_id: int
    attempt: int
    began_at: datetime
    ended_at: datetime | None = None

    def dump(self) -> list[int | str | None]:
        ended = None if self.ended_at is None else self.ended_at.isoformat()
        return [self.call_id, self.attempt, self.began_at.isoformat(), ended]

    @classmethod
    def load(cls, call_id: int, attempt: int, began: str, ended: str | None) -> "Trip":
        return cls(call_id, attempt, datetime.fromisoformat(began), datetime.fromisoformat(ended) if ended else None)


class RoadStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def trips(self, platforms: Iterable[str]) -> tuple[dict[str, list[Trip]], datetime]:
        """Platform → the calls that were kept by `keep`, with how they stand now; and what time it is."""
        query = select(SharedRoad.platform, SharedRoad.begun).where(one_of(SharedRoad.platform, platforms))
        kept = {
            platform: [Trip.load(*trip) for trip in json.loads(begun or "[]")]
            for platform, begun in await self._session.execute(query)
        }
        found: Mapping[int, tuple[int, str, datetime, datetime | None]] = {}
        if under_way := [trip.call_id for trips in kept.values() for trip in trips if trip.ended_at is None]:
            columns = (Call.id, Call.tries, Call.state, Call.started_at, Call.finished_at)
            rows = await self._session.execute(select(*columns).where(one_of(Call.id, under_way)))
            found = {row[0]: row[1:] for row in rows}
        now: datetime = (await self._session.execute(select(database_now()))).scalar_one()
        return {platform: [_as_of(now, trip, found) for trip in trips] for platform, trips in kept.items()}, now

    async def keep(self, platform: str, trips: Sequence[Trip], left: int) -> None:
        """These are the calls that count from now on, and so many more might begin."""
        make = postgresql_insert if self._session.get_bind().dialect.name == "postgresql" else sqlite_insert
        begun = json.dumps([trip.dump() for trip in trips])
        values = {"tokens": float(left), "filled_at": database_now(), "begun": begun}
        statement = make(SharedRoad).values(platform=platform, **values)
        await self._session.execute(statement.on_conflict_do_update(index_elements=[SharedRoad.platform], set_=values))


def _as_of(now: datetime, trip: Trip, found: Mapping[int, tuple[int, str, datetime, datetime | None]]) -> Trip:
    """What is over gets its end: as long after its beginning as its instance measured, or now, where nobody did."""
    if trip.ended_at is not None:
        return trip
    attempt, state, started_at, finished_at = found.get(trip.call_id, (0, "", now, None))
    if attempt == trip.attempt and state == CallState.IN_FLIGHT:
        return trip
    took = finished_at - started_at if attempt == trip.attempt and finished_at is not None else None
    ended_at = now if took is None else min(now, trip.began_at + max(timedelta(), took))
    return Trip(trip.call_id, trip.attempt, trip.began_at, ended_at)
