"""G13: an item for 10,000 members through the simulator, and what a member who writes meanwhile has to wait for.

The bot is complete, with sender and clock; Tencent's side is a process of its own on the other core and answers each
call after LATENCY, about what the real one takes.
"""

import asyncio
import json
import math
import sqlite3
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import load
from benchmarks.callbacks import Callbacks
from benchmarks.children import child
from benchmarks.figures import Figure, Wrong
from benchmarks.place import BRANCHES, free_port, looking, new_database, run, stored

MEMBERS = 10_000
LATENCY = timedelta(milliseconds=100)
PER_CALL = 1000
COMMANDS = 100
WITHIN_SECONDS = 60.0

_ITEM = """
INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience, audience_size,
  reminders, policy, code, timed, publish_at, confirmed_at, created_at)
VALUES (:number, 'notice', 1, 'scheduled', '关于召开支部党员大会的通知', '请准时参加。', 'ack', 1, 1, :audience,
  :members, 0, '{"after": ["1d"], "before_due": []}', '', 0, :at, :now, :now)
"""


@dataclass(frozen=True, slots=True)
class _Pushed:
    """Of the push: seconds from publication to the last settled message, calls, members who have it."""

    wall: float
    calls: int
    sent: int


async def measure(folder: Path) -> list[Figure]:
    """The figures of G13. Raises Wrong when somebody did not get it, or got it twice."""
    database, now = folder / "pushing.db", datetime.now(UTC)
    await new_database(database, members=MEMBERS, now=now)
    simulator = ["--port", 0, "--members", MEMBERS, "--latency", LATENCY.total_seconds()]
    port = free_port()
    with (
        child("bot.simulator", simulator, log=folder / "simulator.log") as (_, base),
        child(
            "benchmarks.servers",
            ["push", "--port", port, "--database", database, "--base", base],
            log=folder / "push.log",
        ),
    ):
        callbacks, members = Callbacks(), range(2, MEMBERS, MEMBERS // 300)
        commands = [callbacks.words(member, "待办") for member in members]
        load.run(port, commands[:20], connections=1)
        schedule(database, 1)
        waits = await asyncio.to_thread(_type_meanwhile, port, database, commands[20:])
        heard = _heard(base, MEMBERS // 2)
    pushed = _pushed(database)
    if pushed.sent != MEMBERS or heard != 1:
        raise Wrong(f"{pushed.sent} of {MEMBERS} have it, one of them {heard} times")
    calls = math.ceil(MEMBERS / PER_CALL)
    ideal = calls * LATENCY.total_seconds()
    return [
        Figure("G13", "calls for 10,000 members", pushed.calls, 12, calls, most=True),
        Figure("G13", "wall ÷ (calls × latency)", pushed.wall / ideal, 1.3, 1.15, most=True),
        Figure(
            "G13", "answer to a command meanwhile, p99", waits[int(len(waits) * 0.99) - 1], 2, 1, most=True, unit=" s"
        ),
        Figure("G13", "answer to a command meanwhile, longest", waits[-1], 2, 1, most=True, unit=" s"),
        Figure("", "push of 10,000, wall", pushed.wall, unit=" s"),
        Figure("", "commands answered meanwhile", len(waits)),
    ]


def schedule(database: Path, number: int) -> None:
    """An item for all members, to be published at once by the bot that runs on the file."""
    branches = list(range(1, BRANCHES + 1))
    audience = {"branches": branches, "tiers": [], "added": [], "without_branches": [], "without_tiers": []}
    now = stored(datetime.now(UTC))
    with closing(sqlite3.connect(database, timeout=10)) as rows, rows:
        words = json.dumps({**audience, "without": [], "words": "全体"})
        run(rows, _ITEM, number=number, audience=words, members=MEMBERS, at=now, now=now)


def _type_meanwhile(port: int, database: Path, commands: list[bytes]) -> list[float]:
    """Asks one command after the other, and looks every few whether the push is over; sorted seconds."""
    waits: list[float] = []
    until = time.perf_counter() + WITHIN_SECONDS
    queue = iter(commands)
    with looking(database) as rows:
        while time.perf_counter() < until:
            batch = [command for command, _ in zip(queue, range(4), strict=False)]
            if not batch:
                break
            answered = load.run(port, batch, connections=1)
            if answered.statuses != {200: len(batch)}:
                raise Wrong(f"a command was answered {answered.statuses}")
            waits += answered.latencies
            time.sleep(0.02)
            (settled,) = rows.execute(
                "SELECT count(*) FROM message WHERE kind = 'item' AND settled_at NOT NULL"
            ).fetchone()
            if settled >= MEMBERS and len(waits) >= COMMANDS:
                break
        while time.perf_counter() < until:
            (settled,) = rows.execute(
                "SELECT count(*) FROM message WHERE kind = 'item' AND settled_at NOT NULL"
            ).fetchone()
            if settled >= MEMBERS:
                break
            time.sleep(0.1)
    return sorted(waits)


def _pushed(database: Path) -> _Pushed:
    with looking(database) as rows:
        (began,) = rows.execute("SELECT publish_at FROM item").fetchone()
        (ended,) = rows.execute("SELECT max(settled_at) FROM message WHERE kind = 'item'").fetchone()
        (calls,) = rows.execute("SELECT count(DISTINCT call_id) FROM message WHERE kind = 'item'").fetchone()
        (sent,) = rows.execute("SELECT count(*) FROM delivery WHERE state = 'sent'").fetchone()
    wall = datetime.fromisoformat(ended) - datetime.fromisoformat(began)
    return _Pushed(wall.total_seconds(), calls, sent)


def _heard(base: str, member: int) -> int:
    """How often the item stands on one phone."""
    with urllib.request.urlopen(f"{base}/control/shown/member{member:04}", timeout=10) as answer:
        shown = json.load(answer)["messages"]
    return sum("党员大会" in message["text"] or message["kind"] != "text" for message in shown)
