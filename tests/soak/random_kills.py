"""A thousand deaths and more at instants that nobody chose: 0 lost, 0 shown twice. `make soak` runs it.

Before its death a life may stand still, have its clock a day wrong or its disk full for a while. On PostgreSQL three
instances share the database, and each is killed in its turn. Every row of kills says its seed: a run that was stopped
goes on with `SOAK_SEED` as that of the next, and `SOAK_KILLS` as what is left.
"""

import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.kills.lives import Nursery, scene
from tests.kills.storm import SETTINGS, Storm
from tests.kills.test_instances import Address, Fleet, served
from tests.postgres import Postgres

KILLS = int(os.environ.get("SOAK_KILLS", "1000"))
KILLS_AMONG = int(os.environ.get("SOAK_KILLS_AMONG", "200"))
WEATHER = float(os.environ.get("SOAK_WEATHER", "0.5"))
SEED = int(os.environ.get("SOAK_SEED") or random.randrange(2**32))
IN_A_ROW = 50
"""Kills before the judge looks; then everything begins anew."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


async def row(nursery: Nursery, url: str, folder: Path, seed: int, kills: int, *, alone: bool) -> dict[str, int]:
    """So many deaths, and what there was to judge."""
    folder.mkdir()
    async with scene(nursery, url, folder, **SETTINGS) as there:
        storm = Storm(there, random.Random(seed), weather=WEATHER)
        await storm.prepare()
        if alone:
            await storm.rage(kills)
        else:
            fleet = Fleet(there)
            async with served(Address(fleet.ports)) as address:
                there.near.callback_url = f"{address}/wecom/callback"
                there.near.account.callback_url = f"{address}/official-account/callback"
                await storm.rage_among(fleet, kills)
        return await storm.judge()


async def rows(
    kills: int, nursery: Nursery, address: Callable[[Path], Awaitable[str]], folder: Path, *, alone: bool
) -> None:
    """Row after row, and a line for each."""
    judged: Counter[str] = Counter()
    for number in range(-(-kills // IN_A_ROW)):
        seed, here, began = SEED + number, folder / str(number), time.monotonic()
        so_many = min(IN_A_ROW, kills - judged["kills"])
        try:
            judged.update(await row(nursery, await address(here), here, seed, so_many, alone=alone))
        except BaseException:
            print(f"seed {seed}, folder {here}", file=sys.stderr, flush=True)
            raise
        judged["kills"] += so_many
        shutil.rmtree(here)
        print(f"seed {seed}, {time.monotonic() - began:.0f} s:", dict(judged), "0 lost, 0 shown twice", flush=True)


@pytest.mark.timeout(8 * 3600)
async def test_killed_a_thousand_times(tmp_path: Path, nursery: Nursery) -> None:
    async def address(here: Path) -> str:
        return f"sqlite+aiosqlite:///{here}/bot.db"

    await rows(KILLS, nursery, address, tmp_path, alone=True)


@pytest.mark.timeout(8 * 3600)
async def test_three_instances_killed_in_turn(postgres: Postgres, tmp_path: Path, nursery: Nursery) -> None:
    await rows(KILLS_AMONG, nursery, lambda _: postgres.fresh(), tmp_path, alone=False)
