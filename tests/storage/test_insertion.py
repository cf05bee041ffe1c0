"""Many new rows at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete

from storage.database import Database
from storage.inbox import InboxRow
from storage.insertion import Insertion

NOW = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
GIVEN = ("source", "key", "payload", "state", "next_at", "received_at", "resident")
ADDING = Insertion(InboxRow.metadata.tables["inbox"], GIVEN, fixed={"tries": 3}, returning=("key", "id"))


def row(key: str, payload: str = "") -> dict[str, Any]:
    values = {"source": "wecom", "key": key, "payload": payload, "state": "pending", "next_at": None}
    return {**values, "received_at": NOW, "resident": None}


@pytest.mark.parametrize("brief", [False, True])
async def test_what_is_added_is_told_and_what_was_there_is_left_out(database: Database, brief: bool) -> None:
    async with database.transaction(brief=brief) as tx:
        first = dict(await ADDING.add(tx._session, [row("a", '他说："好"\n\\u0000 👩‍👩‍👧'), row("b")]))
        again = dict(await ADDING.add(tx._session, [row("b", "other"), row("c"), row("c", "twice")]))
        assert (first.keys(), again.keys()) == ({"a", "b"}, {"c"})
        assert await ADDING.add(tx._session, []) == []
    async with database.reading() as tx:
        a, b = await tx._session.get(InboxRow, first["a"]), await tx._session.get(InboxRow, first["b"])
    assert a is not None
    assert b is not None
    assert (a.payload, a.tries, a.next_at, a.received_at) == ('他说："好"\n\\u0000 👩‍👩‍👧', 3, None, NOW)
    assert b.payload == ""
    async with database.transaction() as tx:
        await tx._session.execute(delete(InboxRow))


@pytest.mark.parametrize("other", [row("a") | {"words": "lost without a word"}, {"key": "a"}])
async def test_other_columns_than_are_given_are_refused(database: Database, other: dict[str, Any]) -> None:
    async with database.transaction() as tx:
        with pytest.raises(TypeError, match="statement's values"):
            await ADDING.add(tx._session, [other])
