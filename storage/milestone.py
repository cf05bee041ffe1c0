"""How far the database has come, in a small file outside of it: a database that knows less is an older one.

The file is written in place, without waiting for the disk. A killed process loses nothing of it; after a power cut
it may name less than was done, which is the harmless side.
"""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

from storage.instances import Marks

WIDTH = 256
"""Bytes of the file: one write replaces all of it."""


class Milestone:
    """`branchbot.db.instance` beside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._marks = Marks()

    def read(self) -> Marks | None:
        """What the file says; None when there is none, or it cannot be understood."""
        try:
            found = json.loads(self.path.read_text(encoding="ascii"))
            return Marks(**{name: int(found[name]) for name in Marks.__slots__})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, marks: Marks) -> None:
        """Raises OSError."""
        if self._descriptor is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        os.pwrite(self._descriptor, json.dumps(asdict(marks)).ljust(WIDTH - 1).encode("ascii") + b"\n", 0)
        self._marks = marks

    def note(self, marks: Marks) -> None:
        """`write`, where that says something new; what left meanwhile stays. Raises OSError."""
        marks = replace(marks, calls=max(marks.calls, self._marks.calls))
        if marks != self._marks:
            self.write(marks)

    def calls_to(self, call_id: int) -> None:
        """Requests up to this one may leave now: to be said before their first byte does. Raises OSError."""
        if call_id > self._marks.calls:
            self.write(replace(self._marks, calls=call_id))

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
