"""One live connection: subscribed, kept alive, with acks matched to what they answer.

Requirements of page 101463: one text frame for each call, `ping` as a frame of its own every 30 s, two pings without
an ack mean that nobody is there.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp

from bot.clock import Clock
from bot.config import WeComBotConfig
from bot.errors import SendDoubtful, SendLater
from bot.log import get_logger
from bot.platforms.wecom_bot import frames
from bot.platforms.wecom_bot.frames import Frame
from bot.platforms.wecom_bot.pace import Pace
from bot.platforms.wecom_bot.replies import Replies

log = get_logger("platforms.wecom_bot")

NOT_CONNECTED = "not_connected"
NO_ANSWER = "no_answer"
UNWRITTEN_WAIT = timedelta(seconds=5)
"""When to try again what could not be written."""

_WRONG_CREDENTIALS, _WRONG_MODE, _NOT_SUBSCRIBED = 853000, 846601, 846609
_MOST_BYTES = 1024 * 1024


class Cause(StrEnum):
    """Why a connection ended."""

    UNREACHABLE = "unreachable"
    UNANSWERED = "unanswered"
    """No ack to the subscription, or one that says no for now."""
    CREDENTIALS = "credentials"
    MODE = "mode"
    """The bot is set to callbacks instead of the long connection."""
    CLOSED = "closed"
    SILENT = "silent"
    KICKED = "kicked"
    """Somebody else connected as the same bot."""
    BROKEN = "broken"
    """A fault of our own."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ended; `code` is the platform's error code or the close code of the socket."""

    cause: Cause
    code: int | None = None


class Connection:
    """From connecting to the end; a new one is made for each try."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        config: WeComBotConfig,
        clock: Clock,
        pace: Pace,
        hear: Callable[[Frame], None],
    ) -> None:
        """`hear` gets each message and event; it must return at once."""
        self._session, self._config, self._clock, self._pace, self._hear = session, config, clock, pace, hear
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._writing = asyncio.Lock()
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._pings = 0
        self.replies = Replies()
        """What arrived here and may be answered here."""
        self.ready_at: datetime | None = None
        """Since when it is subscribed; kept after the end."""
        self.heard_at: datetime | None = None
        """When the last frame of any kind arrived."""

    @property
    def ready(self) -> bool:
        """Whether it is subscribed and alive."""
        return self.ready_at is not None and not self._ended.done()

    async def serve(self, on_ready: Callable[[], None]) -> Ending:
        """Connects, subscribes, stays until the end and says why it came. `on_ready` is called once subscribed."""
        try:
            async with asyncio.timeout(self._pace.connect.total_seconds()):
                self._socket = await self._session.ws_connect(
                    self._config.ws_url,
                    timeout=aiohttp.ClientWSTimeout(ws_close=self._pace.close.total_seconds()),
                    max_msg_size=_MOST_BYTES,
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("socket.unreachable", error=type(error).__name__)
            return Ending(Cause.UNREACHABLE)
        tasks = [asyncio.create_task(self._read(self._socket), name="wecom_bot:read")]
        try:
            if await self._subscribe():
                self.ready_at = self._clock.now()
                tasks.append(asyncio.create_task(self._keep_alive(), name="wecom_bot:ping"))
                on_ready()
            return await asyncio.shield(self._ended)
        finally:
            self._end(Ending(Cause.CLOSED))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._socket.close()

    async def request(self, cmd: str, body: dict[str, Any], req_id: str = "") -> Frame:
        """Sends one frame and returns its ack, whatever code that carries.

        `req_id` names the update that is answered; without one it is a call of our own. Raises SendLater when nothing
        was written, SendDoubtful when something was and no ack came.
        """
        req_id = req_id or frames.new_req_id(cmd)
        if req_id in self._waiting:
            raise SendLater(NOT_CONNECTED, after=UNWRITTEN_WAIT, counted=False)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = answer
        written = False
        try:
            async with asyncio.timeout(self._pace.ack.total_seconds()):
                async with self._writing:
                    socket = self._open_socket()
                    written = True
                    await socket.send_str(frames.build(cmd, req_id, body))
                await asyncio.wait((answer, self._ended), return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            pass
        except (aiohttp.ClientError, OSError) as error:
            # Said by aiohttp before the first byte; any other error may come after it.
            written = not str(error).startswith("Cannot write")
        finally:
            del self._waiting[req_id]
        if answer.done():
            return answer.result()
        if written:
            raise SendDoubtful(NO_ANSWER)
        raise SendLater(NOT_CONNECTED, after=UNWRITTEN_WAIT, counted=False)

    def _open_socket(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is None or self._socket.closed or self._ended.done():
            raise SendLater(NOT_CONNECTED, after=UNWRITTEN_WAIT, counted=False)
        return self._socket

    async def _subscribe(self) -> bool:
        """Whether the platform took us on; if not, the connection is ended with the reason."""
        try:
            ack = await self.request(frames.SUBSCRIBE, frames.credentials(self._config.bot_id, self._config.secret))
        except (SendLater, SendDoubtful):
            self._end(Ending(Cause.UNANSWERED))
            return False
        if ack.code == 0:
            return not self._ended.done()
        causes = {_WRONG_CREDENTIALS: Cause.CREDENTIALS, _WRONG_MODE: Cause.MODE}
        self._end(Ending(causes.get(ack.code or 0, Cause.UNANSWERED), ack.code))
        return False

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Reads to the end. A clean close ends the iteration without an exception, so the end is set in any case."""
        try:
            async for message in socket:
                self.heard_at = self._clock.now()
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        except Exception:
            log.exception("socket.read_failed")
        finally:
            self._end(Ending(Cause.CLOSED, socket.close_code))

    def _take(self, text: str) -> None:
        try:
            frame = frames.read(text)
        except frames.UnreadableFrame as error:
            log.warning("frame.unreadable", why=str(error), length=len(text))
            return
        if not frame.cmd:
            self._take_ack(frame)
        elif frame.event_type == "disconnected_event":
            self._end(Ending(Cause.KICKED))
        elif frame.cmd in (frames.MESSAGE, frames.EVENT):
            self.replies.note(frame, self._clock.now())
            self._hear(frame)
        else:
            log.info("frame.unknown", cmd=frame.cmd[:64])

    def _take_ack(self, frame: Frame) -> None:
        if frame.code == _NOT_SUBSCRIBED:
            # The socket lives, the subscription does not.
            self._end(Ending(Cause.CLOSED, frame.code))
        if frame.req_id.startswith(f"{frames.PING}_"):
            self._pings = 0
        elif (answer := self._waiting.get(frame.req_id)) is not None:
            if not answer.done():
                answer.set_result(frame)
        else:
            log.info("ack.late", code=frame.code)

    async def _keep_alive(self) -> None:
        while self._pings < self._pace.missed_acks:
            self._pings += 1
            with suppress(SendLater, aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(self._pace.ack.total_seconds()), self._writing:
                    await self._open_socket().send_str(frames.build(frames.PING, frames.new_req_id(frames.PING)))
            await asyncio.sleep(self._pace.ping.total_seconds())
        self._end(Ending(Cause.SILENT))

    def _end(self, ending: Ending) -> None:
        """The first reason stands."""
        if not self._ended.done():
            self._ended.set_result(ending)
