"""A few deaths at instants that nobody chose; `make soak` has a thousand."""

import random
from pathlib import Path

import pytest

from tests.kills.lives import Nursery, scene
from tests.kills.storm import SETTINGS, Storm


@pytest.mark.timeout(240)
@pytest.mark.faults("DB7", "OUT1", "CB21", "CB22")
async def test_killed_at_any_instant_nothing_is_lost_and_nobody_hears_twice(tmp_path: Path, nursery: Nursery) -> None:
    async with scene(nursery, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, **SETTINGS) as there:
        storm = Storm(there, random.Random())
        await storm.prepare()
        await storm.rage(6)
        assert (await storm.judge())["items"] >= 4
