"""Moving to PostgreSQL from the command line: what it refuses and what it says to do next."""

import asyncio
from pathlib import Path

import pytest

from storage.database import Database
from storage.lock import ProcessLock
from tests.bot.commands.conftest import Cli
from tests.postgres import Postgres

KEY = "a secret for tests, long enough for the rule"


@pytest.mark.faults("UPG11")
@pytest.mark.postgres
def test_the_command_says_what_to_do_next(cli: Cli, folder: Path, postgres: Postgres) -> None:
    assert cli("db", "upgrade").code == 0
    assert cli("members", "import", "roster.csv").code == 0
    refused = cli("db", "copy", "--to", "sqlite+aiosqlite:///other.db")
    assert (refused.code, "postgresql+asyncpg://" in refused.err) == (1, True)

    url = asyncio.run(postgres.empty())
    lock = ProcessLock(folder / "data" / "branchbot.db.lock")
    with lock:
        trial = cli("db", "copy", "--to", url)
    assert (trial.code, "先不发送" in trial.out) == (0, True)
    assert asyncio.run(_held(url)), "two services with the same messages must not both send them"
    again = cli("db", "copy", "--to", url)
    assert (again.code, "已经有表" in again.err) == (1, True)

    url = asyncio.run(postgres.empty())
    moved = cli("db", "copy", "--to", url)
    assert (moved.code, "校验和都一致" in moved.out, "secret_key" in moved.out) == (0, True, True)
    assert not asyncio.run(_held(url))
    config = folder / "config.toml"
    old = f"sqlite+aiosqlite:///{folder}/data/branchbot.db"
    config.write_text(f'secret_key = "{KEY}"\n{config.read_text(encoding="utf-8").replace(old, url)}', encoding="utf-8")
    assert cli("db", "check").code == 0
    assert cli("db", "copy", "--to", url).code == 1


async def _held(url: str) -> bool:
    database = Database(url)
    async with database.reading() as tx:
        held = await tx.instances.is_held()
    await database.close()
    return held
