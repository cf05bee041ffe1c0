"""Whatever happens in whatever order, the promises of docs/delivery.md hold."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import get_state_machine_test

from tests.postgres import Postgres
from tests.properties.machine import Life
from tests.properties.stage import Stage

STEPS = 30
QUICK = settings(
    max_examples=25,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
"""Always the same lives: what fails here fails because of what was changed. `make soak` draws others, as long as that
takes, and makes shorter what it finds."""


async def on_sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/bot.db"


LOTS = 8
"""Of lives, so that they can be had beside each other."""
ON_POSTGRESQL = settings(QUICK, max_examples=5)
LOTS_ON_POSTGRESQL = 5


def lives(fresh: Callable[[Path], Awaitable[str]], chosen: settings, lot: int | None = None) -> None:
    """So many lives, all in one world as long as nothing fails. `fresh` gives the address of an empty database.

    Each `lot` has others; with None it is chance's.
    """
    stage = Stage(fresh)
    here = type("LifeHere", (Life,), {"stage": stage})
    machine = get_state_machine_test(here, settings=chosen)
    try:
        (machine if lot is None else seed(lot)(machine))()
    except Flaky as error:
        raise here.failure or error from error
    finally:
        stage.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lot", range(LOTS))
@pytest.mark.faults("DB7", "OUT1", "OUT2", "OUT13", "OUT22", "OUT23", "OUT24", "OUT31", "CB6", "CB21", "CB27")
def test_whatever_happens_nothing_is_lost_and_nobody_is_told_twice(lot: int) -> None:
    lives(on_sqlite, QUICK, lot)


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("lot", range(LOTS_ON_POSTGRESQL))
def test_nor_on_postgresql(postgres: Postgres, lot: int) -> None:
    lives(lambda _: postgres.fresh(), ON_POSTGRESQL, 100 + lot)
