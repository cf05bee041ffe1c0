"""What went over the wire, for tests to look at."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, eq=False)
class Recorded:
    """One request to the simulated servers; `api` is "message/send", or "aibot_send_msg" for the socket."""

    api: str
    body: bytes
    at: datetime
    query: dict[str, str] = field(default_factory=dict)
    errcode: int | None = None
    """What was answered; None when nothing was, or it was no JSON answer."""

    @property
    def json(self) -> Any:
        """The body, read; None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def userids(self) -> list[str]:
        """Whom a message or a card update names, as written."""
        body = self.json
        if not isinstance(body, dict):
            return []
        if isinstance(body.get("touser"), str):
            return [userid for userid in body["touser"].split("|") if userid]
        return [str(userid) for userid in body.get("userids") or []]


@dataclass(slots=True, eq=False)
class Callback:
    """One message or event pushed to the bot: `plaintext` before encryption.

    `attempts` counts the tries over all copies; `statuses` holds each HTTP status, 0 for no answer; `replies` the
    passive reply's words for each copy that was answered, None for an empty one; `errors` what went wrong.
    """

    plaintext: str
    at: datetime
    userid: str
    attempts: int = 0
    statuses: list[int] = field(default_factory=list)
    replies: list[str | None] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether at least one copy was answered with 200."""
        return 200 in self.statuses
