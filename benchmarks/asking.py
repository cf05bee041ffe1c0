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
from benchmarks.cores import cpu_of
from benchmarks.figures import PAIRS_NEEDED, Figure, Wrong, median, steady
from benchmarks.place import filling, free_port, looking, new_database, run
from benchmarks.questions import Questions

CONNECTIONS = 64
WARMING, ROUNDS, REQUESTS = 300, 5, 1000
AGAIN = 200
PER_SECOND = 50
ALONE, WITHIN_SECONDS = 500, 60
ITEMS = 3
"""So many go out one after the other: a single push is over before enough questions have been asked."""
PATIENCE_SECONDS = 10.0
RESPONDER = 2
_RESPONDER = f"INSERT INTO role (member_id, role, branch_id) VALUES ({RESPONDER}, 'responder', 1)"


async def measure(folder: Path) -> list[Figure]:
    """Raises Wrong when an answer is unreadable or missing, or a question is missing, doubled or has other words."""
    return await _as_many_as_go(folder) + await _beside_a_push(folder)


async def _as_many_as_go(folder: Path) -> list[Figure]:
    database, questions = folder / "asking.db", Questions()
    await _prepare(database, members=100)
    ratios, rates, p99, slower, cost, busy = [], [], [], [], [], 0.0
    with ExitStack() as stack:
        ports, pids = {kind: free_port() for kind in ("bare", "bot")}, {}
        for kind, port in ports.items():
            arguments = [kind, "--port", port, "--database", database]
            process, _ = stack.enter_context(child("benchmarks.servers", arguments, log=folder / f"asking-{kind}.log"))
            pids[kind] = process.pid

        def ask(kind: str, batch: list[bytes]) -> load.Load:
            nonlocal busy
            try:
                result = load.run(ports[kind], batch, connections=CONNECTIONS, keep=kind == "bot")
            except OSError as error:
                raise Wrong(f"{kind} left questions without an answer: {error}") from None
            if result.statuses != {200: len(batch)}:
                raise Wrong(f"{kind} answered {result.statuses} to {len(batch)} questions")
            busy = max(busy, result.busy)
            for number, body in result.bodies.items():
                questions.answered(batch[number], body)
            return result

        batch = questions.ask(WARMING)
        for kind in ports:
            ask(kind, batch)
        for _ in range(ROUNDS):
            batch = questions.ask(REQUESTS)
            before, spent = ask("bare", batch), cpu_of(pids["bot"])
            bot = ask("bot", batch)
            cost.append((cpu_of(pids["bot"]) - spent) / REQUESTS)
            after = ask("bare", batch)
            rates.append(bot.rate)
            p99.append(bot.quantile(0.99))
            if steady(before.rate, after.rate):
                ratios.append(bot.rate * 2 / (before.rate + after.rate))
                slower.append(bot.quantile(0.99) * 2 / (before.quantile(0.99) + after.quantile(0.99)))
        ask("bot", batch[:AGAIN])
    if busy > load.BUSIEST:
        raise Wrong(f"the generator was busy for {busy:.0%} of its core")
    questions.compare_with(database)
    noisy = "" if len(ratios) >= PAIRS_NEEDED else f"noisy: only {len(ratios)} steady pairs"
    return [
        Figure("asking", "durable question ÷ bare handler", median(ratios) if ratios else None, 0.05, 0.1, noisy=noisy),
        Figure("", "p99 of questions ÷ p99 of bare", median(slower) if slower else None, noisy=noisy),
        Figure("", "processor time per question", median(cost) * 1000, unit=" ms"),
        Figure("", "questions, 64 at once", median(rates), unit="/s"),
        Figure("", "questions, 64 at once, p99", median(p99) * 1000, unit=" ms"),
    ]


async def _beside_a_push(folder: Path) -> list[Figure]:
    database, questions = folder / "asking-push.db", Questions()
    await _prepare(database, members=pushing.MEMBERS)
    prepared = questions.ask(ALONE + WITHIN_SECONDS * PER_SECOND)
    latency = pushing.LATENCY.total_seconds()
    simulator = ["--port", 0, "--members", pushing.MEMBERS, "--residents", len(prepared), "--latency", latency]
    port = free_port()
    with (
        child("bot.simulator", simulator, log=folder / "simulator.log") as (_, base),
        child(
            "benchmarks.servers",
            ["push", "--port", port, "--database", database, "--base", base],
            log=folder / "asking-push.log",
        ),
    ):
        requests = iter(prepared)
        alone = await _ask_by_the_clock(port, requests, questions, count=ALONE)
        pushes = asyncio.create_task(_push_all(database))
        try:
            meanwhile = await _ask_by_the_clock(port, requests, questions, until=pushes)
        finally:
            pushes.cancel()
    questions.compare_with(database)
    what = "reply at 50 questions a second"
    return [
        Figure("asking", f"{what} while 10,000 are pushed, p99", _p99(meanwhile), 500, 250, most=True, unit=" ms"),
        Figure("", f"{what} while 10,000 are pushed, longest", max(meanwhile) * 1000, unit=" ms"),
        Figure("asking", f"{what} alone, p99", _p99(alone), 100, 50, most=True, unit=" ms"),
        Figure("", "questions asked during the pushes", len(meanwhile)),
    ]


async def _prepare(database: Path, *, members: int) -> None:
    await new_database(database, members=members, now=datetime.now(UTC))
    with filling(database) as rows:
        run(rows, _RESPONDER)


async def _push_all(database: Path) -> None:
    """Ends when the last item has reached everybody but the responder, to whom the questions' cards leave no room."""
    sent = f"SELECT count(*) FROM delivery WHERE state = 'sent' AND member_id != {RESPONDER}"
    with looking(database) as rows:
        for number in range(1, ITEMS + 1):
            await asyncio.to_thread(pushing.schedule, database, number)
            while True:
                await asyncio.sleep(0.1)
                if rows.execute(sent).fetchone()[0] >= number * (pushing.MEMBERS - 1):
                    break


async def _ask_by_the_clock(
    port: int,
    prepared: Iterator[bytes],
    questions: Questions,
    *,
    count: int | None = None,
    until: asyncio.Task[None] | None = None,
) -> list[float]:
    """Asks PER_SECOND, `count` in all or until the task ends. Seconds from when each was to be asked to its answer."""
    started = time.perf_counter()
    asked: list[asyncio.Task[float]] = []
    try:
        while (count is None or len(asked) < count) and (until is None or not until.done()):
            due = started + len(asked) / PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if (request := next(prepared, None)) is None:
                raise Wrong(f"the pushes were not over within {WITHIN_SECONDS} s")
            asked.append(asyncio.create_task(_ask(port, request, questions, due)))
        return list(await asyncio.gather(*asked))
    finally:
        for task in asked:
            task.cancel()


async def _ask(port: int, request: bytes, questions: Questions, due: float) -> float:
    """Raises Wrong when there is no answer, for the platform would ask again."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            answer = await reader.read()
    except (OSError, TimeoutError) as error:
        raise Wrong(f"a question was not answered: {error!r}") from None
    waited = time.perf_counter() - due
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head[:20]:
        raise Wrong(f"a question was answered {head[:40]!r}")
    questions.answered(request, body)
    return waited


def _p99(waits: list[float]) -> float:
    """Milliseconds."""
    return sorted(waits)[int(len(waits) * 0.99)] * 1000
