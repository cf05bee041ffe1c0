"""All rows from one database to another of the same schema, whatever each lies on, a page of a table at a time."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Column, Table, func, insert, literal, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.base import Base

PAGE = 1000


async def copy_all(source: AsyncConnection, target: AsyncConnection) -> dict[str, int]:
    """Copies every table into empty ones, parents first; table → rows. The caller has begun and commits both."""
    return {table.name: await copy_table(source, target, table) for table in Base.metadata.sorted_tables}


async def copy_table(source: AsyncConnection, target: AsyncConnection, table: Table) -> int:
    """Copies one table into an empty one; how many rows. On PostgreSQL the numbers of new rows go on behind them."""
    count = await _copy(source, target, table)
    if target.dialect.name == "postgresql":
        await _go_on_counting(target, table)
    return count


async def checksum(connection: AsyncConnection, table: Table) -> tuple[int, str]:
    """(rows, sum of the SHA-256 of each one's values): the same on both engines for equal rows.

    A sum, for engines do not agree on the order of words.
    """
    total, count = 0, 0
    async for rows in pages(connection, table):
        count += len(rows)
        total += sum(int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest()) for row in rows)
    return count, f"{total % 2**256:064x}"


async def pages(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Any]]:
    """The rows in the order of the key."""
    key = list(table.primary_key.columns)
    last: Sequence[Any] | None = None
    while True:
        query = select(table).order_by(*key).limit(PAGE)
        if last is not None:
            query = query.where(tuple_(*key) > tuple_(*(literal(v, c.type) for v, c in zip(last, key, strict=True))))
        rows = (await connection.execute(query)).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        last = [rows[-1]._mapping[column] for column in key]


async def _copy(source: AsyncConnection, target: AsyncConnection, table: Table) -> int:
    to_itself = [column for column in table.columns if _refers_to_itself(table, column)]
    count = 0
    later: list[dict[str, Any]] = []
    key = next(iter(table.primary_key.columns))
    async for rows in pages(source, table):
        count += len(rows)
        values = [dict(row._mapping) for row in rows]
        if to_itself:  # a row may name one that comes behind it
            later += [_pick(row, key, to_itself) for row in values if any(row[c.name] is not None for c in to_itself)]
            values = [{**row, **dict.fromkeys(c.name for c in to_itself)} for row in values]
        await target.execute(insert(table), values)
    for row in later:
        at = row.pop(key.name)
        await target.execute(update(table).where(key == at).values(row))
    return count


def _pick(row: dict[str, Any], key: Column[Any], columns: Sequence[Column[Any]]) -> dict[str, Any]:
    return {name: row[name] for name in (key.name, *(column.name for column in columns))}


def _refers_to_itself(table: Table, column: Column[Any]) -> bool:
    return any(each.column.table is table for each in column.foreign_keys)


async def _go_on_counting(target: AsyncConnection, table: Table) -> None:
    counted = table.autoincrement_column
    if counted is None:
        return
    sequence = await target.scalar(
        text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": table.name, "column": counted.name}
    )
    highest = await target.scalar(select(func.max(counted)))
    if sequence is not None and highest is not None:
        await target.execute(text("SELECT setval(CAST(:name AS regclass), :to)"), {"name": sequence, "to": highest})
