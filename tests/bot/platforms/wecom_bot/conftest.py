from collections.abc import AsyncIterator

import pytest

from tests.bot.platforms.wecom_bot.far_side import FarSide, far_side


@pytest.fixture
async def far() -> AsyncIterator[FarSide]:
    async with far_side() as side:
        yield side
