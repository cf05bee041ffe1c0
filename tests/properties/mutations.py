"""How soon the machine finds faults that are planted on purpose: `python -m tests.properties.mutations [name …]`.

Each is one change of one line, in a copy of the program; the machine then lives until it fails. A fault whose line is
not there any more is told, and wants another.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "storage", "tests")
PLANTED: dict[str, tuple[str, str, str]] = {
    "no look whether they are done": (
        "bot/services/standing.py",
        "    if state.done:\n",
        "    if False:\n",
    ),
    "no look whether they left": (
        "bot/services/standing.py",
        "    if state.member != MemberStatus.ACTIVE:\n",
        "    if False:\n",
    ),
    "the excused get it": (
        "bot/services/standing.py",
        'return "excused" if state.excused else None',
        "return None",
    ),
    "a repeat changes its bytes": (
        "bot/outbound/sender.py",
        "Request(call.api, call.body)",
        'Request(call.api, call.body + b" ")',
    ),
    "a repeat after its window": (
        "bot/outbound/sender.py",
        "if told - call.first_at >= window or not",
        "if not",
    ),
    "a refused repeat makes new bytes": (
        "bot/outbound/settling.py",
        "if call.tries > 1 and ",
        "if call.tries > 99 and ",
    ),
    "in doubt for ever": (
        "storage/calls.py",
        'values(state=CallState.DOUBTFUL, next_at=bindparam("again"), **_ANSWER)',
        "values(state=CallState.DOUBTFUL, next_at=None, **_ANSWER)",
    ),
    "the day is not counted": (
        "bot/outbound/budget.py",
        "        await use_budget(",
        "        0 and await use_budget(",
    ),
    "nobody's minute is looked at": (
        "bot/outbound/pace.py",
        "    if count.own_in_minute >= limits.per_recipient_minute:\n",
        "    if False:\n",
    ),
    "reminders at night": (
        "bot/rules/quiet.py",
        "def is_quiet(self, at: datetime) -> bool:\n",
        "def is_quiet(self, at: datetime) -> bool:\n        return False\n",
    ),
    "more reminders than a day has": (
        "bot/rules/reminding.py",
        "def within_limits(",
        "def within_limits(**_: object) -> bool:\n    return True\n\n\ndef _within_limits(",
    ),
    "withdrawal leaves what waits": (
        "bot/services/withdrawing.py",
        '    dropped = await tx.pushes.drop(item.id, "withdrawn", now)\n',
        "    dropped = 0\n",
    ),
    "a callback acts twice": (
        "bot/inbound/dispatcher.py",
        '            "key": key[1],\n',
        '            "key": f"{key[1]} {now}",\n',
    ),
    "whoever is named in vain has it": (
        "bot/outbound/settling.py",
        "reason = outcome.refused.get(message.recipient_key)",
        "reason = None",
    ),
    "an older database is not noticed": (
        "bot/services/holding.py",
        "    elif beside is not None and beside.is_beyond(found):\n        why = Held.OLDER",
        "    elif False:\n        why = Held.OLDER",
    ),
    "held and sending": (
        "bot/outbound/sender.py",
        "held = (doubtful or due) and await tx.instances.is_held()",
        "held = False",
    ),
    "the forgotten come back with a backup": (
        "bot/services/persons.py",
        "    if not missing:\n        return 0\n",
        "    return 0\n",
    ),
    "a clock that jumps is believed": (
        "bot/schedule/trust.py",
        "        if self._ahead <= JUMP:\n            return True\n",
        "        return True\n",
    ),
    "a token for each call": (
        "bot/platforms/tokens.py",
        "        return bool(self._value) and ",
        "        return False and ",
    ),
}


def planted(name: str, place: Path) -> bool:
    """Plants it in the copy; False where its line is not there any more."""
    file, right, wrong = PLANTED[name]
    path = place / file
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(right, wrong), encoding="utf-8")
    return right in source


def measure(name: str) -> str:
    """How the machine's short test ends in a copy with this fault."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for room in ROOMS:
            shutil.copytree(ROOT / room, place / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", place)
        if not planted(name, place):
            return "has no place any more"
        began = time.monotonic()
        test = "tests/properties/test_life.py::test_whatever_happens_nothing_is_lost_and_nobody_is_told_twice"
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
        environment = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        said = [line[4:100] for line in done.stdout.splitlines() if line.startswith("E   ")]
        found = f"found: {said[0].strip()}" if done.returncode == 1 and said else "NOT FOUND"
        return f"{found} ({time.monotonic() - began:.0f} s)"


if __name__ == "__main__":
    for each in sys.argv[1:] or PLANTED:
        sys.stdout.write(f"{each}: {measure(each)}\n")
        sys.stdout.flush()
