"""G7 to G11: the same questions to a small file and to one with a long past; and to a wide one.

The wide file has no past, but all of its fifty living items went to all 5,000 members: what is asked about many
deliveries at once is measured there.

Everything goes through the bot's own services and stores; what writes is rolled back, so that each repetition finds
the same file. Times are medians of processor-warm repetitions, ratios are taken inside one run.
"""

import contextlib
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import history
from benchmarks.figures import Figure, Wrong, median
from benchmarks.place import NOW, configuration, looking, stored
from bot.app import App
from bot.clock import ManualClock
from bot.services.access import Speaker
from bot.services.progress import open_items
from bot.services.reminders import remind_due
from storage.lists import OpenRow
from storage.transaction import Transaction

SMALL, MILLION, LARGE = 10_000, 1_000_000, 5_000_000
WIDE = history.LIVE * history.MEMBERS
REPEATS = 9
LONG_AGO = NOW - timedelta(days=5)
"""Before anything was due."""

_UNDONE = """
SELECT d.id FROM delivery d JOIN item i ON i.id = d.item_id
WHERE i.status = 'published' AND d.excused_at IS NULL AND +d.transport = 'sent'
  AND NOT EXISTS (SELECT 1 FROM receipt c WHERE c.delivery_id = d.id AND c.kind = 'ack')
  AND (SELECT r.due_at FROM reminder r WHERE r.delivery_id = d.id ORDER BY r.round DESC LIMIT 1) <= ?
ORDER BY d.id
"""
"""Who is due, asked of deliveries and receipts, without a reminder's state and its index."""

_LIST = """
SELECT d.id, m.name, d.branch_id, d.state, d.reason FROM delivery d JOIN member m ON m.id = d.member_id
WHERE d.item_id = ? AND d.done_at IS NULL AND d.excused_at IS NULL AND d.require <> 'none' ORDER BY d.id
"""

_SUMS = """
SELECT d.item_id, count(*), count(r.delivery_id)
FROM delivery d LEFT JOIN receipt r ON r.delivery_id = d.id AND r.kind = 'ack'
WHERE d.item_id IN (SELECT id FROM item WHERE status = 'published') GROUP BY d.item_id
"""


class _Undo(Exception):
    """Ends a transaction that must leave nothing behind."""


@dataclass(slots=True)
class _File:
    """One file and the bot that works with it, not started."""

    path: Path
    app: App

    async def timed(self, act: Callable[[Transaction], Awaitable[object]], *, writing: bool = False) -> float:
        """Seconds of one repetition, the median of several; the first one only warms.

        What is thrown away is cleared away before all of them: to look for it goes through the whole memory, and
        nothing is warm afterwards.
        """
        seconds = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(REPEATS + 1):
                with contextlib.suppress(_Undo):
                    async with self.app.database.transaction() if writing else self.app.database.reading() as tx:
                        started = time.perf_counter()
                        await act(tx)
                        seconds.append(time.perf_counter() - started)
                        raise _Undo
        finally:
            gc.enable()
        return median(seconds[1:])

    async def sweep(self, at: datetime, expected: int) -> float:
        """Reminding everybody who is due at that instant."""

        async def remind(tx: Transaction) -> None:
            found = await remind_due(tx, self.app.settings, now=at, limit=1000)
            if found != expected:
                raise Wrong(f"{found} reminders were due, not {expected}")

        return await self.timed(remind, writing=True)

    def raw(self, query: str, *values: object) -> tuple[float, list[tuple[object, ...]]]:
        """The same question put to SQLite alone: seconds and rows."""
        seconds, found = [], []
        with looking(self.path) as rows:
            for _ in range(REPEATS + 1):
                started = time.perf_counter()
                found = rows.execute(query, values).fetchall()
                seconds.append(time.perf_counter() - started)
        return median(seconds[1:]), found


async def measure(folder: Path, *, large: bool = False) -> list[Figure]:
    """The figures of G7 to G11. Raises Wrong where two ways to ask give two answers."""
    size = LARGE if large else MILLION
    small, big = await _build(folder / "small.db", SMALL), await _build(folder / "big.db", size)
    wide = await _build(folder / "wide.db", WIDE, of_live=history.MEMBERS)
    try:
        return [
            *await _sweeps(small, big),
            await _due(wide),
            *await _lists(small, big),
            *await _dashboard(small, big, wide),
        ]
    finally:
        for file in (small, big, wide):
            await file.app.database.close()


async def _build(path: Path, deliveries: int, *, of_live: int = history.OF_LIVE) -> _File:
    await history.build(path, deliveries, of_live=of_live)
    return _File(path, App(configuration(path, 8080), clock=ManualClock(NOW), folder=path.parent))


async def _sweeps(small: _File, big: _File) -> list[Figure]:
    sweep_small, sweep_big = await small.sweep(NOW, 1000), await big.sweep(NOW, 1000)
    some = await big.sweep(history.FIRST_DUE + timedelta(minutes=1), 100)
    none = await big.sweep(LONG_AGO, 0)
    return [
        Figure("G7", "sweep of 1,000 due: long past ÷ short", sweep_big / sweep_small, 2, 1.3, most=True),
        Figure("G8", "sweep: 1,000 due ÷ 100 due", sweep_big / some, 15, 12, most=True),
        Figure("G8", "sweep: nothing due ÷ 1,000 due", none / sweep_big, 0.02, 0.01, most=True),
        Figure("", "sweep of 1,000 due", sweep_big * 1000, unit=" ms"),
    ]


async def _due(wide: _File) -> Figure:
    due: list[int] = []

    async def select(tx: Transaction) -> None:
        due[:] = [row.delivery_id for row in await tx.reminders.due(NOW, 1000)]

    selecting = await wide.timed(select)
    naive, found = wide.raw(_UNDONE, stored(NOW))
    if sorted(due) != [delivery for (delivery,) in found]:
        raise Wrong(f"the sweep finds {len(due)} deliveries, the receipts say {len(found)}")
    return Figure("G9", "1,000 due, asked of receipts ÷ asked of reminders", naive / selecting, 30, 70)


async def _lists(small: _File, big: _File) -> list[Figure]:
    seconds = []
    for file in (small, big):
        shown: list[OpenRow] = []
        item = _first_live(file)

        async def read(tx: Transaction, item: int = item, shown: list[OpenRow] = shown) -> None:
            shown[:] = await tx.lists.open_rows(item)

        seconds.append(await file.timed(read))
        raw, rows = file.raw(_LIST, item)
        if [row.id for row in shown] != [row[0] for row in rows]:
            raise Wrong(f"{len(shown)} members on the list, {len(rows)} in the file")
    return [
        Figure("G10", "list of 1,500 open members: long past ÷ short", seconds[1] / seconds[0], 1.5, 1.2, most=True),
        Figure("G10", "the same ÷ its rows from SQLite alone", seconds[1] / raw, 2.5, 1.8, most=True),
    ]


async def _dashboard(small: _File, big: _File, wide: _File) -> list[Figure]:
    everybody = Speaker(1, "书记", "member0001", 1, True, {}, {})
    seconds = []
    for file in (small, big, wide):
        shown: dict[int, tuple[int, int]] = {}

        async def look(tx: Transaction, shown: dict[int, tuple[int, int]] = shown) -> None:
            found = await open_items(tx, everybody, history.LIVE)
            shown.update({item.id: (item.audience, item.done) for item in found})

        seconds.append(await file.timed(look))
        summing, rows = file.raw(_SUMS)
        if shown != {item: (audience, done) for item, audience, done in rows}:
            raise Wrong("the dashboard's figures are not the sums of the receipts")
    return [
        Figure("G11", "dashboard of 50 items: long past ÷ short", seconds[1] / seconds[0], 1.5, 1.2, most=True),
        Figure("G11", "dashboard ÷ summing receipts", seconds[2] / summing, 0.05, 0.01, most=True),
        Figure("", "dashboard of 50 items, 5,000 members each", seconds[2] * 1000, unit=" ms"),
    ]


def _first_live(file: _File) -> int:
    _, rows = file.raw("SELECT min(id) FROM item WHERE status = 'published'")
    return int(str(rows[0][0]))
