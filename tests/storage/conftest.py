from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.tables import open_database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database at the expected version, of each kind."""
    opened = await open_database(database_url)
    try:
        yield opened
    finally:
        await opened.close()
