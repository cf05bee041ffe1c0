"""Switches for whoever runs the simulator in another process: faults, people, the callback's address."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin


class Control:
    """`/control/…`: each takes and gives JSON and answers 400 with `{"error"}` for what it cannot do."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def routes(self) -> list[web.RouteDef]:
        """All switches."""
        return [
            web.post("/control/faults", self._post(self._add_fault)),
            web.delete("/control/faults", self.clear_faults),
            web.post("/control/people", self._post(self._add_person)),
            web.post("/control/callback", self._post(self._set_callback)),
            web.post("/control/void-token", self._post(self._void_token)),
            web.get("/control/shown/{userid}", self.shown),
        ]

    async def clear_faults(self, _: web.Request) -> web.StreamResponse:
        """All is well again."""
        self.twin.faults.clear()
        return web.json_response({"ok": True})

    async def shown(self, request: web.Request) -> web.StreamResponse:
        """What stands on a phone: `{"messages": [{"id", "sender", "kind", "text", "recalled"}]}`, oldest first."""
        rows = [
            {
                "id": shown.id,
                "sender": shown.sender,
                "kind": shown.kind,
                "text": shown.text,
                "recalled": shown.recalled,
            }
            for shown in self.twin.shown_to(request.match_info["userid"])
        ]
        return web.json_response({"messages": rows})

    def _post(self, act: Callable[[Json], None]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                act(json.loads(await request.read() or b"{}"))
            except (ValueError, TypeError, KeyError) as error:
                return web.json_response({"error": str(error)}, status=400)
            return web.json_response({"ok": True})

        return handle

    def _add_fault(self, body: Json) -> None:
        """The arguments of `Faults.add`; `delay` in seconds."""
        delay = timedelta(seconds=body.pop("delay", 0))
        self.twin.faults.add(**body, delay=delay)

    def _add_person(self, body: Json) -> None:
        """The arguments of `Directory.add`."""
        self.twin.directory.add(**body)

    def _set_callback(self, body: Json) -> None:
        self.twin.callback_url = str(body["url"])

    def _void_token(self, _: Json) -> None:
        self.twin.void_token()
