"""A thousand deaths and more at instants that nobody chose: 0 lost, 0 shown twice. `make soak` runs it.

Before its death a life may stand still, have its clock a day wrong or its disk full for a while.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.lives import Nursery, scene
from tests.kills.storm import SETTINGS, Storm

KILLS = int(os.environ.get("SOAK_KILLS", "1000"))
WEATHER = float(os.environ.get("SOAK_WEATHER", "0.5"))
IN_A_ROW = 40
"""Kills before the judge looks; then everything begins anew."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


@pytest.mark.timeout(4 * 3600)
async def test_killed_a_thousand_times(database_url: str, tmp_path: Path, nursery: Nursery) -> None:
    kills = KILLS if database_url.startswith("sqlite") else IN_A_ROW
    judged: Counter[str] = Counter()
    while judged["kills"] < kills:
        seed = random.randrange(2**32)
        folder = tmp_path / str(judged["kills"])
        folder.mkdir()
        url = f"sqlite+aiosqlite:///{folder}/bot.db" if database_url.startswith("sqlite") else database_url
        row = min(IN_A_ROW, kills - judged["kills"])
        try:
            async with scene(nursery, url, folder, **SETTINGS) as there:
                storm = Storm(there, random.Random(seed), weather=WEATHER)
                await storm.prepare()
                await storm.rage(row)
                judged.update(await storm.judge())
        except BaseException:
            print(f"seed {seed}, folder {folder}", file=sys.stderr)
            raise
        judged["kills"] += row
        print(dict(judged), "0 lost, 0 shown twice", flush=True)
