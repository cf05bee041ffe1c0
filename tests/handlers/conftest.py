import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.office import Office, build_template, open_office


@pytest.fixture(scope="session")
def office_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(build_template(tmp_path_factory.mktemp("office")))


@pytest.fixture
async def office(office_template: Path, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_template, tmp_path) as found:
        yield found


@pytest.fixture(params=["zh_CN", "en"])
async def every_office(request: pytest.FixtureRequest, office_template: Path, tmp_path: Path) -> AsyncIterator[Office]:
    """The same office in each language."""
    async with open_office(office_template, tmp_path, request.param) as found:
        yield found
