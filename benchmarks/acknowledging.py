"""G1 to G3: members acknowledge, and each is answered only once it stands on the disk.

The bare handler, the bot and the bot without its writer take turns on one core: bare, two in random order, bare.
Everybody answers the item that went out last. Nothing is sent meanwhile: what the clicks cause (grey buttons) stays
queued, as it would while the platform is slow.
"""

import random
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import load
from benchmarks.callbacks import Callbacks
from benchmarks.children import child
from benchmarks.cores import cpu_of
from benchmarks.figures import PAIRS_NEEDED, Figure, Wrong, median, steady
from benchmarks.place import NOW, filling, free_port, looking, new_database, run, stored

MEMBERS = 5000
CONNECTIONS = 64
WARMING = 1500
KINDS = ("bare", "bot", "no-write")

_ITEMS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :items)
INSERT INTO item (id, kind, version, status, title, body, require, author_id, branch_id, audience, audience_size,
  reminders, policy, code, timed, publish_at, confirmed_at, published_at, created_at)
SELECT i, 'notice', 1, 'published', '关于召开支部党员大会的通知（第' || i || '次）', '请准时参加。', 'ack', 1, 1, '{}',
  :members, 0, '', '', 0, :now, :now, :now, :now FROM n;
INSERT INTO delivery (item_id, member_id, branch_id, require, transport, state, sent_at, reminders)
SELECT item.id, member.id, member.branch_id, 'ack', 'sent', 'sent', :now, 0 FROM item JOIN member ORDER BY 1, 2;
INSERT INTO reminder (delivery_id, round, due_at, moment, state) SELECT id, 1, :later, :later, 'open' FROM delivery;
INSERT INTO tally (item_id, branch_id, state, n)
SELECT item_id, branch_id, 'sent', count(*) FROM delivery GROUP BY 1, 2
"""


@dataclass(slots=True)
class _Seen:
    """Of one kind of server: a value for each round."""

    rates: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of processor time for one request."""
    worst: float = 0.0


async def measure(folder: Path, *, rounds: int = 5, requests: int = 6000) -> list[Figure]:
    """The figures of G1 to G3. Raises Wrong when anything that was answered is not right."""
    database, chance = folder / "acknowledging.db", random.Random(7)
    wanted = WARMING + rounds * requests
    await prepare(database, items=-(-wanted // MEMBERS))
    pairs = answering(wanted, chance)
    callbacks = Callbacks()
    prepared = callbacks.acknowledgements(pairs, chance)
    seen = {kind: _Seen() for kind in KINDS}
    before_after: list[tuple[float, float]] = []
    busy = 0.0
    with ExitStack() as stack:
        ports = {kind: free_port() for kind in KINDS}
        pids = {
            kind: stack.enter_context(
                child(
                    "benchmarks.servers",
                    [kind, "--port", ports[kind], "--database", database],
                    log=folder / f"{kind}.log",
                )
            )[0].pid
            for kind in KINDS
        }

        def ask(kind: str, batch: list[bytes], *, kept: bool = True) -> float:
            nonlocal busy
            spent = cpu_of(pids[kind])
            result = load.run(ports[kind], batch, connections=CONNECTIONS)
            if result.statuses != {200: len(batch)}:
                raise Wrong(f"{kind} answered {result.statuses} to {len(batch)} requests")
            if kept:
                busy = max(busy, result.busy)
                its = seen[kind]
                its.rates.append(result.rate)
                its.p99.append(result.quantile(0.99))
                its.cpu.append((cpu_of(pids[kind]) - spent) / len(batch))
                its.worst = max(its.worst, result.latencies[-1])
            return result.rate

        for kind in KINDS:
            ask(kind, prepared[:WARMING], kept=False)
        for number in range(rounds):
            start = WARMING + number * requests
            batch = prepared[start : start + requests]
            before = ask("bare", batch)
            middle = ["bot", "no-write"]
            chance.shuffle(middle)
            for kind in middle:
                ask(kind, batch)
            before_after.append((before, ask("bare", batch)))
        refused = load.run(ports["bot"], [callbacks.forged(1, "ack:1")], connections=1)
        repeated = load.run(ports["bot"], prepared[WARMING : WARMING + 500], connections=CONNECTIONS)
    if refused.statuses != {403: 1}:
        raise Wrong(f"a forged callback was answered {refused.statuses}")
    if repeated.statuses != {200: 500}:
        raise Wrong(f"repeated callbacks were answered {repeated.statuses}")
    if busy > load.BUSIEST:
        raise Wrong(f"the generator was busy for {busy:.0%} of its core")
    compare_with_the_file(database, wanted)
    return _figures(seen, before_after, busy)


def answering(wanted: int, chance: random.Random) -> list[tuple[int, int]]:
    """(item, member) of so many answers: to one item after the other, as they go out, its members in any order."""
    pairs = []
    for item in range(1, 2 + wanted // MEMBERS):
        members = list(range(1, 1 + MEMBERS))
        chance.shuffle(members)
        pairs += [(item, member) for member in members]
    return pairs[:wanted]


async def prepare(database: Path, *, items: int, members: int = MEMBERS) -> None:
    """A database in which every member has got every item, and a reminder of each is due much later."""
    await new_database(database, members=members)
    later = NOW.replace(year=NOW.year + 10)
    with filling(database) as rows:
        run(rows, _ITEMS, items=items, members=members, now=stored(NOW), later=stored(later))


def compare_with_the_file(database: Path, answered: int) -> None:
    """What was answered is stored, once, and everything that follows from it too."""
    with looking(database) as rows:
        (updates,) = rows.execute("SELECT count(*) FROM inbox WHERE state = 'done'").fetchone()
        (receipts,) = rows.execute("SELECT count(*) FROM receipt").fetchone()
        (states,) = rows.execute(
            "SELECT count(*) FROM delivery WHERE state = 'acknowledged' AND done_at IS NOT NULL"
        ).fetchone()
        (tallied,) = rows.execute("SELECT sum(n) FROM tally WHERE state = 'acknowledged'").fetchone()
        (cards,) = rows.execute("SELECT count(*) FROM message WHERE kind = 'card'").fetchone()
        (clicks,) = rows.execute("SELECT count(*) FROM receipt WHERE source = 'card'").fetchone()
        (wrong,) = rows.execute(
            "SELECT count(*) FROM (SELECT item_id, branch_id, state, count(*) c FROM delivery GROUP BY 1, 2, 3) d"
            " LEFT JOIN tally t USING (item_id, branch_id, state) WHERE t.n IS NOT d.c"
        ).fetchone()
    found = {"updates": updates, "receipts": receipts, "states": states, "tallied": tallied}
    if any(n != answered for n in found.values()) or cards != clicks or wrong:
        raise Wrong(f"{answered} answers, but {found}, {cards} cards for {clicks} clicks, {wrong} wrong tallies")


def _figures(seen: dict[str, _Seen], before_after: list[tuple[float, float]], busy: float) -> list[Figure]:
    good = [n for n, (before, after) in enumerate(before_after) if steady(before, after)]
    noisy = "" if len(good) >= PAIRS_NEEDED else f"noisy: only {len(good)} steady pairs"
    bare = {n: sum(before_after[n]) / 2 for n in good}
    calm = {n: (seen["bare"].p99[2 * n] + seen["bare"].p99[2 * n + 1]) / 2 for n in good}
    bot, free = seen["bot"], seen["no-write"]

    def of_pairs(values: list[float]) -> float | None:
        return median(values) if values else None

    cost, bare_cost = median(bot.cpu), median(seen["bare"].cpu)
    return [
        Figure(
            "G1",
            "durable acknowledgement ÷ bare handler",
            of_pairs([bot.rates[n] / bare[n] for n in good]),
            0.30,
            0.40,
            noisy=noisy,
        ),
        Figure(
            "G2",
            "durable ÷ the same without the write",
            of_pairs([bot.rates[n] / free.rates[n] for n in good]),
            0.65,
            0.85,
            noisy=noisy,
        ),
        Figure(
            "G3",
            "p99 of acknowledgements ÷ p99 of bare",
            of_pairs([bot.p99[n] / calm[n] for n in good]),
            4,
            2.5,
            most=True,
            noisy=noisy,
        ),
        Figure("G3", "slowest acknowledgement", bot.worst * 1000, 1000, 250, most=True, unit=" ms"),
        Figure("", "the same without the write ÷ bare", of_pairs([free.rates[n] / bare[n] for n in good])),
        Figure("", "processor time per acknowledgement ÷ bare", cost / bare_cost if bare_cost else None),
        Figure("", "acknowledgements a second, one core", median(bot.rates)),
        Figure("", "bare answers a second", median(seen["bare"].rates)),
        Figure("", "generator's share of its core, at most", busy),
    ]
