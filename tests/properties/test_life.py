"""Whatever happens in whatever order, the promises of docs/delivery.md hold."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.postgres import Postgres
from tests.properties.machine import Life, Stage
from tests.world import build

STEPS = 30
QUICK = settings(
    max_examples=25,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
"""What it finds it does not make shorter: `make soak` does, for as long as that takes."""


def lives(url: str, folder: Path, chosen: settings) -> None:
    """So many lives, all in one world."""
    stage = Stage(build(url, folder))
    try:
        run_state_machine_as_test(type("LifeHere", (Life,), {"stage": stage}), settings=chosen)
    finally:
        stage.close()


@pytest.mark.timeout(300)
@pytest.mark.faults("DB7", "OUT1", "OUT2", "OUT13", "OUT22", "OUT23", "OUT24", "OUT31", "CB6", "CB21", "CB27")
def test_whatever_happens_nothing_is_lost_and_nobody_is_told_twice(tmp_path: Path) -> None:
    lives(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, QUICK)


@pytest.mark.postgres
@pytest.mark.timeout(300)
def test_nor_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    lives(asyncio.run(postgres.fresh()), tmp_path, settings(QUICK, max_examples=4))
