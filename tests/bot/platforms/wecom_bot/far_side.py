"""The other end of the long connection, on loopback: it answers everything, or does what a test says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

PAYLOADS = Path(__file__).parents[3] / "fixtures" / "wecom_bot"


def payload(name: str) -> dict[str, Any]:
    """A recorded frame."""
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


class Line:
    """One connection, from the platform's side."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket, self._request = socket, request
        self.calls: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.pings = 0
        self.gone = asyncio.Event()

    async def push(self, frame: dict[str, Any] | str) -> None:
        await self.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False))

    async def ack(self, frame: dict[str, Any], code: int | None = 0, **body: Any) -> None:
        answer: dict[str, Any] = {"headers": frame["headers"], "errmsg": "ok" if code == 0 else "hint: [1790000000]"}
        if code is not None:
            answer["errcode"] = code
        if body:
            answer["body"] = body
        await self.push(answer)

    async def close(self) -> None:
        """A clean close, 1000."""
        await self.socket.close()

    def drop(self) -> None:
        """A broken cable."""
        assert self._request.transport is not None
        self._request.transport.abort()


class FarSide:
    """Accepts connections at `url`."""

    def __init__(self) -> None:
        self.url = ""
        self.lines: asyncio.Queue[Line] = asyncio.Queue()
        self.subscriptions: list[dict[str, Any]] = []
        self.subscribe_codes: list[int | None] = []
        """What the next subscriptions are answered with; None: nothing. Then 0."""
        self.codes: dict[str, list[int | None]] = {}
        """The same for each call; a call in `held` leaves its ack to the test."""
        self.bodies: dict[str, dict[str, Any]] = {}
        self.held: set[str] = set()
        self.answers_pings = True
        self.redirect_to = ""

    async def line(self) -> Line:
        """The next connection that subscribed."""
        async with asyncio.timeout(20):
            return await self.lines.get()

    async def accept(self, request: web.Request) -> web.StreamResponse:
        if self.redirect_to:
            raise web.HTTPFound(self.redirect_to)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = Line(socket, request)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(line, json.loads(message.data))
        except ConnectionError:
            pass
        finally:
            line.gone.set()
        return socket

    async def _take(self, line: Line, frame: dict[str, Any]) -> None:
        cmd = frame["cmd"]
        if cmd == "ping":
            line.pings += 1
            if self.answers_pings:
                await line.ack(frame)
        elif cmd == "aibot_subscribe":
            self.subscriptions.append(frame)
            code = self.subscribe_codes.pop(0) if self.subscribe_codes else 0
            if code is not None:
                await line.ack(frame, code)
            self.lines.put_nowait(line)
        else:
            line.calls.put_nowait(frame)
            code = self.codes[cmd].pop(0) if self.codes.get(cmd) else 0
            if code is not None and cmd not in self.held:
                await line.ack(frame, code, **self.bodies.get(cmd, {}))


async def call(line: Line) -> dict[str, Any]:
    """The next frame of the bot that is neither subscription nor ping."""
    async with asyncio.timeout(20):
        return await line.calls.get()


@asynccontextmanager
async def far_side() -> AsyncIterator[FarSide]:
    far = FarSide()
    app = web.Application()
    app.router.add_get("/ws", far.accept)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    far.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/ws"
    try:
        yield far
    finally:
        await runner.cleanup()
