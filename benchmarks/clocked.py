"""Requests by the clock: each leaves when it is due, whether or not those before were answered.

What a request had to wait counts from when it was due, so a server that stands still for a second is seen by all that
were due in it.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

CONNECTIONS = 64
TIMEOUT_SECONDS = 20.0


@dataclass(slots=True)
class Clocked:
    """What a run saw: seconds from due to answered, in the order of answers, and how many answers of which status."""

    waits: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def quantile(self, q: float) -> float:
        """Seconds."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


@dataclass(frozen=True, slots=True)
class _Link:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def ask(port: int, requests: Iterator[bytes], *, per_second: float, seconds: float) -> Clocked:
    """Sends requests for so long. Raises OSError when a connection ends, TimeoutError when an answer does not come."""
    seen, free = Clocked(), asyncio.Queue[_Link]()
    for _ in range(CONNECTIONS):
        free.put_nowait(_Link(*await asyncio.open_connection("127.0.0.1", port)))
    started, under_way = time.perf_counter(), set[asyncio.Task[None]]()
    for number in range(int(per_second * seconds)):
        due = started + number / per_second
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(_ask(next(requests), due, free, seen))
        under_way.add(task)
        for done in [each for each in under_way if each.done()]:
            under_way.discard(done)
            done.result()
    await asyncio.gather(*under_way)
    while not free.empty():
        free.get_nowait().writer.close()
    return seen


async def _ask(request: bytes, due: float, free: asyncio.Queue[_Link], seen: Clocked) -> None:
    link = await free.get()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        link.writer.write(request)
        head = (await link.reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"\r\ncontent-length:")
        await link.reader.readexactly(int(rest.split(b"\r\n", 1)[0]) if rest else 0)
    seen.waits.append(time.perf_counter() - due)
    status = int(head[9:12])
    seen.statuses[status] = seen.statuses.get(status, 0) + 1
    free.put_nowait(link)
