"""Temporary media over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from aiohttp import web

from bot.simulator.gate import Call
from bot.simulator.refusal import Refusal
from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

_CONTENT_TYPES: Mapping[str, str] = {"image": "image/png", "voice": "voice/amr", "video": "video/mp4"}
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_NAME = re.compile(r'[; ]name="([^"]*)"')
_FILENAME = re.compile(r'[; ]filename="([^"]*)"')
_EXTENDED_FILENAME = re.compile(r"filename\*=utf-8''([^;\s]+)", re.IGNORECASE)


class Uploads:
    """`media/upload`, `media/get`."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    async def upload(self, call: Call) -> Json:
        """Keeps the multipart part `media` for three days."""
        filename, content = _part(call, "media")
        medium = self.twin.media.add(call.query.get("type", ""), filename, content, self.twin.clock.now())
        return {"type": medium.kind, "media_id": medium.media_id, "created_at": str(int(medium.at.timestamp()))}

    async def get(self, call: Call) -> web.Response:
        """The bytes of a medium; faults are JSON with status 200."""
        medium = self.twin.media.find(call.query.get("media_id"), self.twin.clock.now())
        return web.Response(
            body=medium.content,
            content_type=_CONTENT_TYPES.get(medium.kind, "application/octet-stream"),
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(medium.filename)}"},
        )


def _part(call: Call, name: str) -> tuple[str, bytes]:
    """File name and bytes of one part of a multipart body. Raises Refusal 44001 without it, 40035 without a name."""
    boundary = _BOUNDARY.search(call.request.headers.get("Content-Type", ""))
    if boundary is None:
        raise Refusal(44001)
    for part in call.body.split(b"--" + boundary[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        headers = head.decode(errors="replace")
        named = _NAME.search(headers)
        if named is None or named[1] != name:
            continue
        extended, plain = _EXTENDED_FILENAME.search(headers), _FILENAME.search(headers)
        if extended is None and plain is None:
            raise Refusal(40035, "filename")
        filename = unquote(extended[1]) if extended else unquote(plain[1]) if plain else ""
        return filename, content.removesuffix(b"\r\n")
    raise Refusal(44001)
