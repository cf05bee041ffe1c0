"""Temporary media. https://developer.work.weixin.qq.com/document/path/90253, 90254. An id lives three days."""

import re

import aiohttp

from bot.errors import SendDoubtful, SendRefused
from bot.message import File, MediaKind
from bot.platforms.base import Fetched
from bot.platforms.http import Json
from bot.platforms.limits import clean
from bot.platforms.wecom.client import Client
from bot.update import Medium

SMALLEST = 6
LARGEST: dict[MediaKind, int] = {"image": 10 * 2**20, "voice": 2 * 2**20, "video": 10 * 2**20, "file": 20 * 2**20}
"""Bytes by kind."""

_UNFIT = re.compile(r'[\n\t"\\/]')


def content(message: File) -> Json:
    """The part of a request that shows an uploaded file. Raises ValueError for one that has not been uploaded."""
    if not message.media_id:
        raise ValueError("a file is uploaded before it is sent")
    return {"msgtype": message.kind, message.kind: {"media_id": message.media_id}}


class Media:
    """Files to and from WeCom."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def upload(self, kind: MediaKind, filename: str, content: bytes) -> str:
        """The media id. `kind` is one of LARGEST; people see `filename`.

        Raises SendRefused("media") for what WeCom would not take, and as every call SendLater, SendDoubtful.
        """
        if not SMALLEST <= len(content) <= LARGEST[kind]:
            raise SendRefused("media")
        name = _UNFIT.sub("_", clean(filename)) or kind

        def form() -> aiohttp.FormData:
            # Built anew for each try. The name goes out as UTF-8: people would see percent signs otherwise.
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("media", content, filename=name, content_type="application/octet-stream")
            return data

        answer = await self._client.ask("media/upload", {"type": kind}, form=form)
        media_id = answer.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise SendDoubtful("no_answer")
        return media_id

    async def download(self, medium: Medium, most: int) -> Fetched:
        """See FilePlatform."""
        answer = await self._client.fetch("media/get", {"media_id": medium.ref}, most)
        return Fetched(answer.body, medium.name or answer.filename)
