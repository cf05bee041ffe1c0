"""Statements that are built once, when the program begins."""

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import asyncpg

from storage.among import among
from storage.base import Base
from storage.database import Database
from storage.prepared import Prepared
from tests.statements import prepared


def test_each_can_be_said_to_postgresql_too() -> None:
    dialect, found = asyncpg.dialect(), 0
    for name, each in prepared():
        assert str(each.by_dialect["postgresql"].compile(dialect=dialect)), name
        found += 1
    assert found > 50


def test_a_reference_without_a_type_is_refused_when_the_program_begins() -> None:
    table = Table("of_something", MetaData(), Column("it", Integer), Column("thing", ForeignKey("thing.id")))
    assert among(table.c.it, "many") is not None
    with pytest.raises(TypeError, match="thing"):
        among(table.c.thing, "many")


def test_a_list_with_a_parameter_for_each_value_is_refused() -> None:
    words = Table("of_words", MetaData(), Column("it", String))
    with pytest.raises(TypeError, match="among"):
        Prepared(select(words.c.it).where(words.c.it.in_(["read", "none"])))


async def test_what_many_runs_return_is_never_lost(database: Database) -> None:
    """PostgreSQL tells; what SQLite's driver would not is refused."""
    table = Base.metadata.tables["branch"]
    rename = update(table).where(table.c.id == bindparam("which")).values(name=bindparam("named")).returning(table.c.id)
    statement = Prepared(rename)
    async with database.transaction() as tx:
        branch = await tx.branches.add("甲支部", None)
        await tx.flush()
        rows = [{"which": branch.id, "named": "乙支部"}]
        if database.is_sqlite:
            with pytest.raises(TypeError, match="many runs"):
                await statement.run_each(tx._session, rows)
        else:
            assert [tuple(row) for row in await statement.run_each(tx._session, rows)] == [(branch.id,)]
