from collections.abc import AsyncIterator

import pytest

from storage import schema
from storage.database import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database at the expected version, of each kind."""
    opened = Database(database_url)
    try:
        await schema.upgrade(opened)
        yield opened
    finally:
        await opened.close()
