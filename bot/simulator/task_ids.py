"""Task ids of cards: each belongs to one request for ever."""

import re

from bot.simulator.refusal import Refusal

_ALLOWED = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


class TaskIds:
    """Every task id that was used, with the digest of the request that used it."""

    def __init__(self) -> None:
        self._used: dict[str, bytes] = {}

    def check(self, task_id: object, digest: bytes) -> None:
        """Raises Refusal 42014 for a bad form, or for an id that another request body has used."""
        if not isinstance(task_id, str) or not _ALLOWED.fullmatch(task_id):
            raise Refusal(42014)
        if self._used.get(task_id, digest) != digest:
            raise Refusal(42014, "used before")

    def use(self, task_id: str, digest: bytes) -> None:
        """Remembers an id whose request was accepted."""
        self._used[task_id] = digest
