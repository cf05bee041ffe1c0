"""Behind a pooler that hands out a connection for each transaction nothing lasts that belongs to a session."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage import schema
from storage.database import Database
from tests.postgres import Postgres
from tests.world import build, free_port

POOLER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

CONFIG = """
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
pidfile =
logfile = {folder}/pooler.log
"""
SERVERS = 3
"""Fewer connections than clients: each transaction may find another one."""


@asynccontextmanager
async def pooled(url: str, folder: Path) -> AsyncIterator[str]:
    """The same database by way of a pooler."""
    assert POOLER is not None
    there, port = make_url(url), free_port()
    given = {"host": there.query["host"], "port": port, "folder": folder, "size": SERVERS}
    (folder / "pooler.ini").write_text(CONFIG.format(**given), encoding="ascii")
    owner = Path(given["host"]).owner()
    user = ["-u", owner] if os.getuid() == 0 else []  # it does not run as root, and has to reach the server's socket
    folder.chmod(0o777)
    process = await asyncio.create_subprocess_exec(POOLER, "-q", *user, str(folder / "pooler.ini"))
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        yield f"postgresql+asyncpg://postgres:@127.0.0.1:{port}/{there.database}"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.faults("DB13")
@pytest.mark.postgres
@pytest.mark.skipif(POOLER is None, reason="pgbouncer is not installed: tools/system-packages.sh pgbouncer")
async def test_everything_works_behind_a_transaction_pooler(postgres: Postgres, tmp_path: Path) -> None:
    direct = await postgres.empty()
    with tempfile.TemporaryDirectory(prefix="pooler") as folder:
        async with pooled(direct, Path(folder)) as url:
            await _works(url, tmp_path)


async def _works(url: str, tmp_path: Path) -> None:
    database = Database(url)
    await schema.upgrade(database)

    async def count(number: int) -> None:
        for _ in range(5):
            async with database.transaction(brief=number % 2 == 0) as tx:
                await tx.branches.add(f"支部{number}", None)
            async with database.reading() as tx:
                await tx.branches.all()

    await asyncio.gather(*(count(number) for number in range(8)))
    async with database.reading() as tx:
        assert len(await tx.branches.all()) == 40
    async with database.transaction() as tx:
        await tx._session.execute(text("DELETE FROM branch"))
    await database.close()

    async with build(url, tmp_path, files={"dir": str(tmp_path / "files")}) as world:
        secretary, li, wang = await world.branch("第一支部", members=["李四", "王五"])
        await world.published(secretary, "/通知 周五开会\n请准时")
        assert any("周五开会" in words for words in wang.heard())
        await li.says("收到")
        li.heard()
        await world.passes(hours=25)
        assert not any("周五开会" in words for words in li.heard())
        assert any("周五开会" in words for words in wang.heard()), "a reminder"
