"""What came in: admitted once, answered the same, tried again by one process alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.database import Database
from storage.enums import InboxState

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def row(key: str, source: str = "wecom") -> dict[str, Any]:
    return {
        "source": source,
        "key": key,
        "payload": "{}",
        "state": InboxState.PENDING,
        "next_at": NOW,
        "resident": None,
        "received_at": NOW,
    }


@pytest.mark.faults("CB2", "CB4")
async def test_a_key_is_admitted_once(database: Database) -> None:
    async with database.transaction() as tx:
        first = await tx.inbox.admit([row("a"), row("b"), row("a", "wecom_bot")])
    async with database.transaction() as tx:
        second = await tx.inbox.admit([row("a"), row("c")])
    assert set(first) == {("wecom", "a"), ("wecom", "b"), ("wecom_bot", "a")}
    assert set(second) == {("wecom", "c")}


@pytest.mark.faults("CB2", "DB15")
async def test_two_at_once_admit_one(database: Database) -> None:
    other = Database(database.url)
    try:

        async def admit(store: Database) -> int:
            async with store.transaction() as tx:
                return len(await tx.inbox.admit([row("a")]))

        assert sum(await asyncio.gather(*(admit(store) for store in (database, other) * 3))) == 1
    finally:
        await other.close()


async def test_an_answer_is_kept_and_its_words_are_forgotten_later(database: Database) -> None:
    async with database.transaction() as tx:
        ids = await tx.inbox.admit([row("a"), row("b")])
        await tx.inbox.finish({ids["wecom", "a"]: "收到", ids["wecom", "b"]: None})
        assert await tx.inbox.replies("wecom", ["a", "b", "c"]) == {"a": "收到", "b": None}
        assert await tx.inbox.counts() == {}
        await tx.inbox.forget_replies(NOW + timedelta(days=1))
        assert await tx.inbox.replies("wecom", ["a"]) == {"a": None}
        assert await tx.inbox.admit([row("a")]) == {}, "the key stays"


@pytest.mark.faults("CB23")
async def test_what_failed_waits_and_is_set_aside(database: Database) -> None:
    async with database.transaction() as tx:
        ((_, number),) = (await tx.inbox.admit([row("a")])).items()
        await tx.inbox.failed(number, next_at=NOW + timedelta(seconds=5))
        assert await tx.inbox.pending(NOW, 10) == []
        assert not await tx.inbox.take(number, NOW)
        later = NOW + timedelta(seconds=5)
        assert [one.tries for one in await tx.inbox.pending(later, 10)] == [1]
        assert await tx.inbox.take(number, later)
        await tx.inbox.failed(number, next_at=None)
        assert not await tx.inbox.take(number, later)
        assert await tx.inbox.counts() == {"aside": 1}
