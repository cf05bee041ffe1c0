"""Temporary media: uploaded in pieces over the long connection, kept by the platform for three days."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.message import MediaKind
from bot.platforms.base import Verdict
from bot.platforms.wecom_bot import frames, outcomes
from bot.platforms.wecom_bot.connection import Connection

_MIB = 1024 * 1024
_MOST_BYTES: dict[MediaKind, int] = {"image": 10 * _MIB, "voice": 2 * _MIB, "video": 10 * _MIB, "file": 20 * _MIB}
_LEAST_BYTES = 6
_CHUNK = 512 * 1024
_TRIES = 2


async def upload(connection: Connection, kind: MediaKind, filename: str, content: bytes) -> str:
    """The media id. Raises SendRefused for what the platform never takes, SendLater for all else: nobody saw it."""
    if not _LEAST_BYTES <= len(content) <= _MOST_BYTES[kind]:
        raise SendRefused("media_size")
    chunks = [content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)]
    started = await _call(
        connection,
        frames.UPLOAD_INIT,
        {
            "type": kind,
            "filename": filename,
            "total_size": len(content),
            "total_chunks": len(chunks),
            # The platform's own check against damage on the way.
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        },
    )
    upload_id = _field(started, "upload_id")
    # Counted from 0, as the vendor's client does, though its comment says 1.
    for index, chunk in enumerate(chunks):
        data = base64.b64encode(chunk).decode()
        body = {"upload_id": upload_id, "chunk_index": index, "base64_data": data}
        await _call(connection, frames.UPLOAD_CHUNK, body)
    return _field(await _call(connection, frames.UPLOAD_FINISH, {"upload_id": upload_id}), "media_id")


async def _call(connection: Connection, cmd: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body of the ack. One lost ack is forgiven: the same piece twice is still one piece."""
    for _ in range(_TRIES):
        try:
            ack = await connection.request(cmd, body)
        except SendDoubtful:
            continue
        outcome = outcomes.read(ack, to_person=False)
        if outcome.verdict is Verdict.REFUSED:
            raise SendRefused(outcome.reason)
        if outcome.verdict is not Verdict.ACCEPTED:
            wait = outcome.after or timedelta(minutes=1)
            raise SendLater(outcome.reason, after=wait, counted=outcome.counted, hold=outcome.hold)
        return ack.body
    raise SendLater("no_answer", after=timedelta(minutes=1), counted=True)


def _field(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise SendLater("no_answer", after=timedelta(minutes=1), counted=True)
    return value
