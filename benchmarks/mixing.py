"""G15: acknowledgements as fast as they go, alone and while 500 members a second get something, on one core.

Members answer in words, so that each answer leaves with its callback; what goes out is an item of its own for one
branch every second: pushed, frozen, sent through the simulator and recorded. Both take turns in random order. The
author answers nothing, so that no item is over and tells them so.
"""

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks import acknowledging, load
from benchmarks.callbacks import Callbacks
from benchmarks.children import child
from benchmarks.cores import cpu_of
from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import BRANCHES, free_port, looking, run, stored

ROUNDS, REQUESTS, WARMING = 6, 8000, 1500
CONNECTIONS = 64
LATENCY = timedelta(milliseconds=100)
MEMBERS = 500 * (BRANCHES - 1)
"""About 500 in each branch below the first, so that nobody gets two items within half a minute."""
ENOUGH = 400
"""Members reached a second: with fewer it would say how it is while little is sent."""
SECONDS_AHEAD = 20
"""For so many seconds items are scheduled: longer than a round takes."""
WITHIN_SECONDS = 90.0

_ITEM = """
INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience, audience_size,
  reminders, policy, code, timed, publish_at, confirmed_at, created_at)
VALUES (:number, 'notice', 1, 'scheduled', '关于召开第' || :number || '次党员大会的通知', '请准时参加。', 'ack', 1, 1,
  :audience, 500, 0, '{"after": ["1d"], "before_due": []}', '', 0, :at, :at, :at)
"""


async def measure(folder: Path) -> list[Figure]:
    """Raises Wrong when an answer is not a 200, a receipt is missing, or somebody did not get what went out; also when
    too little went out.
    """
    database, chance = folder / "mixing.db", random.Random(7)
    wanted = WARMING + 2 * ROUNDS * REQUESTS
    answering = MEMBERS - 1
    items = -(-wanted // answering)
    await acknowledging.prepare(database, items=items, members=MEMBERS)
    callbacks = Callbacks()
    pairs = [(1 + n // answering, 2 + n % answering) for n in range(wanted)]
    prepared = iter([callbacks.words(member, f"收到 {item}") for item, member in pairs])
    port = free_port()
    simulator = ["--port", 0, "--members", MEMBERS, "--latency", LATENCY.total_seconds()]
    rates: list[float] = []
    p99: list[float] = []
    alone: list[load.Load] = []
    cost, sent, busy = [], [], 0.0
    with (
        child("bot.simulator", simulator, log=folder / "simulator.log") as (_, base),
        child(
            "benchmarks.servers",
            ["push", "--port", port, "--database", database, "--base", base],
            log=folder / "mixing.log",
        ) as (bot, _),
    ):
        _ask(port, prepared, WARMING)
        for _ in range(ROUNDS):
            seen: dict[bool, load.Load] = {}
            for pushing in chance.sample([True, False], 2):
                if pushing:
                    _schedule(database)
                before, spent = _settled(database), cpu_of(bot.pid)
                seen[pushing] = _ask(port, prepared, REQUESTS)
                busy = max(busy, seen[pushing].busy)
                if pushing:
                    sent.append((_settled(database) - before) / seen[True].wall)
                    _rest(database)
                else:
                    cost.append((cpu_of(bot.pid) - spent) / REQUESTS)
            rates.append(seen[True].rate / seen[False].rate)
            p99.append(seen[True].quantile(0.99) / seen[False].quantile(0.99))
            alone.append(seen[False])
    if busy > load.BUSIEST:
        raise Wrong(f"the generator was busy for {busy:.0%} of its core")
    _compare_with_the_file(database, wanted)
    if median(sent) < ENOUGH:
        raise Wrong(f"only {median(sent):.0f} members a second were reached meanwhile")
    return [
        Figure("G15", "acknowledgements while 500 members a second get something ÷ alone", median(rates), 0.6, 0.75),
        Figure("G15", "p99 of them ÷ alone", median(p99), 2.5, 1.5, most=True),
        Figure("", "acknowledgements alone", median([each.rate for each in alone]), unit="/s"),
        Figure("", "acknowledgements alone, p99", median([each.quantile(0.99) for each in alone]) * 1000, unit=" ms"),
        Figure("", "processor time per acknowledgement alone", median(cost) * 1000, unit=" ms"),
        Figure("", "members reached meanwhile", median(sent), unit="/s"),
    ]


def _ask(port: int, prepared: Iterator[bytes], number: int) -> load.Load:
    result = load.run(port, list(islice(prepared, number)), connections=CONNECTIONS)
    if result.statuses != {200: number}:
        raise Wrong(f"answered {result.statuses} to {number} acknowledgements")
    return result


def _schedule(database: Path) -> None:
    """An item for the next branch in each of the coming seconds."""
    now = datetime.now(UTC)
    with closing(sqlite3.connect(database, timeout=10)) as rows, rows:
        (last,) = rows.execute("SELECT max(id) FROM item").fetchone()
        for second in range(SECONDS_AHEAD):
            number = last + 1 + second
            audience = {"branches": [2 + number % (BRANCHES - 1)], "tiers": [], "added": []}
            audience |= {"without_branches": [], "without_tiers": [], "without": []}
            whole = json.dumps(audience | {"words": "一个支部"})
            run(rows, _ITEM, number=number, audience=whole, at=stored(now + timedelta(seconds=second)))


def _settled(database: Path) -> int:
    with looking(database) as rows:
        (settled,) = rows.execute("SELECT count(*) FROM message WHERE kind = 'item' AND settled_at NOT NULL").fetchone()
    return int(settled)


def _rest(database: Path) -> None:
    """What would still go out is taken back, what is under way ends."""
    with closing(sqlite3.connect(database, timeout=10)) as rows, rows:
        rows.execute("DELETE FROM item WHERE status = 'scheduled'")
    until = time.perf_counter() + WITHIN_SECONDS
    while time.perf_counter() < until:
        time.sleep(0.1)
        with looking(database) as rows:
            (waiting,) = rows.execute(
                "SELECT count(*) FROM message WHERE kind = 'item' AND settled_at IS NULL"
            ).fetchone()
        if not waiting:
            return
    raise Wrong(f"{waiting} messages have not left within {WITHIN_SECONDS:.0f} s")


def _compare_with_the_file(database: Path, answered: int) -> None:
    with looking(database) as rows:
        (receipts,) = rows.execute("SELECT count(*) FROM receipt").fetchone()
        (not_sent,) = rows.execute("SELECT count(*) FROM delivery WHERE transport <> 'sent'").fetchone()
    if receipts != answered or not_sent:
        raise Wrong(f"{answered} answers, but {receipts} receipts; {not_sent} deliveries did not go out")
