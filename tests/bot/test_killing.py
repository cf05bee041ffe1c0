"""The instants at which tests kill a process."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.killing import POINTS, arm

ROOT = Path(__file__).parents[2]


def test_each_point_stands_somewhere_in_the_program() -> None:
    rooms = ("bot", "handlers", "storage")
    words = "".join(path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py"))
    called = set(re.findall(r'here\((?:lambda: )?"(K\d+)"\)', words)) | set(
        re.findall(r'call_soon\(here, "(K\d+)"', words)
    )
    assert called == POINTS.keys()


def test_at_each_point_a_real_process_is_killed() -> None:
    words = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "kills").glob("test_*.py"))
    assert set(re.findall(r'"(K\d+)"', words)) == POINTS.keys()


def test_nothing_but_a_call_of_a_test_switches_one_on() -> None:
    program = [path for room in ("bot", "handlers", "storage") for path in (ROOT / room).rglob("*.py")]
    arming = [str(path) for path in program if re.search(r"\barm\(", path.read_text(encoding="utf-8"))]
    assert [Path(each).name for each in arming] == ["killing.py"]
    code = "import bot.app, bot.killing as k; print(k._armed)"
    everything = {f"{p}{n}": n for p in ("", "BRANCHBOT_", "BRANCHBOT_KILL_") for n in POINTS}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=everything)
    assert done.stdout.strip() == "{}", done.stderr


def test_a_point_that_is_not_there_cannot_be_armed() -> None:
    with pytest.raises(LookupError):
        arm("K99", lambda: None)
