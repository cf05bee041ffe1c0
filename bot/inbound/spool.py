"""Where updates lie while the database cannot take them: one small file each, on disk before the connection is dropped.

The platform comes again, three times in all and for seconds only; the group bot's socket does not come again at all.
What comes again after it was read in from here acts no second time: the key is the same.
"""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from bot.inbound.payloads import dump, load
from bot.log import get_logger
from bot.update import Update

log = get_logger("inbound.spool")

MOST, MOST_BYTES = 10_000, 64 * 1024 * 1024
"""So many updates, and bytes of them, are kept at most: the disk may be what is wrong."""
NEW, KEPT, ASIDE = ".new", ".update", ".aside"


class Spool:
    """A folder of updates, one file each, named by what makes an update the same."""

    def __init__(self, folder: Path, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most, self._most_bytes = folder, most, most_bytes
        self._turn = threading.Lock()
        self._sizes = {path.name: path.stat().st_size for path in self._files()}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._sizes)

    def keep(self, update: Update) -> bool:
        """Writes it down for good; False when it cannot, or may not any more. Blocks for a flush to disk."""
        name, content = _name(update), dump(update).encode()
        with self._turn:
            if name in self._sizes:
                return True
            if len(self) >= self._most or sum(self._sizes.values()) + len(content) > self._most_bytes:
                log.error("spool.full", count=len(self))
                return False
            try:
                self._write(name, content)
            except OSError as error:
                log.error("spool.failed", error=type(error).__name__, number=error.errno)
                return False
            self._sizes[name] = len(content)
        log.warning("spool.kept", count=len(self))
        return True

    def waiting(self) -> list[str]:
        """The names of those that wait, the oldest first."""
        return [path.name for path in sorted(self._files(), key=lambda path: path.stat().st_mtime_ns)]

    def read(self, name: str) -> Update | None:
        """None for one that is not there any more. Raises ValueError for what is no update."""
        try:
            return load((self._folder / name).read_bytes())
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """It is stored."""
        (self._folder / name).unlink(missing_ok=True)
        self._sizes.pop(name, None)

    def set_aside(self, name: str) -> None:
        """Nobody tries it again; the file stays for whoever looks into it."""
        path = self._folder / name
        if path.exists():
            path.rename(path.with_suffix(ASIDE))
        self._sizes.pop(name, None)

    def _files(self) -> Iterator[Path]:
        return self._folder.glob(f"*{KEPT}") if self._folder.is_dir() else iter(())

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all, also when the power goes."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = (self._folder / name).with_suffix(NEW)
        descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            new.rename(self._folder / name)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _name(update: Update) -> str:
    key = f"{update.platform}\0{update.key}".encode()
    return f"{hashlib.sha256(key).hexdigest()[:32]}{KEPT}"
