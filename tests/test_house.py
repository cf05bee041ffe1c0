"""What holds for the house as a whole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.schedule.jobs import Jobs
from bot.schedule.scheduler import Scheduler
from tests.world import World

ROOT = Path(__file__).parent.parent


def test_python_files_stay_small() -> None:
    long = [
        f"{path.relative_to(ROOT)} ({lines})"
        for room in ("bot", "handlers", "storage")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts and (lines := path.read_text(encoding="utf-8").count("\n")) > 360
    ]
    assert long == []


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ("openpyxl", "matplotlib", "pandas", "wechatpy")
    code = f"import sys, bot.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.faults("CLK1", "CLK2", "CLK5")
async def test_a_late_beat_still_comes_and_comes_once(world: World) -> None:
    jobs: Jobs = world.app.jobs
    scheduler = Scheduler(jobs.by_interval(), lambda: None, elapsed=world.clock.elapsed)
    scheduler.start()
    try:
        for job in scheduler.jobs():
            assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    finally:
        await scheduler.stop()


def test_the_package_speaks_of_itself_alone() -> None:
    words = re.compile(r"/work/|pypi\.org|registry\.npmjs|deb\.debian\.org", re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for pattern in (
            "bot/**/*.py",
            "handlers/**/*.py",
            "storage/**/*.py",
            "docs/**/*.md",
            "*.md",
            "*.toml",
            "Makefile",
        )
        for path in ROOT.glob(pattern)
        if ".venv" not in path.parts and words.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
