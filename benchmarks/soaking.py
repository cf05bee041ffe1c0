"""For half an hour: 100 callbacks a second, a push each minute, reminders of what stays open. Nothing may grow.

`python -m benchmarks soaking --minutes 30`. The bot is complete, with sender and clock; Tencent's side is a process of
its own. Half of the members never acknowledge, so each push is followed by its reminders.
"""

import asyncio
import json
import random
import re
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from benchmarks import clocked
from benchmarks.callbacks import Callbacks
from benchmarks.children import child
from benchmarks.cores import cpu_of, memory_of
from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import BRANCHES, free_port, looking, new_database, run, stored

MINUTES = 30
MEMBERS, PER_PUSH_BRANCHES = 5000, 5
PER_SECOND = 100
LATENCY = timedelta(milliseconds=100)
WORDS_SHARE = 0.3
"""So many of the callbacks are commands; the others acknowledge."""
COMMANDS = ("待办", "我的记录", "帮助")
SAMPLE_SECONDS = 5.0

_ITEM = """
INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience, audience_size,
  reminders, policy, code, timed, publish_at, confirmed_at, created_at)
VALUES (:number, 'notice', 1, 'scheduled', '关于召开第' || :number || '次党员大会的通知', '请准时参加。', 'ack', 1, 1,
  :audience, 500, 0, '{"after": ["2m", "4m"], "before_due": []}', '', 0, :now, :now, :now)
"""


async def measure(folder: Path, *, minutes: float = MINUTES) -> list[Figure]:
    """Raises Wrong when an answer is not a 200, or an acknowledgement or a push is missing or doubled."""
    database, port = folder / "soaking.db", free_port()
    await new_database(database, members=MEMBERS, now=datetime.now(UTC))
    simulator = ["--port", 0, "--members", MEMBERS, "--latency", LATENCY.total_seconds()]
    with (
        child("bot.simulator", simulator, log=folder / "simulator.log") as (_, base),
        child(
            "benchmarks.servers",
            ["soak", "--port", port, "--database", database, "--base", base],
            log=folder / "soak.log",
        ) as (bot, _),
    ):
        out: list[int] = []
        resident: list[float] = []
        publishing = asyncio.create_task(_publish(database, out))
        watching = asyncio.create_task(_watch(bot.pid, resident))
        spent = cpu_of(bot.pid)
        requests = _requests(out)
        seen = await clocked.ask(port, requests, per_second=PER_SECOND, seconds=minutes * 60)
        cpu = (cpu_of(bot.pid) - spent) / (minutes * 60)
        for task in (publishing, watching):
            task.cancel()
        await asyncio.gather(publishing, watching, return_exceptions=True)
        await asyncio.sleep(10)
        stalls, longest = await asyncio.to_thread(_stalls, port)
        if set(seen.statuses) != {200}:
            raise Wrong(f"answered {seen.statuses}")
        reminded = _compare_with_the_file(database, len(out))
    quarter = max(1, len(resident) // 4)
    growth = median(resident[-quarter:]) - median(resident[quarter : 2 * quarter])
    return [
        Figure("soak", "p99 of an answer", seen.quantile(0.99) * 1000, 200, 100, most=True, unit=" ms"),
        Figure("soak", "longest answer", max(seen.waits) * 1000, 1000, 250, most=True, unit=" ms"),
        Figure("soak", "stalls of the loop over 50 ms", stalls, 0, 0, most=True),
        Figure("soak", "longest stall of the loop, at most", longest * 1000, unit=" ms"),
        Figure("soak", "memory gained from the second quarter to the last", growth, 10, 3, most=True, unit=" MB"),
        Figure("", "memory at the end", resident[-1], unit=" MB"),
        Figure("", "minutes", minutes),
        Figure("", "callbacks", len(seen.waits)),
        Figure("", "pushes of 500 members", len(out)),
        Figure("", "reminders sent", reminded),
        Figure("", "share of a core", cpu),
    ]


def _requests(out: list[int]) -> Iterator[bytes]:
    """Acknowledgements of the latest items by every second member, and commands of everybody."""
    callbacks, chance = Callbacks(), random.Random(7)
    while True:
        item, member = (out[-1] if out else 0), chance.randrange(2, MEMBERS, 2)
        if item and chance.random() >= WORDS_SHARE:
            yield callbacks.click(member, f"ack:{item}")
        else:
            yield callbacks.words(1 + chance.randrange(MEMBERS), chance.choice(COMMANDS))


async def _publish(database: Path, out: list[int]) -> None:
    """Each minute an item for the next five branches."""
    for number in count(1):
        first = 2 + number * PER_PUSH_BRANCHES % (BRANCHES - PER_PUSH_BRANCHES)
        audience = {"branches": list(range(first, first + PER_PUSH_BRANCHES)), "tiers": [], "added": []}
        audience |= {"without_branches": [], "without_tiers": []}
        whole = json.dumps({**audience, "without": [], "words": "五个支部"})
        await asyncio.to_thread(_insert, database, number, whole)
        out.append(number)
        await asyncio.sleep(60)


def _insert(database: Path, number: int, audience: str) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as rows, rows:
        run(rows, _ITEM, number=number, audience=audience, now=stored(datetime.now(UTC)))


async def _watch(pid: int, resident: list[float]) -> None:
    while True:
        resident.append(memory_of(pid).resident)
        await asyncio.sleep(SAMPLE_SECONDS)


def _stalls(port: int) -> tuple[float, float]:
    """(how many over 50 ms, a bound in seconds that the longest is below) since the start, by the service's count."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'branchbot_loop_stall_seconds_bucket\{le="([0-9.]+|\+Inf)"\} ([0-9.]+)', text)
    counts = [(float(bound), float(number)) for bound, number in found]
    if not counts:
        raise Wrong("the service does not count its loop's stalls")
    total = counts[-1][1]
    return total, next(bound for bound, number in counts if number == total) if total else 0.0


def _compare_with_the_file(database: Path, pushes: int) -> int:
    """Every push went out to all, once, and every count is right; how many reminders left."""
    with looking(database) as rows:
        (published,) = rows.execute("SELECT count(*) FROM item WHERE published_at NOT NULL").fetchone()
        (waiting,) = rows.execute("SELECT count(*) FROM delivery WHERE state = 'queued'").fetchone()
        (wrong,) = rows.execute(
            "SELECT count(*) FROM (SELECT item_id, branch_id, state, count(*) c FROM delivery GROUP BY 1, 2, 3) d"
            " LEFT JOIN tally t USING (item_id, branch_id, state) WHERE t.n IS NOT d.c"
        ).fetchone()
        (doubled,) = rows.execute(
            "SELECT count(*) FROM (SELECT delivery_id, kind FROM receipt GROUP BY 1, 2 HAVING count(*) > 1)"
        ).fetchone()
        (reminded,) = rows.execute("SELECT coalesce(sum(reminders), 0) FROM delivery").fetchone()
    if published != pushes or waiting or wrong or doubled or not reminded:
        raise Wrong(
            f"{published} of {pushes} published, {waiting} deliveries wait, {wrong} counts are wrong, "
            f"{doubled} receipts are doubled, {reminded} reminders"
        )
    return int(reminded)
