"""The folder of files: each under the hash of its content, so that equal content lies there once.

`<root>/ab/cdef…`. A file is written under a name of its own and synced to disk; it gets its last name inside the
transaction that stores its row, so that a row without a file is never committed.
"""

import asyncio
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NewFile:
    """Written and synced, not yet under its last name. `size` is in bytes."""

    digest: str
    size: int
    path: Path


class FileFolder:
    """All names are made here, from digests alone. Everything in it is its owner's to read and nobody else's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._new = root / "new"

    def path(self, digest: str) -> Path:
        """Where the content with this SHA-256 lies. Raises ValueError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a digest has 64 hexadecimal digits")
        return self.root / digest[:2] / digest[2:]

    async def take(self, content: bytes) -> NewFile:
        """Writes the content under a name of its own; outside of any transaction. Raises OSError."""
        return await asyncio.to_thread(self._take, content)

    def keep(self, new: NewFile) -> None:
        """Gives it its last name, over an equal one that may be there. Raises OSError."""
        target = self.path(new.digest)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        os.replace(new.path, target)

    async def read(self, digest: str) -> bytes:
        """The whole content. Raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(digest).read_bytes)

    def remove(self, digest: str) -> None:
        """Takes it away, if it is there."""
        self.path(digest).unlink(missing_ok=True)

    def sweep(self, before: datetime) -> int:
        """Removes what was begun before then and never kept; how many that were."""
        if not self._new.is_dir():
            return 0
        left = [path for path in self._new.iterdir() if path.stat().st_mtime < before.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _take(self, content: bytes) -> NewFile:
        self._new.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._new / secrets.token_hex(16)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return NewFile(hashlib.sha256(content).hexdigest(), len(content), path)
