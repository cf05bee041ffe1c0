"""The request ids of one connection that may still be answered.

A message may be answered for 24 h, once (846606); a click and an opened chat for 5 s. The ids die with the connection.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.platforms.wecom_bot import frames
from bot.platforms.wecom_bot.frames import Frame

_LIVES = {
    frames.RESPOND: timedelta(hours=23),
    frames.WELCOME: timedelta(seconds=5),
    frames.UPDATE_CARD: timedelta(seconds=5),
}
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to answer one request id with the call `cmd`."""

    req_id: str
    cmd: str
    heard_at: datetime


class Replies:
    """Who may answer what; each id is given to one answer only."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Ticket] = OrderedDict()

    def note(self, frame: Frame, now: datetime) -> None:
        """Keeps the request id of a message or event that arrived."""
        if (cmd := _answered_by(frame)) and frame.req_id:
            self._open[frame.req_id] = Ticket(frame.req_id, cmd, now)
            while len(self._open) > _MOST:
                self._open.popitem(last=False)

    def take(self, req_id: str, cmds: tuple[str, ...], now: datetime) -> Ticket | None:
        """The right to answer `req_id` with a call among `cmds`; None when there is none, or no longer."""
        ticket = self._open.get(req_id)
        if ticket is None or ticket.cmd not in cmds:
            return None
        del self._open[req_id]
        return ticket if now - ticket.heard_at < _LIVES[ticket.cmd] else None

    def give_back(self, ticket: Ticket) -> None:
        """The answer certainly was not shown: another may be tried."""
        self._open.setdefault(ticket.req_id, ticket)


def _answered_by(frame: Frame) -> str:
    if frame.cmd == frames.MESSAGE:
        return frames.RESPOND
    return {"enter_chat": frames.WELCOME, "template_card_event": frames.UPDATE_CARD}.get(frame.event_type, "")
