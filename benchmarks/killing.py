"""G16: members acknowledge while the bot is killed again and again: what was answered with success stands in the file.

The client is the judge: it notes which callbacks were answered, reads also what a dead process had still sent, and
looks for each in the database. Whatever was not answered comes again, as the platform brings it, to the next process.
"""

import os
import random
import signal
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from benchmarks import load
from benchmarks.acknowledging import MEMBERS, answering, compare_with_the_file, prepare
from benchmarks.callbacks import Callbacks
from benchmarks.children import child
from benchmarks.figures import Figure, Wrong
from benchmarks.place import free_port, looking

KILLS = 12
CONNECTIONS = 64
REQUESTS = 6 * MEMBERS
LONGEST_SECONDS = 0.8
"""A life under load is cut somewhere within this."""

Pair = tuple[int, int]
"""(item, member)."""


@dataclass(slots=True)
class _Seen:
    kills: int = 0
    answered: int = 0
    again: int = 0
    """Callbacks that were under way when the process died."""
    lost: int = 0
    differing: int = 0


async def measure(folder: Path, *, kills: int = KILLS, requests: int = REQUESTS) -> list[Figure]:
    """The figures of G16. Raises Wrong when what followed from the callbacks does not add up in the end."""
    database, chance = folder / "killing.db", random.Random(7)
    await prepare(database, items=-(-requests // MEMBERS))
    pairs = answering(requests, chance)
    prepared = Callbacks().acknowledgements(pairs, chance)
    waiting, done, seen = list(range(requests)), set[Pair](), _Seen()
    while waiting:
        mortal = seen.kills < kills
        answered = _live(folder, database, [prepared[n] for n in waiting], chance if mortal else None)
        if mortal and len(answered) == len(waiting):
            raise Wrong(f"everything was answered before kill {seen.kills + 1}: too few requests for this machine")
        if not mortal and len(answered) != len(waiting):
            raise Wrong(f"{len(waiting) - len(answered)} of {len(waiting)} callbacks were not answered")
        numbers = {waiting[place] for place in answered}
        done |= {pairs[n] for n in numbers}
        waiting = [n for n in waiting if n not in numbers]
        _compare(database, done, seen)
        if mortal:
            seen.kills += 1
            seen.again += min(CONNECTIONS, len(waiting))
        seen.answered = len(done)
    compare_with_the_file(database, requests)
    return [
        Figure("G16", "answered with success and not stored", seen.lost, 0, 0, most=True),
        Figure("G16", "events that were stored without their receipt", seen.differing, 0, 0, most=True),
        Figure("", "kills under load", seen.kills),
        Figure("", "callbacks answered", seen.answered),
        Figure("", "callbacks under way at a kill, at most", seen.again),
    ]


def _live(folder: Path, database: Path, batch: list[bytes], chance: random.Random | None) -> list[int]:
    """One process under load; the places of what it answered. With `chance` it is killed somewhere on the way."""
    port = free_port()
    arguments = ["bot", "--port", port, "--database", database]
    with child("benchmarks.servers", arguments, log=folder / "killing.log") as (process, _):
        timer = None
        if chance is not None:
            timer = Timer(chance.uniform(0.05, LONGEST_SECONDS), os.kill, (process.pid, signal.SIGKILL))
            timer.start()
        result = load.run(port, batch, connections=CONNECTIONS, mortal=chance is not None)
        if timer is not None:
            timer.join()
    if set(result.statuses) - {200}:
        raise Wrong(f"callbacks were answered {result.statuses}")
    return result.answered


def _compare(database: Path, answered: set[Pair], seen: _Seen) -> None:
    """What the client noted, and what the file holds."""
    with looking(database) as rows:
        stored = set(rows.execute("SELECT item_id, member_id FROM receipt JOIN delivery ON delivery.id = delivery_id"))
        (events,) = rows.execute("SELECT count(*) FROM inbox").fetchone()
    seen.lost += len(answered - stored)
    seen.differing += abs(events - len(stored))
