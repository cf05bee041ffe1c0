"""Tencent's proof that a domain is ours: small text files beside the configuration."""

import asyncio
from pathlib import Path

from aiohttp import web

PROOF_PATH = r"/{name:(?:WW|MP)_verify_[0-9A-Za-z]{1,64}\.txt}"
LARGEST = 4096
"""Bytes; the files hold one short word."""


class Proofs:
    """Serves the files of one folder, and of their names only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def serve(self, request: web.Request) -> web.Response:
        content = await asyncio.to_thread(_read, self._folder / request.match_info["name"])
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type="text/plain", charset="utf-8")


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        return None
    return content if len(content) <= LARGEST else None
