"""Whatever happens in whatever order, the promises of docs/delivery.md hold."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import Life, Stage
from tests.world import build

QUICK = settings(
    max_examples=int(__import__("os").environ.get("EX","15")), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, phases=(Phase.generate,), report_multiple_bugs=False, database=None
)


def life_on(stage: Stage) -> type[Life]:
    return type("LifeHere", (Life,), {"stage": stage})


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nobody_is_told_twice(tmp_path: Path) -> None:
    stage = Stage(build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path))
    try:
        run_state_machine_as_test(life_on(stage), settings=QUICK)
    finally:
        stage.close()


__all__ = ["Iterator", "asyncio"]
