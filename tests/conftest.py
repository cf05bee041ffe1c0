"""What all tests share."""

import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from aiohttp import web_app

from bot import log
from bot.collecting import keep_loaded
from tests import dialects, scanning
from tests import postgres as servers
from tests import world as worlds

dialects.share()


SLOW = (
    ("tests/properties/", "tests/kills/", "tests/bot/test_killing.py"),
    ("tests/browser/", "tests/handlers/api/test_document.py", "tests/storage/test_pooler.py", "tests/bot/commands/"),
)
"""What takes long, much of it spent waiting for other processes: each worker of a run begins with one of these lots."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers get equal shares, in order, and take from each other's ends: there the short ones have to be."""
    if getattr(config, "workerinput", {}).get("workercount") != len(SLOW):
        return
    slow = [[item for path in lot for item in items if item.nodeid.startswith(path)] for lot in SLOW]
    taken = {item for lot in slow for item in lot}
    rest = [item for item in items if item not in taken]
    middle = max(len(items) // len(SLOW) - len(slow[0]), 0)
    items[:] = [*slow[0], *rest[:middle], *slow[1], *rest[middle:]]


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
