"""The generator: requests made beforehand, some connections, one request under way on each.

One thread over `select`, nothing parsed that need not be, so that it is faster than any server it asks.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

BUSIEST = 0.70
"""Above this share of its core the generator would measure itself."""
TIMEOUT_SECONDS = 20.0
"""Silence of all connections for so long ends a run."""
_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


@dataclass(slots=True)
class Load:
    """What a run saw. Latencies are in seconds, sorted; `bodies` are answers by request, where they were kept."""

    answers: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    bodies: dict[int, bytes] = field(default_factory=dict)
    answered: list[int] = field(default_factory=list)
    """Which requests were answered, in the order of their answers."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.wall

    @property
    def busy(self) -> float:
        """The generator's share of its core."""
        return self.cpu / self.wall

    def quantile(self, q: float) -> float:
        """Seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(q * len(self.latencies)))]


def run(port: int, requests: Sequence[bytes], *, connections: int, keep: bool = False, mortal: bool = False) -> Load:
    """Sends every request once. Raises OSError when a connection ends, TimeoutError when nothing answers.

    A `mortal` server may be killed meanwhile: what had been answered by then is read, and nothing more is asked.
    """
    load, waiting = Load(), iter(enumerate(requests))
    chooser = selectors.DefaultSelector()
    links: list[socket.socket] = []
    under_way: dict[socket.socket, tuple[int, float, bytearray]] = {}
    clock, started, cpu = time.perf_counter, time.perf_counter(), time.process_time()
    for _ in range(connections):
        _next(_connect(port, chooser, links), waiting, under_way)
    while under_way:
        ready = chooser.select(TIMEOUT_SECONDS)
        if not ready:
            raise TimeoutError(f"{len(under_way)} requests without an answer")
        for key, _ in ready:
            link = key.fileobj  # type: ignore[assignment]
            number, sent_at, buffer = under_way[link]
            try:
                data = link.recv(65536)
                buffer += data
                answer = _whole(buffer, ended=not data)
            except OSError:
                if not mortal:
                    raise
                chooser.unregister(link)
                del under_way[link]
                continue
            if answer is None:
                continue
            load.latencies.append(clock() - sent_at)
            status, body = answer
            load.statuses[status] = load.statuses.get(status, 0) + 1
            if keep:
                load.bodies[number] = body
            load.answered.append(number)
            if _ends(buffer):
                under_way.pop(link)
                chooser.unregister(link)
                link.close()
                links.remove(link)
                link = _connect(port, chooser, links)
            try:
                _next(link, waiting, under_way)
            except OSError:
                if not mortal:
                    raise
                chooser.unregister(link)
                del under_way[link]
    load.wall, load.cpu = clock() - started, time.process_time() - cpu
    load.answers = len(load.latencies)
    load.latencies.sort()
    for link in links:
        link.close()
    chooser.close()
    return load


def _connect(port: int, chooser: selectors.BaseSelector, links: list[socket.socket]) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setblocking(False)
    chooser.register(link, selectors.EVENT_READ)
    links.append(link)
    return link


def _ends(buffer: bytearray) -> bool:
    """Whether the server closes the connection behind this answer."""
    head = bytes(buffer[: buffer.find(_END)]).lower()
    return b"\r\nconnection: close" in head or (
        head.startswith(b"http/1.0") and b"\r\nconnection: keep-alive" not in head
    )


def _next(
    link: socket.socket,
    waiting: Iterator[tuple[int, bytes]],
    under_way: dict[socket.socket, tuple[int, float, bytearray]],
) -> None:
    following = next(waiting, None)
    if following is None:
        under_way.pop(link, None)
        return
    number, request = following
    under_way[link] = number, time.perf_counter(), bytearray()
    link.sendall(request)


def _whole(buffer: bytearray, *, ended: bool) -> tuple[int, bytes] | None:
    """Status and body, once all of it is there. Raises ConnectionError when it `ended` before."""
    head_end = buffer.find(_END)
    if head_end < 0:
        if ended:
            raise ConnectionError("the server closed a connection")
        return None
    head = bytes(buffer[:head_end]).lower()
    at = head.find(_LENGTH)
    body_start = head_end + len(_END)
    if at < 0 and _ends(buffer):
        return (int(head[9:12]), bytes(buffer[body_start:])) if ended else None
    length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(buffer) < body_start + length:
        if ended:
            raise ConnectionError("the server closed a connection")
        return None
    return int(head[9:12]), bytes(buffer[body_start : body_start + length])
