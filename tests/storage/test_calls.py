"""Requests with their bytes: what is open, what is in doubt, what is over."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.calls import Call, Ending
from storage.database import Database
from storage.enums import CallState

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.faults("OUT1")
async def test_the_bytes_stay_through_doubt_and_repeats(database: Database) -> None:
    body = '{"touser":"李四"}'.encode()
    async with database.transaction() as tx:
        number = await tx.calls.reserve("wecom", NOW, 1)
        await tx.calls.freeze(number, "message/send", body)
    async with database.transaction() as tx:
        assert await tx.calls.in_flight(None) == [number]
        assert await tx.calls.in_flight(NOW) == [], "it began at that very moment"
        assert not await tx.calls.any_doubtful(NOW)
        await tx.calls.lose(number, NOW)
        assert await tx.calls.any_doubtful(NOW)
    later = NOW + timedelta(seconds=5)
    async with database.transaction() as tx:
        (again,) = await tx.calls.doubtful(later, 5)
        assert (again.body, again.tries, again.first_at) == (body, 1, NOW)
        await tx.calls.again(again, later)
    async with database.transaction() as tx:
        assert await tx.calls.doubtful(later, 5) == []
        await tx.calls.finish([Ending(number, "accepted", http_status=200, code=0, ref="m1")], later)
        await tx.calls.doubt(number, next_at=later, http_status=None, code=None)
        await tx.calls.lose(number, later)
        assert await tx.calls.open_ones([number]) == []
        found = await tx._session.get_one(Call, number, populate_existing=True)
        assert (found.state, found.tries, found.started_at, found.ref) == (CallState.SETTLED, 2, later, "m1")
        assert await tx.calls.open_count() == 0
