"""The style sheets and scripts of the pages: read once, named by their content, kept by browsers for a year."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


@dataclass(frozen=True, slots=True)
class _File:
    plain: bytes
    packed: bytes
    type: str
    digest: str


class StaticFiles:
    """`/static/…`. Answers with an ETag, and for good where the address carries the digest of the content."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES
        }

    def address(self, name: str) -> str:
        """The file's address below the root of the site, without a slash in front. Raises KeyError."""
        return f"static/{name}?v={self._files[name].digest}"

    async def serve(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == file.digest
        headers = {
            "ETag": f'"{file.digest}"',
            "Cache-Control": FOR_A_YEAR if current else ASK_AGAIN,
            "Vary": "Accept-Encoding",
        }
        if any(tag.value in (file.digest, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        body = file.plain
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body = file.packed
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, content_type=file.type, charset="utf-8", headers=headers)


@cache
def _read(path: Path) -> _File:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return _File(content, gzip.compress(content, 9, mtime=0), TYPES[path.suffix], digest)
