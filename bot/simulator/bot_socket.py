"""The group bot's long connection: frames in, acknowledgements out."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from bot.simulator.bot_commands import BotCommands
from bot.simulator.record import Recorded
from bot.simulator.refusal import Refusal, words
from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

LARGEST_FRAME = 4 * 1024 * 1024


class BotSocket:
    """`/ws`. Faults may be set for a command by its name ("aibot_send_msg")."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._commands = BotCommands(twin)
        self._late: set[asyncio.Task[None]] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection until it ends."""
        bot = self.twin.bot
        if bot.refuse or request.transport is None:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=LARGEST_FRAME)
        await socket.prepare(request)
        bot.open_sockets[socket] = request.transport
        bot.base = str(request.url.with_path(request.path.removesuffix("/ws"))).rstrip("/")
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._frame(socket, message.data)
        finally:
            bot.open_sockets.pop(socket, None)
            if bot.connection is socket:
                bot.connection = None
            self.twin.changed()
        return socket

    async def _frame(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            frame = json.loads(text)
            cmd, req_id = str(frame["cmd"]), str(frame["headers"]["req_id"])
        except (ValueError, KeyError, TypeError):
            await socket.close(code=1003)
            return
        twin, body = self.twin, frame.get("body") or {}
        raw = json.dumps(body, ensure_ascii=False).encode() if cmd != "aibot_subscribe" else b"{}"
        recorded = Recorded(cmd, raw, twin.clock.now())
        if cmd != "ping":
            twin.requests.append(recorded)
            twin.log.write("bot", recorded.at, cmd=cmd, body=raw.decode())
        fault = twin.faults.take(cmd)
        if fault is not None and fault.refuse:
            self._cut(socket)
            return
        ack: Json = {"headers": {"req_id": req_id}, "errcode": 0, "errmsg": "ok"}
        try:
            if fault is not None and fault.errcode is not None:
                raise Refusal(fault.errcode, message=fault.errmsg or words(fault.errcode))
            given = await self._act(socket, cmd, req_id, body)
            if given:
                ack["body"] = given
        except Refusal as refusal:
            ack |= {"errcode": refusal.code, "errmsg": refusal.message}
        recorded.errcode = ack["errcode"]
        if fault is not None and fault.lose_answer:
            self._cut(socket)
            return
        if self._is_silent(cmd):
            return
        answer = json.dumps(ack, ensure_ascii=False)
        if fault is not None and fault.garbage:
            answer = answer[: len(answer) // 2]
        if fault is not None and fault.delay:
            task = asyncio.create_task(self._send_late(socket, answer, fault.delay))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return
        await self._send(socket, answer)

    async def _act(self, socket: web.WebSocketResponse, cmd: str, req_id: str, body: Json) -> Json:
        bot, corp = self.twin.bot, self.twin.corp
        if cmd == "aibot_subscribe":
            if bot.subscribe_errcode:
                raise Refusal(bot.subscribe_errcode)
            if (body.get("bot_id"), body.get("secret")) != (corp.bot_id, corp.bot_secret):
                raise Refusal(853000)
            await bot.take_over(socket)
            self.twin.changed()
            return {}
        if bot.connection is not socket:
            raise Refusal(846609)
        return {} if cmd == "ping" else self._commands.act(cmd, req_id, body)

    def _is_silent(self, cmd: str) -> bool:
        if cmd == "ping":
            return self.twin.bot.silent_pings
        return self.twin.bot.silent_acks and cmd != "aibot_subscribe"

    async def _send(self, socket: web.WebSocketResponse, text: str) -> None:
        if not socket.closed:
            await socket.send_str(text)

    async def _send_late(self, socket: web.WebSocketResponse, text: str, delay: timedelta) -> None:
        await self.twin.changes.pause(delay)
        await self._send(socket, text)

    def _cut(self, socket: web.WebSocketResponse) -> None:
        transport = self.twin.bot.open_sockets.get(socket)
        if transport is not None:
            transport.close()
