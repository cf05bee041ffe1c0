"""The life of items for as long as one likes, each counterexample made as short as it gets. `make soak` runs it."""

import os

import pytest
from hypothesis import settings

from tests.postgres import Postgres
from tests.properties.test_life import QUICK, lives, on_sqlite

EXAMPLES = int(os.environ.get("SOAK_LIVES", "3000"))
LONG = settings(QUICK, derandomize=False, max_examples=EXAMPLES, stateful_step_count=60, phases=settings.default.phases)


@pytest.mark.timeout(8 * 3600)
def test_many_lives() -> None:
    lives(on_sqlite, LONG)


@pytest.mark.timeout(8 * 3600)
def test_many_lives_on_postgresql(postgres: Postgres) -> None:
    lives(lambda _: postgres.fresh(), settings(LONG, max_examples=max(1, EXAMPLES // 10)))
