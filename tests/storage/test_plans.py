"""How SQLite goes about what it is asked: through an index, and not through all that there ever was."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.audiences import Audience
from storage.database import Database
from storage.enums import Priority
from tests.statements import prepared
from tests.tables import SQLITE, open_database

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
GROWING = frozenset(
    [
        *("account", "audit", "call", "content", "delivery", "entry", "inbox", "item", "member", "message"),
        *("question", "receipt", "reminder", "tally"),
    ]
)
SMALL = re.compile(
    r"USING (COVERING )?INDEX ix_(call_open|message_to_send|inbox_not_done|question_open|entry_picture)$"
)
"""Of what is open, or waits: little at any time."""
ROUNDABOUT = re.compile(r"^SEARCH (account USING INDEX \S+ \(platform=\?\)|delivery USING INDEX ix_delivery_member)")
"""All accounts that there are, for those of some members; all that a member ever got, for what is open."""
EVERY_ITEM = re.compile(r"^SEARCH item USING INDEX ix_item_status")
"""All items that are out, or over, for those that some members have. (For the number of the first the index is enough.)
"""
ONLY_SAID = "INSERT INTO content"
"""SQLite would look whether a message waits for the new words where references are watched late: here never."""
SELDOM = {"storage.lists._ABOUT"}
"""Asked by a member about themselves; it goes through the items, which are few."""


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database."""
    opened = await open_database(f"{SQLITE}{tmp_path}/bot.db")
    yield opened
    await opened.close()


async def slow_steps(database: Database, sql: str, parameters: Any) -> list[str]:
    """What of SQLite's plan takes the longer the more rows there have ever been."""
    if sql.startswith(ONLY_SAID):
        return []
    async with database.reader.connect() as connection:
        plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(parameters))]
    whole = [step for step in plan if step.startswith("SCAN ") and step.split()[1] in GROWING]
    slow = [step for step in whole if not SMALL.search(step)]
    if "done_at IS NULL" in sql or "delivery" not in sql:
        slow += [step for step in plan if ROUNDABOUT.match(step)]
    return slow + [step for step in plan if "delivery" in sql and EVERY_ITEM.match(step)]


async def test_no_prepared_statement_goes_through_all_that_there_ever_was(file: Database) -> None:
    found = {}
    for name, statement in prepared():
        nothing = statement._shape.row(dict.fromkeys(statement._shape.names))
        if slow := await slow_steps(file, statement._sql, nothing):
            found[name] = slow
    assert found.keys() == SELDOM


async def test_nor_do_those_for_a_push_a_file_or_a_member(file: Database, statements: list[tuple[str, Any]]) -> None:
    some = Audience(branches=frozenset({1, 2}))
    async with file.transaction() as tx:
        statements.clear()
        await tx.messages.queue_deliveries(
            1,
            kind="item",
            accounts="wecom",
            platform="wecom",
            prefix="user:",
            body="words",
            priority=Priority.ITEM,
            quiet=False,
            now=NOW,
        )
        await tx.audiences.reachable(some, "wecom")
        await tx.members.user_ids([1, 2], "wecom")
        await tx.messages.waiting_for("wecom", 1)
        await tx.messages.release("wecom", 1, NOW)
        await tx.lists.latest_of(1, NOW)
        await tx.lists.received(1, 5)
        await tx.lists.closed_of_members([1, 2])
        await tx.inbox.counts()
        await tx.inbox.pending(NOW, 5)
        await tx.pictures.any_due(NOW)
        await tx.pictures.claim(NOW, 5, until=NOW)
        asked = [each for each in statements if each[0].startswith(("SELECT", "INSERT", "UPDATE"))]
    assert len(asked) >= 12
    assert {sql: slow for sql, parameters in asked if (slow := await slow_steps(file, sql, parameters))} == {}
