"""Temporary media: uploaded for three days, shared by the whole corporation."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.refusal import Refusal

LIFETIME = timedelta(days=3)
_MEGABYTE = 1024 * 1024
_LARGEST = {"image": 10 * _MEGABYTE, "voice": 2 * _MEGABYTE, "video": 10 * _MEGABYTE, "file": 20 * _MEGABYTE}
_SMALLEST = 6
_KINDS = {"jpg": "image", "jpeg": "image", "png": "image", "amr": "voice", "mp4": "video"}
_IMAGE_HEADS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def kind_of(name: str) -> str:
    """As what a phone sends a file: by the ending of its name."""
    ending = name.rpartition(".")[2].lower()
    return _KINDS.get(ending, "file")


@dataclass(frozen=True, slots=True)
class Medium:
    """One uploaded file."""

    media_id: str
    kind: str
    filename: str
    content: bytes
    at: datetime
    swollen: int = 0
    """The bytes that a download brings instead; of a negative number nothing is said in advance."""


class MediaStore:
    """Everything uploaded, by media id."""

    def __init__(self) -> None:
        self._media: dict[str, Medium] = {}

    def add(self, kind: str, filename: str, content: bytes, now: datetime) -> Medium:
        """Keeps a file. Raises Refusal 40004, 40006, 45001, 44001."""
        if kind not in _LARGEST:
            raise Refusal(40004)
        if not content:
            raise Refusal(44001)
        if len(content) < _SMALLEST:
            raise Refusal(40006)
        if len(content) > _LARGEST[kind]:
            raise Refusal(45001)
        if kind == "image" and not content.startswith(_IMAGE_HEADS):
            raise Refusal(40004, "JPG or PNG only")
        digest = hashlib.sha256(content).hexdigest()[:16]
        medium = Medium(f"3{digest}{secrets.token_urlsafe(16)}", kind, filename, content, now)
        self._media[medium.media_id] = medium
        return medium

    def sent(self, kind: str, filename: str, content: bytes, now: datetime, swollen: int = 0) -> Medium:
        """What somebody sends from a phone: larger files than a program may upload, and of any type."""
        medium = Medium(f"1{secrets.token_urlsafe(40)}", kind, filename, content, now, swollen)
        self._media[medium.media_id] = medium
        return medium

    def seen(self, media_id: str) -> Medium:
        """What somebody's phone has loaded once and keeps. Raises LookupError for what was never uploaded."""
        return self._media[media_id]

    def find(self, media_id: object, now: datetime) -> Medium:
        """The file. Raises Refusal 41006 without an id, 40007 for an unknown one or one older than three days."""
        if not media_id:
            raise Refusal(41006)
        medium = self._media.get(str(media_id))
        if medium is None or now - medium.at > LIFETIME:
            raise Refusal(40007)
        return medium
