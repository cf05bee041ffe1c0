"""The durable log: one JSON object a line, flushed for each event, so that a judge outside may read it."""

import json
from datetime import datetime
from pathlib import Path
from typing import IO


class EventLog:
    """Appends events to a file; without a path it keeps nothing.

    Lines: {"event", "at" (ISO, UTC), …}. Events: `request` (api, body), `answer` (api, errcode, lost),
    `shown` (msgid, userids, kind, text, task_id), `suppressed` (msgid), `dropped` (msgid, userids), `recalled`,
    `cut` (what was too long), `broadcast`, `callback` (plaintext, attempts, status, reply), `bot` (cmd, body).
    """

    def __init__(self, path: Path | None) -> None:
        self._file: IO[str] | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def write(self, event: str, at: datetime, /, **fields: object) -> None:
        """One line, given to the operating system before this returns."""
        if self._file is None:
            return
        line = {"event": event, "at": at.isoformat(), **fields}
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Ends the log; later events are not kept."""
        if self._file is not None:
            self._file.close()
            self._file = None
