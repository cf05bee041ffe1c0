"""Residents ask, and each is answered with the number of a question that stands on the disk.

As many as go: a bare handler, the bot, the bare handler, on one core. Then with sender and clock, 50 a second whether
or not the ones before were answered: alone, and while items go out to 10,000 members.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import load, pushing
from benchmarks.children import child
from benchmarks.figures import PAIRS_NEEDED, Figure, Wrong, median, steady
from benchmarks.place import filling, free_port, looking, new_database, run
from benchmarks.questions import Questions

CONNECTIONS = 64
WARMING, ROUNDS, REQUESTS = 300, 5, 600
PER_SECOND = 50
ALONE, WITHIN_SECONDS = 300, 40
ITEMS = 3
"""So many go out one after the other: a single push is over before enough questions have been asked."""
_RESPONDER = "INSERT INTO role (member_id, role, branch_id) VALUES (2, 'responder', 1)"


async def measure(folder: Path) -> list[Figure]:
    """Raises Wrong when an answer is unreadable, names no number or one twice, or a question is not stored."""
    return await _as_many_as_go(folder) + await _beside_a_push(folder)


async def _as_many_as_go(folder: Path) -> list[Figure]:
    database, questions = folder / "asking.db", Questions()
    await _prepare(database, members=100)
    bodies: list[bytes] = []
    ratios, rates, p99, slower, busy = [], [], [], [], 0.0
    with ExitStack() as stack:
        ports = {kind: free_port() for kind in ("bare", "bot")}
        for kind, port in ports.items():
            arguments = [kind, "--port", port, "--database", database]
            stack.enter_context(child("benchmarks.servers", arguments, log=folder / f"asking-{kind}.log"))

        def ask(kind: str, batch: list[bytes]) -> load.Load:
            nonlocal busy
            result = load.run(ports[kind], batch, connections=CONNECTIONS, keep=kind == "bot")
            if result.statuses != {200: len(batch)}:
                raise Wrong(f"{kind} answered {result.statuses} to {len(batch)} questions")
            busy = max(busy, result.busy)
            bodies.extend(result.bodies.values())
            return result

        warming = questions.ask(WARMING)
        for kind in ports:
            ask(kind, warming)
        for _ in range(ROUNDS):
            batch = questions.ask(REQUESTS)
            before, bot, after = ask("bare", batch), ask("bot", batch), ask("bare", batch)
            rates.append(bot.rate)
            p99.append(bot.quantile(0.99))
            if steady(before.rate, after.rate):
                ratios.append(bot.rate * 2 / (before.rate + after.rate))
                slower.append(bot.quantile(0.99) * 2 / (before.quantile(0.99) + after.quantile(0.99)))
    if busy > load.BUSIEST:
        raise Wrong(f"the generator was busy for {busy:.0%} of its core")
    _compare_with_the_file(database, questions, bodies)
    noisy = "" if len(ratios) >= PAIRS_NEEDED else f"noisy: only {len(ratios)} steady pairs"
    return [
        Figure(
            "asking", "durable question ÷ bare handler", median(ratios) if ratios else None, 0.02, 0.04, noisy=noisy
        ),
        Figure("", "p99 of questions ÷ p99 of bare", median(slower) if slower else None, noisy=noisy),
        Figure("", "questions, 64 at once", median(rates), unit="/s"),
        Figure("", "questions, 64 at once, p99", median(p99) * 1000, unit=" ms"),
    ]


async def _beside_a_push(folder: Path) -> list[Figure]:
    database, questions = folder / "asking-push.db", Questions()
    await _prepare(database, members=pushing.MEMBERS)
    simulator = ["--port", 0, "--members", pushing.MEMBERS, "--latency", pushing.LATENCY.total_seconds()]
    port = free_port()
    with (
        child("bot.simulator", simulator, log=folder / "simulator.log") as (_, base),
        child(
            "benchmarks.servers",
            ["push", "--port", port, "--database", database, "--base", base],
            log=folder / "asking-push.log",
        ),
    ):
        prepared = iter(questions.ask(ALONE + WITHIN_SECONDS * PER_SECOND))
        bodies: list[bytes] = []
        alone = await _ask_by_the_clock(port, prepared, bodies, ALONE)
        pushes = asyncio.create_task(_push_all(database))
        meanwhile = await _ask_by_the_clock(port, prepared, bodies, None, until=pushes)
        await pushes
    _compare_with_the_file(database, questions, bodies)
    with looking(database) as rows:
        (sent,) = rows.execute("SELECT count(*) FROM delivery WHERE state = 'sent'").fetchone()
    if sent != ITEMS * pushing.MEMBERS:
        raise Wrong(f"{sent} deliveries of {ITEMS} items for {pushing.MEMBERS} members")
    what = "reply at 50 questions a second"
    return [
        Figure("asking", f"{what} while 10,000 are pushed, p99", _p99(meanwhile), 500, 250, most=True, unit=" ms"),
        Figure("", f"{what} while 10,000 are pushed, longest", max(meanwhile) * 1000, unit=" ms"),
        Figure("", f"{what} alone, p99", _p99(alone), unit=" ms"),
        Figure("", "questions asked during the pushes", len(meanwhile)),
    ]


async def _prepare(database: Path, *, members: int) -> None:
    await new_database(database, members=members, now=datetime.now(UTC))
    with filling(database) as rows:
        run(rows, _RESPONDER)


async def _push_all(database: Path) -> None:
    """Ends when the last item has reached everybody."""
    for number in range(1, ITEMS + 1):
        await asyncio.to_thread(pushing.schedule, database, number)
        await asyncio.to_thread(_wait_until_settled, database, number)


def _wait_until_settled(database: Path, items: int) -> None:
    query = "SELECT count(*) FROM message WHERE kind = 'item' AND settled_at NOT NULL"
    until = time.perf_counter() + WITHIN_SECONDS
    with looking(database) as rows:
        while rows.execute(query).fetchone()[0] < items * pushing.MEMBERS and time.perf_counter() < until:
            time.sleep(0.1)


async def _ask_by_the_clock(
    port: int,
    prepared: Iterator[bytes],
    bodies: list[bytes],
    count: int | None,
    until: asyncio.Task[None] | None = None,
) -> list[float]:
    """Asks PER_SECOND, `count` in all or until the task ends. Seconds from when each was to be asked to its answer."""
    started = time.perf_counter()
    asked: list[asyncio.Task[float]] = []
    while (count is None or len(asked) < count) and (until is None or not until.done()):
        request = next(prepared, None)
        if request is None:
            raise Wrong(f"the pushes were not over within {WITHIN_SECONDS} s")
        due = started + len(asked) / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(_ask(port, request, bodies, due)))
    return list(await asyncio.gather(*asked))


async def _ask(port: int, request: bytes, bodies: list[bytes], due: float) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    answer = await reader.read()
    waited = time.perf_counter() - due
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head[:20]:
        raise Wrong(f"a question was answered {head[:40]!r}")
    bodies.append(body)
    return waited


def _compare_with_the_file(database: Path, questions: Questions, bodies: list[bytes]) -> None:
    """Every answer opens and names a question of its own, and these are the questions in the file."""
    named = [questions.number(body) for body in bodies]
    with looking(database) as rows:
        found = [row[0] for row in rows.execute("SELECT id FROM question ORDER BY id")]
        (askers,) = rows.execute("SELECT count(DISTINCT resident_id) FROM question").fetchone()
    if None in named or sorted(number for number in named if number) != found or askers != len(bodies):
        raise Wrong(f"{len(bodies)} answers, {len(set(named))} numbers, {len(found)} questions of {askers} residents")


def _p99(waits: list[float]) -> float:
    """Milliseconds."""
    return sorted(waits)[int(len(waits) * 0.99)] * 1000
