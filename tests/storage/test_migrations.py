"""From every released schema, with something in every table, on both engines: all of it or nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Connection, DateTime, Float, Integer, LargeBinary, MetaData, Numeric, inspect, text
from sqlalchemy.dialects.postgresql import INTERVAL

from storage import integrity, schema
from storage.database import Database
from storage.schema import bring_up, expected_version, found_version, upgrade
from tests.postgres import Postgres

RELEASED = ("0001", "0002", "0003", "0004", "0005")
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)

Rows = dict[str, dict[str, Any]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def bare(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """A database without any table, of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        database = Database(await server.fresh())
        async with database.writing() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
    yield database
    await database.close()


def at_version(connection: Connection, version: str) -> None:
    config = schema._config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def test_the_names_of_the_scripts_tell_their_order() -> None:
    scripts = ScriptDirectory.from_config(schema._config())
    in_order = [script.revision for script in scripts.walk_revisions()][::-1]
    assert expected_version() == scripts.get_current_head() == in_order[-1]
    assert in_order == sorted(in_order)
    assert all(schema.knows(version) for version in in_order)
    assert not schema.knows("9999")


def fill(connection: Connection) -> Rows:
    """One row in every table, its references pointing at the row of the other."""
    found = MetaData()
    found.reflect(connection)
    rows: Rows = {}
    for table in found.sorted_tables:
        if table.name == "alembic_version":
            continue
        row: dict[str, Any] = {}
        for column in table.columns:
            target = next(iter(column.foreign_keys), None)
            if target is not None:
                own = target.column.table is table
                row[column.name] = None if own else rows[target.column.table.name][target.column.name]
            elif isinstance(column.type, Boolean):
                row[column.name] = True
            elif isinstance(column.type, Integer | Numeric | Float):
                row[column.name] = 1
            elif isinstance(column.type, DateTime):
                row[column.name] = AT if connection.dialect.name == "postgresql" else AT.replace(tzinfo=None)
            elif isinstance(column.type, INTERVAL):
                row[column.name] = timedelta(hours=1)
            elif isinstance(column.type, LargeBinary):
                row[column.name] = b"{}"
            else:
                row[column.name] = "x"
        connection.execute(table.insert(), row)
        rows[table.name] = row
    return rows


def read(connection: Connection, rows: Rows) -> Rows:
    """The same columns as they are now."""
    found = MetaData()
    found.reflect(connection)
    return {name: dict(connection.execute(found.tables[name].select()).mappings().one()) for name in rows}


def differences(connection: Connection) -> list[Any]:
    """Between what the scripts make and what the models say."""
    found = list(compare_metadata(MigrationContext.configure(connection), schema.Base.metadata))
    looked = inspect(connection)
    for table in schema.Base.metadata.sorted_tables:
        key = looked.get_pk_constraint(table.name)["constrained_columns"]
        found += [] if key == [column.name for column in table.primary_key] else [(table.name, key)]
        if connection.dialect.name == "sqlite":
            by_rowid = connection.scalar(text("SELECT NOT wr FROM pragma_table_list(:name)"), {"name": table.name})
            found += [] if by_rowid == table.dialect_options["sqlite"]["with_rowid"] else [(table.name, by_rowid)]
    return found


def is_same(now: Rows, before: Rows) -> bool:
    return all(now[name][column] == value for name, row in before.items() for column, value in row.items())


@pytest.mark.faults("UPG1", "DB7")
@pytest.mark.parametrize("version", RELEASED)
async def test_every_released_schema_comes_up_with_its_data(bare: Database, version: str) -> None:
    async with bare.writing() as connection:
        await connection.run_sync(at_version, version)
        before = await connection.run_sync(fill)
    assert await found_version(bare) == version

    def cut() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await upgrade(bare, after_each=cut)
    assert await found_version(bare) == version
    async with bare.reader.connect() as connection:
        tables = set(await connection.run_sync(lambda c: inspect(c).get_table_names()))
        assert tables == {*before, "alembic_version"}
        assert is_same(await connection.run_sync(read, before), before)

    await upgrade(bare)
    assert await found_version(bare) == expected_version()
    async with bare.reader.connect() as connection:
        assert is_same(await connection.run_sync(read, before), before)
        assert await connection.run_sync(differences) == []
    if bare.is_sqlite:
        async with bare.reader.connect() as connection:
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
    await upgrade(bare)  # once more changes nothing
    async with bare.writing() as connection:
        await connection.run_sync(bring_up)
    unsound = {flaw.kind for flaw in await integrity.flaws(bare)}
    assert not unsound & {"pages", "references"}, "made-up rows need not add up, but they belong together"
