"""What all tests share."""

import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web_app

from bot import log
from bot.collecting import keep_loaded
from storage.sqlite import Connection
from tests import dialects, scanning
from tests import postgres as servers
from tests import world as worlds

dialects.share()


SLOW = (
    ("tests/kills/", "tests/bot/test_killing.py"),
    ("tests/properties/",),
    ("tests/browser/", "tests/bot/simulator/test_browser.py"),
    ("tests/handlers/api/test_document.py", "tests/storage/test_pooler.py", "tests/bot/commands/"),
)
"""What takes long, much of it spent waiting for other processes: the workers of a run begin with these lots."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers get equal shares, in order, and take from each other's ends: there the short ones have to be."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers == 1:
        return
    slow = [[item for path in lot for item in items if item.nodeid.startswith(path)] for lot in SLOW]
    taken = {item for lot in slow for item in lot}
    rest = [item for item in items if item not in taken]
    share = len(items) // workers
    ordered: list[pytest.Item] = []
    for number in range(workers):
        first = [item for lot in slow[number::workers] for item in lot]
        more = max(share - len(first), 0) if number < workers - 1 else len(rest)
        ordered += [*first, *rest[:more]]
        del rest[:more]
    items[:] = ordered


def pytest_collection_finish() -> None:
    """All tests and all that they import are there to the end: nobody looks through them for what can go."""
    keep_loaded()


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """aiohttp remembers the last thousand handlers, and with each the whole app behind it, long since stopped."""
    yield
    web_app._cached_build_middleware.cache_clear()


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    """Every line is made and none is shown, whatever the test before has set; tests that read lines catch them."""
    log.configure(stream=sys.stderr, level=logging.DEBUG)
    structlog.configure(processors=[scanning.look])


@pytest.fixture(scope="session", autouse=True)
def _scanned() -> None:
    scanning.watch_servers()
    logging.getLogger().addHandler(scanning.Handler())


@pytest.fixture(autouse=True)
def _nothing_personal() -> Iterator[None]:
    """No line of the log and no URL names the test's people, or holds its secrets."""
    scanning.SCAN.begin()
    yield
    assert scanning.SCAN.hits == []


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[worlds.World]:
    """The app alone, on SQLite."""
    async with worlds.build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path) as built:
        yield built


@pytest.fixture
async def group_world(tmp_path: Path) -> AsyncIterator[worlds.World]:
    """The app and the group bot, on SQLite."""
    async with worlds.build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, bot=True) as built:
        yield built


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What SQLite is asked from now on, but in brief transactions: statement and parameters."""
    asked: list[tuple[str, Any]] = []
    run = Connection._run

    def noting(connection: Connection, sql: str, parameters: Any, many: bool) -> Any:
        asked.append((sql, parameters))
        return run(connection, sql, parameters, many)

    monkeypatch.setattr(Connection, "_run", noting)
    return asked


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A PostgreSQL server. Its folder's name is short, for the path of a socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder, servers.serve(Path(folder)) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: each test that asks runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    server: servers.Postgres = request.getfixturevalue("postgres")
    return await server.fresh()


@pytest.fixture
async def any_world(database_url: str, tmp_path: Path) -> AsyncIterator[worlds.World]:
    """The app alone, on each kind of database."""
    async with worlds.build(database_url, tmp_path) as built:
        yield built
