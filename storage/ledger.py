"""The ledger of deletions outside of the database: lines are only ever added, and each is on disk before it counts."""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from storage.forgotten import Line
from storage.parts import sync


class Ledger:
    """`branchbot.db.forgotten`: `<64 hexadecimal digits> <instant>`, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        """How many there were when they were last written or looked at."""

    def read(self) -> Sequence[Line]:
        """Every line that is whole; a killed process may have left half of one."""
        try:
            lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            digest, _, at = line.partition(" ")
            try:
                found.append(Line(digest, datetime.fromisoformat(at)))
            except ValueError:
                continue
        return found

    def add(self, lines: Iterable[Line]) -> int:
        """Adds those that are not there; how many. Raises OSError."""
        known = set(self.read())
        new = [line for line in lines if line not in known]
        if new:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write("\n" + "".join(f"{line.digest} {line.at.isoformat()}\n" for line in new))
                file.flush()
                os.fsync(file.fileno())
            sync(self.path.parent)
        self.lines = len(known) + len(new)
        return len(new)
