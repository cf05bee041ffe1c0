from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.outbound.station import Station, stand


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    async with stand(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as built:
        yield built


@pytest.fixture
async def any_station(database_url: str) -> AsyncIterator[Station]:
    """On each kind of database."""
    async with stand(database_url) as built:
        yield built
