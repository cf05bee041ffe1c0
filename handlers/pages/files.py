"""The files of an item: pictures, voices and videos to be looked at, everything else to be kept."""

from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from aiohttp import web

from bot.services.pages import ItemPage, PageFile

POLICY = "default-src 'none'; sandbox"
"""Whatever a file says of itself, a browser runs nothing of it."""


class Folder(Protocol):
    """Where files lie."""

    def path(self, digest: str) -> Path: ...


def serve(page: ItemPage, number: int, folder: Folder) -> web.FileResponse | None:
    """The file with its own name, in parts where a player asks for them; None when the page has no such file."""
    file = next((each for each in page.files if each.number == number), None)
    if file is None or page.withdrawn:
        return None
    path = folder.path(file.digest)
    if not path.is_file():
        raise FileNotFoundError(f"file {file.digest} is not in the folder")
    return web.FileResponse(
        path,
        headers={
            "Content-Type": file.mime,
            "Content-Disposition": disposition(file),
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
        },
    )


def disposition(file: PageFile) -> str:
    """How a browser takes it and what it is called: RFC 6266, with the name as RFC 5987 writes it."""
    way = "attachment" if file.shown == "file" else "inline"
    ending = file.name.rpartition(".")[2]
    return f"{way}; filename=\"{file.shown}.{ending}\"; filename*=UTF-8''{quote(file.name, safe='')}"
