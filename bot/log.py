"""Structured logs: ids, states and durations; never message text, names, tokens or a query string."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import structlog
from structlog.stdlib import BoundLogger


def get_logger(room: str) -> BoundLogger:
    """The logger of a room. Events are named `noun.verb`, e.g. `log.info("delivery.sent", delivery_id=17)`."""
    logger: BoundLogger = structlog.get_logger(room=room)
    return logger


class Lines:
    """Writes lines to a stream, and loses one rather than raise: a disk that is full must not end who tells of it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            print(line, file=self._stream, flush=True)

    debug = info = warning = error = critical = exception = msg


def configure(*, stream: TextIO | None = None, json: bool = True, level: int = logging.INFO) -> None:
    """Sets up the logs of this process: one line an event, JSON for machines or plain for a terminal."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: Lines(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    # The libraries' own debug lines carry URLs with tokens: they stay silent below a warning.
    logging.basicConfig(level=logging.WARNING, stream=stream or sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for name in ("aiohttp.access", "aiohttp.client", "asyncio", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # A beat that comes while the one before is at work is left out, as it should be: `Scheduler.stuck` sees what hangs.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


@contextmanager
def bound(**values: object) -> Iterator[None]:
    """Every line logged inside carries the values: the update, the job, the call."""
    with structlog.contextvars.bound_contextvars(**values):
        yield
