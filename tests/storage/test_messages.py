"""The outbox: nothing twice, the urgent first, a lane in order, and nothing taken by two."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from storage.database import Database
from storage.enums import Phase, Priority
from storage.messages import NewMessage, OutboxMessage
from storage.pacing import Paced
from tests.postgres import Postgres

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def message(subject: str, **given: Any) -> NewMessage:
    fields = {"kind": "note", "platform": "wecom", "recipient": "User1", "body": "words", "priority": Priority.ITEM}
    return NewMessage(subject=subject, **{**fields, **given})


async def due(database: Database, now: datetime = NOW, *, quiet_now: bool = False, limit: int = 50) -> list[int]:
    async with database.transaction() as tx:
        found = await tx.messages.next_due(now, limit, platforms=["wecom"], quiet_now=quiet_now)
    return [row.id for row in found]


async def queued(database: Database, *messages: NewMessage) -> None:
    async with database.transaction() as tx:
        await tx.messages.queue(messages, NOW)


async def test_what_is_queued_twice_is_there_once(database: Database) -> None:
    for _ in range(2):
        await queued(database, message("a"), message("a", number=2), message("b"))
    async with database.reader.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(OutboxMessage)) == 3


async def test_the_most_urgent_comes_first_and_then_the_oldest(database: Database) -> None:
    await queued(
        database,
        message("a", priority=Priority.REMINDER),
        message("b"),
        message("c", not_before=NOW - timedelta(hours=1)),
        message("d", priority=Priority.REPLY),
        message("e", not_before=NOW + timedelta(seconds=1)),
    )
    assert await due(database) == [4, 3, 2, 1]
    assert await due(database, NOW + timedelta(seconds=1)) == [4, 3, 2, 5, 1]


async def test_quiet_words_are_left_out_while_it_is_quiet(database: Database) -> None:
    await queued(database, message("a", quiet=True))
    assert await due(database) == [1]
    assert await due(database, quiet_now=True) == []
    async with database.reading() as tx:
        assert await tx.messages.due(NOW, platforms=["wecom"], quiet_now=False)
        assert not await tx.messages.due(NOW, platforms=["wecom"], quiet_now=True)


@pytest.mark.parametrize(
    ("phase", "blocks"),
    [
        (Phase.READY, True),
        (Phase.WAITING, True),
        (Phase.IN_FLIGHT, True),
        (Phase.DOUBTFUL, True),
        (Phase.ACCEPTED, False),
        (Phase.REFUSED, False),
        (Phase.DROPPED, False),
        (Phase.UNKNOWN, False),
    ],
)
async def test_of_a_lane_the_next_waits_for_the_one_before(database: Database, phase: Phase, blocks: bool) -> None:
    await queued(database, message("a", lane="l"), message("b", lane="l"), message("c", lane="other"))
    async with database.transaction() as tx:
        call = await tx.calls.reserve("wecom", NOW, 1)
        await tx.messages.start([1], call, NOW)
        if phase in (Phase.READY, Phase.WAITING):
            await tx.messages.wait([1], NOW + timedelta(hours=1))
        elif phase is Phase.DOUBTFUL:
            await tx.messages.doubt(call)
        elif phase is not Phase.IN_FLIGHT:
            await tx.messages.settle([1], phase, NOW)
    assert await due(database) == ([3] if blocks else [2, 3])


async def test_what_is_settled_stays_so(database: Database) -> None:
    await queued(database, message("a"))
    async with database.transaction() as tx:
        await tx.messages.settle([1], Phase.ACCEPTED, NOW)
        await tx.messages.wait([1], NOW)
        await tx.messages.settle([1], Phase.REFUSED, NOW, "content")
        row = await tx.messages.backlog()
    assert row == {}
    assert await due(database) == []


async def test_the_same_words_are_found_together_unless_they_were_parted(database: Database) -> None:
    await queued(database, *(message(str(n), recipient=f"user{n}") for n in range(4)), message("x", body="other"))
    async with database.transaction() as tx:
        first = (await tx.messages.next_due(NOW, 1, platforms=["wecom"], quiet_now=False))[0]
        await tx.messages.part([4])
        found = await tx.messages.with_content(first.content_id, "wecom", NOW, 10)
    assert [row.id for row in found] == [1, 2, 3]
    assert await due(database) == [1, 2, 3, 4, 5]


@pytest.mark.faults("DB16")
async def test_recipients_are_compared_without_their_case(database: Database) -> None:
    await queued(database, message("a", recipient="ZhangSan"))
    async with database.transaction() as tx:
        call = await tx.calls.reserve("wecom", NOW, 1)
        await tx.messages.start([1], call, NOW)
        span = ("wecom", ["zhangsan"], NOW - timedelta(minutes=1), NOW - timedelta(days=1), NOW)
        counts = await tx.pacing.counts_since(
            *span, Paced(all_in_minute=1, own_in_minute=9, talk_in_minute=9, own_in_day=9), talk=["note"]
        )
        twice = Paced(all_in_minute=2, own_in_minute=2, talk_in_minute=2, own_in_day=2)
        assert await tx.pacing.counts_since(*span, twice, talk=["note"]) == {}
    assert counts == {"zhangsan": Paced(all_in_minute=1, own_in_minute=1, talk_in_minute=1, own_in_day=1)}


@pytest.mark.postgres
@pytest.mark.faults("DB6")
async def test_processes_take_turns_and_see_what_the_one_before_did(postgres: Postgres) -> None:
    url = await postgres.fresh()
    one, other = Database(url), Database(url)
    try:
        await queued(one, message("a"), message("b"))
        async with one.transaction() as tx:
            (held,) = await tx.messages.next_due(NOW, 1, platforms=["wecom"], quiet_now=False)
            waiting = asyncio.ensure_future(due(other))
            await asyncio.wait([waiting], timeout=0.1)
            assert not waiting.done()
            await tx.messages.settle([held.id], Phase.DROPPED, NOW)
        assert await asyncio.wait_for(waiting, 20) == [2]
    finally:
        await one.close()
        await other.close()


async def test_what_may_leave_is_found_by_an_index_however_much_has_left(
    database: Database, statements: list[tuple[str, Any]]
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL chooses by what the table holds")
    async with database.transaction() as tx:
        await tx.messages.due(NOW, platforms=["wecom"], quiet_now=True)
        await tx.messages.next_due(NOW, 50, platforms=["wecom"], quiet_now=False)
        await tx.messages.with_content(1, "wecom", NOW, 50)
        await tx.messages.of_kind_to("forward", "wecom", "user1", NOW, 50)
        await tx.messages.drop_of_deliveries([1, 2], "done", NOW)
        await tx.messages.oldest_due(NOW)
        await tx.messages.backlog()
        await tx.calls.any_doubtful(NOW)
        await tx.calls.doubtful(NOW, 4)
        await tx.calls.in_flight(NOW)
        await tx.calls.carried_by_others("one")
        await tx.calls.open_count()
        await tx.ages.oldest(NOW, platforms=["wecom"], quiet_now=True)
    questions = [each for each in statements if "message" in each[0] or "call" in each[0]]
    async with database.reader.connect() as connection:
        for statement, parameters in questions:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))
            steps = [row[3] for row in plan if row[3].split()[1] in ("message", "call")]
            assert all("INDEX" in step or "PRIMARY KEY" in step for step in steps), (statement, steps)
    assert len(questions) == 19
