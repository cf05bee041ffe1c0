"""Files that the group bot uploads through its connection, piece by piece."""

from __future__ import annotations

import binascii
import hashlib
import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.simulator.refusal import Refusal
from bot.simulator.shown import Json

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

LARGEST_CHUNK = 512 * 1024
MOST_CHUNKS = 100
SESSION_LIFETIME = timedelta(minutes=30)
PER_MINUTE, PER_HOUR = 30, 1000


@dataclass(slots=True)
class UploadSession:
    """One file on its way."""

    kind: str
    filename: str
    total_size: int
    total_chunks: int
    md5: str
    at: datetime
    chunks: dict[int, bytes] = field(default_factory=dict)


class BotUploads:
    """`init`, `chunk` and `finish` of an upload; the medium lives three days."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._sessions: dict[str, UploadSession] = {}
        self._started: list[datetime] = []

    def act(self, step: str, body: Json) -> Json:
        """One step; gives the acknowledgement's body. Raises Refusal."""
        if step == "init":
            return self._init(body)
        if step == "chunk":
            return self._chunk(body)
        if step == "finish":
            return self._finish(body)
        raise Refusal(846610)

    def _init(self, body: Json) -> Json:
        now = self.twin.clock.now()
        if body.get("type") not in ("image", "voice", "video", "file"):
            raise Refusal(846697)
        size, chunks = body.get("total_size"), body.get("total_chunks")
        if not body.get("filename") or not isinstance(size, int) or not isinstance(chunks, int):
            raise Refusal(40035)
        if not 1 <= chunks <= MOST_CHUNKS:
            raise Refusal(846613)
        for most, window in ((PER_MINUTE, timedelta(minutes=1)), (PER_HOUR, timedelta(hours=1))):
            if len([at for at in self._started if at > now - window]) >= most:
                raise Refusal(45009)
        self._started = [*self._started[-PER_HOUR:], now]
        upload_id = secrets.token_urlsafe(24)
        self._sessions[upload_id] = UploadSession(
            str(body["type"]), str(body["filename"]), size, chunks, str(body.get("md5") or ""), now
        )
        return {"upload_id": upload_id}

    def _chunk(self, body: Json) -> Json:
        session = self._session(body)
        index = body.get("chunk_index")
        if not isinstance(index, int) or not 0 <= index < session.total_chunks:
            raise Refusal(846612)
        try:
            piece = b64decode(str(body.get("base64_data") or ""), validate=True)
        except binascii.Error as error:
            raise Refusal(846612) from error
        if not piece or len(piece) > LARGEST_CHUNK:
            raise Refusal(846613)
        session.chunks[index] = piece
        return {}

    def _finish(self, body: Json) -> Json:
        session = self._session(body)
        if len(session.chunks) != session.total_chunks:
            raise Refusal(846616)
        content = b"".join(session.chunks[index] for index in range(session.total_chunks))
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if len(content) != session.total_size or (session.md5 and digest != session.md5.lower()):
            raise Refusal(846616)
        medium = self.twin.media.add(session.kind, session.filename, content, self.twin.clock.now())
        del self._sessions[str(body["upload_id"])]
        return {"type": medium.kind, "media_id": medium.media_id, "created_at": int(medium.at.timestamp())}

    def _session(self, body: Json) -> UploadSession:
        session = self._sessions.get(str(body.get("upload_id")))
        if session is None or self.twin.clock.now() - session.at > SESSION_LIFETIME:
            raise Refusal(846611)
        return session
