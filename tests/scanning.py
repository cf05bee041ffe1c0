"""Every log record and every URL of a test is looked at for names, ids and secrets; a hit fails the test.

What is looked for is what the test's own world is made of: its people, its residents, its configuration's secrets.
"""

import logging
import re
import traceback
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import unquote

import structlog
from aiohttp import web

FAR_SIDE = (
    "/cgi-bin/",
    "/mp/",
    "/connect/",
    "/ws",
    "/browser",
    "/control",
    "/phone",
    "/api/phones",
    "/simulator",
    "/oauth",
)
"""Paths of the platforms' own: their protocol puts ids and secrets there. Names never."""
LEAST = 2
"""A shorter word says nothing."""


class Scan:
    """One for the whole run; `begin` forgets what it knew of the test before."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self._names: set[str] = set()
        self._secrets: set[str] = set()
        self._named: re.Pattern[str] | None = None
        self._any: re.Pattern[str] | None = None

    def begin(self) -> None:
        self.hits.clear()
        self._names.clear()
        self._secrets.clear()
        self._named = self._any = None

    def watch(self, *, names: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        """From now on these are looked for: names everywhere, ids and secrets but where the platforms want them."""
        self._names.update(name for name in names if len(name) >= LEAST)
        self._secrets.update(secret for secret in secrets if len(secret) > LEAST)
        self._named = _either(self._names)
        self._any = _either(self._names | self._secrets)

    def record(self, words: str) -> None:
        if self._any is not None and (found := self._any.search(words)):
            self.hits.append(f"log: {found[0]!r} in {words[:300]}")

    def url(self, words: str) -> None:
        words = unquote(words)
        pattern = self._named if words.startswith(FAR_SIDE) else self._any
        if pattern is not None and (found := pattern.search(words)):
            self.hits.append(f"url: {found[0]!r} in {words[:300]}")


SCAN = Scan()


def look(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """As the last of structlog's processors: looks at the line, and shows none."""
    raised = event.get("exc_info")
    if raised:
        error = raised if isinstance(raised, BaseException) else None
        SCAN.record(_said(error) if error else traceback.format_exc())
    SCAN.record(repr(event))
    raise structlog.DropEvent


class Handler(logging.Handler):
    """The same for the libraries' own records."""

    def emit(self, record: logging.LogRecord) -> None:
        SCAN.record(record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            SCAN.record(_said(record.exc_info[1], record.exc_info[2]))


def watch_servers() -> None:
    """Every URL that a server of this process sees passes by."""
    handle = web.Application._handle

    async def seen(self: web.Application, request: web.Request) -> web.StreamResponse:
        SCAN.url(request.path_qs)
        return await handle(self, request)

    web.Application._handle = seen  # type: ignore[method-assign]


def _said(error: BaseException, at: TracebackType | None = None) -> str:
    return "".join(traceback.format_exception(type(error), error, at or error.__traceback__))


def _either(words: set[str]) -> re.Pattern[str] | None:
    ordered = sorted(words, key=len, reverse=True)
    return (
        re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" for word in ordered))
        if ordered
        else None
    )
