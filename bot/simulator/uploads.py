"""Temporary media over HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from aiohttp import web

from bot.simulator.file_keys import file_key, seal
from bot.simulator.gate import Call
from bot.simulator.media import Medium
from bot.simulator.refusal import Refusal
from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

_CONTENT_TYPES: Mapping[str, str] = {"image": "image/png", "voice": "voice/amr", "video": "video/mp4"}
ADDRESS_LIFETIME = timedelta(minutes=5)
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
        return answer(medium, medium.content)

    async def sealed(self, request: web.Request) -> web.Response:
        """What somebody sent the group bot: good for five minutes, without a token, sealed with a key of its own."""
        try:
            medium = self.twin.media.seen(request.match_info["media_id"])
        except LookupError:
            raise web.HTTPNotFound from None
        if self.twin.clock.now() - medium.at > ADDRESS_LIFETIME:
            raise web.HTTPForbidden
        return answer(medium, seal(medium.content, file_key(medium.media_id)))


def answer(medium: Medium, content: bytes, more: Mapping[str, str] | None = None) -> web.Response:
    """A download with the file's name, and `more` headers."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(medium.filename)}", **(more or {})}
    kind = _CONTENT_TYPES.get(medium.kind, "application/octet-stream")
    if not medium.swollen:
        return web.Response(body=content, content_type=kind, headers=headers)
    if medium.swollen > 0:
        headers["Content-Length"] = str(medium.swollen)
    return web.Response(body=_noughts(abs(medium.swollen)), content_type=kind, headers=headers)


async def _noughts(size: int) -> AsyncIterator[bytes]:
    piece = bytes(64 * 1024)
    for _ in range(size // len(piece)):
        yield piece


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
