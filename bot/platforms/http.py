"""Calls to a platform: one session with honest limits, and the one difference that matters when a call fails.

Either no byte of the request had left, and it is certainly not done; or bytes left without an answer, and nobody knows.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import aiohttp

from bot.clock import Clock
from bot.killing import here, is_armed

CONNECTIONS = 5
"""To one host: four that the sender uses and one for whoever waits in front of a page."""
MAX_ANSWER = 8 * 1024 * 1024
TIME_API = "cgi-bin/get_api_domain_ip"
"""A cheap question that WeCom and official accounts both know."""

Json = dict[str, Any]

_EXTENDED_NAME = re.compile(r";\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)", re.IGNORECASE)
_PLAIN_NAME = re.compile(r";\s*filename\s*=\s*(?:\"([^\"]*)\"|([^;\s]+))", re.IGNORECASE)


class NotSent(Exception):
    """No byte of the request left. Names the call and the kind of failure, never an address with its query."""


class NoAnswer(Exception):
    """Bytes left; what came back is nothing, or cannot be understood."""


class TooLong(Exception):
    """The answer has more bytes than wanted; the rest was not read."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: for a connection, for a whole call, and for a file up or down."""

    connect: timedelta = timedelta(seconds=3)
    call: timedelta = timedelta(seconds=10)
    transfer: timedelta = timedelta(seconds=60)


_USUAL = Patience()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    content_type: str
    body: bytes
    filename: str = ""
    """What a file in it is called, as far as the answer says so."""

    def json(self) -> Json | None:
        """The JSON object in it; None when it is anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


class Skew:
    """How far our clock is from the platform's, learned from the `Date` of its answers."""

    def __init__(self) -> None:
        self.offset: timedelta | None = None
        """The platform's time less ours, to about a second; None as long as nothing has been heard."""
        self._heard: tuple[datetime, timedelta] | None = None

    def learn(self, date: str | None, ours: datetime, elapsed: timedelta = timedelta()) -> None:
        """Takes the newest answer's header; `ours` is when it came, `elapsed` the same on the clock nobody sets."""
        try:
            theirs = parsedate_to_datetime(date or "")
        except ValueError:
            return
        if theirs.tzinfo is not None:
            self.offset = theirs - ours
            self._heard = theirs, elapsed

    def estimate(self, clock: Clock) -> timedelta | None:
        """The platform's time less ours at this moment, also when our clock was set since the last answer."""
        if self._heard is None:
            return None
        theirs, elapsed = self._heard
        return theirs + (clock.elapsed() - elapsed) - clock.now()

    def now(self, clock: Clock) -> datetime:
        """The platform's time, or ours as long as nothing has been heard; a clock that is set makes no difference."""
        return clock.now() + (self.estimate(clock) or timedelta())


def open_session() -> aiohttp.ClientSession:
    """The session of one platform. Must be called inside the running loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit_per_host=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "branchbot"},
        trace_configs=[_written()] if is_armed("K8") else None,
    )


def _written() -> aiohttp.TraceConfig:
    """Comes to K8 once the bytes of a request are with the operating system."""

    async def soon(*_: object) -> None:
        asyncio.get_running_loop().call_soon(here, "K8")  # this is heard just before they are written

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(soon)
    return trace


def dump(value: object) -> bytes:
    """JSON as platforms want it: UTF-8 without escapes, the same value giving the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "ignore")


def file_name(headers: Mapping[str, str]) -> str:
    """What a download is called, as `Content-Disposition` says it in either spelling; "" when it does not."""
    said = headers.get("Content-Disposition", "")
    if found := _EXTENDED_NAME.search(said):
        return unquote(found[1])
    found = _PLAIN_NAME.search(said)
    return (found[1] or found[2] or "") if found else ""


class Http:
    """Calls below one base address. Redirects are not followed; certificates are always verified."""

    def __init__(
        self,
        base: str,
        clock: Clock,
        session: Callable[[], aiohttp.ClientSession] = open_session,
        patience: Patience = _USUAL,
    ) -> None:
        self._base = base.rstrip("/")
        self._clock = clock
        self._open = session
        self._call, self._transfer = (
            aiohttp.ClientTimeout(total=total.total_seconds(), connect=patience.connect.total_seconds())
            for total in (patience.call, patience.transfer)
        )
        self._session: aiohttp.ClientSession | None = None
        self.skew = Skew()

    async def call(
        self,
        path: str,
        params: Mapping[str, str],
        *,
        body: bytes | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        most: int | None = None,
    ) -> Answer:
        """GET, or POST of JSON bytes or of a form. `most`: the answer is a file, slow, and of so many bytes at most.

        Raises NotSent and NoAnswer, and TooLong for a file.
        """
        failure: NotSent | NoAnswer
        try:
            return await self._send(path, params, body, form, most)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            failure = NotSent(f"{path}: {type(error).__name__}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = NoAnswer(f"{path}: {type(error).__name__}")
        raise failure  # outside the handler: the library's error, with the whole address, is not carried along

    async def ask_time(self) -> timedelta | None:
        """The platform's time less ours, from an answer of this moment; None when there is none.

        Whatever it answers to a call without a token tells the time.
        """
        self.skew.offset = None
        with suppress(NotSent, NoAnswer):
            await self.call(TIME_API, {})
        return self.skew.offset

    async def close(self) -> None:
        """Gives the connections back."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(
        self,
        path: str,
        params: Mapping[str, str],
        body: bytes | None,
        form: Callable[[], aiohttp.FormData] | None,
        most: int | None,
    ) -> Answer:
        if self._session is None:
            self._session = self._open()
        posts = body is not None or form is not None
        async with self._session.request(
            "POST" if posts else "GET",
            f"{self._base}/{path}",
            params=params,
            data=form() if form is not None else body,
            headers={"Content-Type": "application/json; charset=utf-8"} if body is not None else None,
            allow_redirects=False,
            timeout=self._transfer if most is not None or form is not None else self._call,
        ) as response:
            if posts:
                here("K9")
            self.skew.learn(response.headers.get("Date"), self._clock.now(), self._clock.elapsed())
            try:
                content = await read_most(response, MAX_ANSWER if most is None else most)
            except TooLong:
                if most is not None:
                    raise
                raise aiohttp.ClientPayloadError("too long") from None
            return Answer(response.status, response.content_type, content, file_name(response.headers))


async def read_most(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, if it has no more bytes than that. Raises TooLong as soon as that is known."""
    if (response.content_length or 0) > limit:
        raise TooLong
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > limit:
            raise TooLong
        chunks.append(chunk)
    return b"".join(chunks)
