"""For half an hour: 100 callbacks a second, a push each minute, reminders of what stays open. Nothing may grow.

`python -m benchmarks soaking --minutes 30`. The bot is complete, with sender and clock; Tencent's side is a process of
its own. Half of the members never acknowledge, so each push is followed by its reminders.
"""

import asyncio
import json
import os
import random
import re
import signal
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from benchmarks import clocked
from benchmarks.callbacks import CODES, Callbacks
from benchmarks.children import child
from benchmarks.cores import cpu_of, memory_of
from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import BRANCHES, branch_of, free_port, looking, new_database, run, stored

MINUTES = 30
MEMBERS, PER_PUSH_BRANCHES = 5000, 5
PER_SECOND = 100
LATENCY = timedelta(milliseconds=100)
COMMANDS = ("待办", "我的记录", "帮助", "收到 {item}", "收到 {item}", "收到 {item}", "收到 {item}", "收到 {item}")
"""What is written, all of it answered at once; three of eight ask the bot for something, the others acknowledge."""
CLICKS_SHARE = 0.2
"""So many of the callbacks press the card's button. Each changes a card: a request, of which the app has four under way
at a time, so that with `LATENCY` forty in a second are the most; that is not what is measured here."""
DUE_FOR = timedelta(seconds=5)
"""What could have left so long ago has been held up."""
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
    simulator = ["--port", 0, "--members", MEMBERS, "--latency", LATENCY.total_seconds(), "--foreign-codes", CODES]
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
        held_up = _held_up(database, datetime.now(UTC))
        for task in (publishing, watching):
            task.cancel()
        await asyncio.gather(publishing, watching, return_exceptions=True)
        await asyncio.sleep(10)
        stalls, longest = await asyncio.to_thread(_stalls, port)
        await _see_that_stalls_are_seen(bot.pid, port, stalls)
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
        Figure("soak", "messages that could have left 5 s before the end", held_up, 0, 0, most=True),
        Figure("", "memory at the end", resident[-1], unit=" MB"),
        Figure("", "minutes", minutes),
        Figure("", "callbacks", len(seen.waits)),
        Figure("", "pushes of 500 members", len(out)),
        Figure("", "reminders sent", reminded),
        Figure("", "share of a core", cpu),
    ]


def _requests(out: list[int]) -> Iterator[bytes]:
    """Acknowledgements of the latest item by every second of those who got it, and what everybody may ask."""
    callbacks, chance = Callbacks(), random.Random(7)
    while True:
        number = out[-1] if out else 0
        audience = [member for member in range(2, MEMBERS, 2) if branch_of(member, MEMBERS) in _branches(number)]
        for _ in range(PER_SECOND):
            if number and chance.random() < CLICKS_SHARE:
                yield callbacks.click(chance.choice(audience), f"ack:{number}")
            else:
                words = chance.choice(COMMANDS)
                member = chance.choice(audience) if "{item}" in words else 1 + chance.randrange(MEMBERS)
                yield callbacks.words(member, words.format(item=number or 1))


def _branches(number: int) -> range:
    """The branches to which an item goes."""
    first = 2 + number * PER_PUSH_BRANCHES % (BRANCHES - PER_PUSH_BRANCHES)
    return range(first, first + PER_PUSH_BRANCHES)


async def _publish(database: Path, out: list[int]) -> None:
    """Each minute an item for the next five branches."""
    for number in count(1):
        audience = {"branches": list(_branches(number)), "tiers": [], "added": []}
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


def _held_up(database: Path, now: datetime) -> int:
    """Messages that could have left a while ago."""
    with looking(database) as rows:
        (held_up,) = rows.execute(
            "SELECT count(*) FROM message WHERE phase IN ('ready', 'waiting') AND not_before < ?",
            (stored(now - DUE_FOR),),
        ).fetchone()
    return int(held_up)


async def _see_that_stalls_are_seen(pid: int, port: int, before: float) -> None:
    """Raises Wrong when the bot does not notice that its loop stands still: it would never say that it does."""
    os.kill(pid, signal.SIGUSR1)
    await asyncio.sleep(1)
    after, _ = await asyncio.to_thread(_stalls, port)
    if after <= before:
        raise Wrong("the loop stood still, and nothing was counted")


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
