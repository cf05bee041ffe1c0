"""What all tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import log
from tests import world as worlds


@pytest.fixture(autouse=True, scope="session")
def _quiet_logs() -> None:
    log.configure(level=30, json=False)


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
