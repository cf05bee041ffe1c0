"""G14: words that differ from person to person, against a platform that counts the calls of every second.

Each message is a call of its own. The platform takes as many calls in any second as the adapter says that it does, and
refuses for a second when there are more: how much of what is allowed is used, and is anything refused?
"""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.children import child
from benchmarks.figures import Figure, Wrong
from benchmarks.place import free_port, looking, new_database, run, stored
from bot.message import Text, dump
from bot.platforms.wecom.platform import WeCom

MESSAGES = 300
LATENCY = timedelta(milliseconds=100)
WITHIN_SECONDS = 60.0
TOO_FAST = 45009

_CONTENT = "INSERT INTO content (id, digest, body) VALUES (:id, :digest, :body)"
_MESSAGE = """
INSERT INTO message (kind, subject, number, platform, recipient, recipient_key, content_id, priority, quiet, member_id,
  phase, not_before, tries, created_at)
SELECT 'outcome', 'paced:' || member_id, 1, 'wecom', user_id, key, member_id, 2, 0, member_id, 'ready', :now, 0, :now
FROM account WHERE member_id <= :messages
"""


@dataclass(frozen=True, slots=True)
class _Sent:
    """Calls that were taken in each second, and how the calls ended."""

    rate: float
    accepted: int
    refused: int


async def measure(folder: Path) -> list[Figure]:
    """The figures of G14. Raises Wrong when somebody has not got their message."""
    database, allowed = folder / "pacing.db", int(WeCom.limits.calls_per_second)
    await new_database(database, members=MESSAGES, now=datetime.now(UTC))
    simulator = ["--port", 0, "--members", MESSAGES, "--latency", LATENCY.total_seconds(), "--calls-a-second", allowed]
    port = free_port()
    with (
        child("bot.simulator", simulator, log=folder / "simulator.log") as (_, base),
        child(
            "benchmarks.servers",
            ["push", "--port", port, "--database", database, "--base", base],
            log=folder / "pacing.log",
        ),
    ):
        await asyncio.to_thread(_queue, database)
        await asyncio.to_thread(_wait, database)
    sent = _sent(database, allowed)
    return [
        Figure("G14", "calls taken ÷ calls allowed", sent.rate / allowed, 0.90, 0.94),
        Figure("G14", "calls refused ÷ calls", sent.refused / (sent.accepted + sent.refused), 0.005, 0, most=True),
        Figure("", "calls allowed in any second", allowed),
        Figure("", "calls", sent.accepted + sent.refused),
    ]


def _queue(database: Path) -> None:
    """One message for each member, with words of its own."""
    with closing(sqlite3.connect(database, timeout=10)) as rows, rows:
        for member in range(1, MESSAGES + 1):
            body = dump(Text(f"您好，这是给您的第 {member} 份说明。"))
            run(rows, _CONTENT, id=member, digest=f"paced{member}", body=body)
        run(rows, _MESSAGE, messages=MESSAGES, now=stored(datetime.now(UTC)))


def _wait(database: Path) -> None:
    until = time.perf_counter() + WITHIN_SECONDS
    while time.perf_counter() < until:
        time.sleep(0.2)
        with looking(database) as rows:
            (left,) = rows.execute("SELECT count(*) FROM message WHERE settled_at IS NULL").fetchone()
        if not left:
            return
    raise Wrong(f"{left} of {MESSAGES} messages have not left within {WITHIN_SECONDS:.0f} s")


def _sent(database: Path, allowed: int) -> _Sent:
    """The rate is taken over whole seconds' worth of calls: those that may leave together do."""
    with looking(database) as rows:
        began = [
            datetime.fromisoformat(at)
            for (at,) in rows.execute("SELECT started_at FROM call WHERE outcome = 'accepted' ORDER BY started_at")
        ]
        (refused,) = rows.execute("SELECT count(*) FROM call WHERE code = :code", {"code": TOO_FAST}).fetchone()
    if len(began) != MESSAGES:
        raise Wrong(f"{len(began)} of {MESSAGES} messages were taken")
    whole = (len(began) - 1) // allowed * allowed
    return _Sent(whole / (began[whole] - began[0]).total_seconds(), len(began), refused)
