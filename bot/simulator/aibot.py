"""The group bot on the vendor's side: its one connection, its conversations, and what people do in them."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web

from bot.simulator.contacts import OPEN_PREFIX, open_userid
from bot.simulator.file_keys import file_key, spelled
from bot.simulator.groups import Group
from bot.simulator.media import Medium
from bot.simulator.shown import Json, Shown

if TYPE_CHECKING:
    from bot.simulator.twin import Twin


@dataclass(slots=True)
class Asked:
    """One message or event that went out under a req_id, and what has been answered to it."""

    kind: str
    """`message`, `enter_chat`, `template_card_event` or another event."""
    conversation: str
    """The group's id, or the userid of a private conversation."""
    at: datetime
    started: float
    """Real time (monotonic): what the five seconds are measured by."""
    shown: Shown | None = None
    """The clicked card."""
    stream_id: str = ""
    stream: Shown | None = None
    answered: bool = False


class AiBot:
    """The bot's connection and state. What may be switched:

    `refuse` (no connection is taken), `subscribe_errcode` (the subscription is answered so), `silent_acks` (commands
    work, their acks are lost), `silent_pings` (pings are not answered), `encrypted_ids` (userids come encrypted).
    """

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.refuse = False
        self.subscribe_errcode = 0
        self.silent_acks = False
        self.silent_pings = False
        self.encrypted_ids = False
        self.connection: web.WebSocketResponse | None = None
        """The subscribed connection."""
        self.open_sockets: dict[web.WebSocketResponse, asyncio.BaseTransport] = {}
        self.base = ""
        """Where the simulator is reached, as the connection knows it."""
        self.kicks = 0
        self.subscriptions = 0
        self.spoken: set[str] = set()
        """Conversations in which somebody wrote to the bot: group ids and folded userids."""
        self.asked: dict[str, Asked] = {}
        self.rates: dict[str, list[float]] = {}
        """When messages were shown, by conversation."""

    @property
    def connected(self) -> bool:
        """Whether a subscribed connection is alive."""
        return self.connection is not None and not self.connection.closed

    async def mention(self, group: Group, userid: str, words: str, *, quoting: str = "") -> bool:
        """Somebody names the bot in a group, perhaps quoting a text. Returns whether a live connection got it."""
        if not group.has_bot:
            return False
        self.spoken.add(group.chat_id)
        body: Json = {"msgtype": "text", "text": {"content": words}}
        if quoting:
            body["quote"] = {"msgtype": "text", "text": {"content": quoting}}
        return await self._push("message", body, userid, group.chat_id)

    async def say(self, userid: str, text: str) -> bool:
        """Somebody writes to the bot in private."""
        self.spoken.add(userid.casefold())
        return await self._push("message", {"msgtype": "text", "text": {"content": text}}, userid)

    async def file(self, userid: str, medium: Medium) -> bool:
        """Somebody sends the bot a picture, file or video in private."""
        self.spoken.add(userid.casefold())
        return await self._push("message", {"msgtype": medium.kind, medium.kind: self._lent(medium)}, userid)

    async def mention_with(self, group: Group, userid: str, words: str, picture: Medium) -> bool:
        """Somebody names the bot in a group, with a picture beside the words."""
        self.spoken.add(group.chat_id)
        items = [
            {"msgtype": "text", "text": {"content": words}},
            {"msgtype": "image", "image": self._lent(picture)},
        ]
        return await self._push("message", {"msgtype": "mixed", "mixed": {"msg_item": items}}, userid, group.chat_id)

    def _lent(self, medium: Medium) -> Json:
        """Where the bot may fetch it, and what opens it."""
        return {"url": f"{self.base}/files/{medium.media_id}", "aeskey": spelled(file_key(medium.media_id))}

    async def enter(self, userid: str) -> bool:
        """Somebody opens the private conversation for the first time that day."""
        return await self.event("enter_chat", {}, userid)

    async def click(self, userid: str, shown: Shown, key: str, group: Group | None = None) -> bool:
        """Somebody presses a button of a card of the bot. Pushed once, never repeated."""
        content = shown.content_for(userid)
        if content.card is None:
            raise ValueError("only a card can be clicked")
        detail = {"card_type": content.card.get("card_type"), "event_key": key, "task_id": content.task_id}
        chat_id = group.chat_id if group else ""
        return await self.event("template_card_event", {"template_card_event": detail}, userid, chat_id, shown)

    async def event(
        self, eventtype: str, detail: Json, userid: str, chat_id: str = "", shown: Shown | None = None
    ) -> bool:
        """Any event by its name. Returns whether a live connection got it."""
        body = {"msgtype": "event", "event": {"eventtype": eventtype, **detail}}
        return await self._push(eventtype, body, userid, chat_id, shown)

    async def take_over(self, connection: web.WebSocketResponse) -> None:
        """A connection has subscribed: the one before is told and closed."""
        old, self.connection = self.connection, connection
        self.subscriptions += 1
        if old is None or old is connection or old.closed:
            return
        self.kicks += 1
        event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
        await old.send_json(self._frame("aibot_event_callback", secrets.token_hex(12), event))
        await old.close()

    async def disconnect(self) -> None:
        """The vendor closes the connection cleanly."""
        if self.connection is not None:
            await self.connection.close()

    def cut(self) -> None:
        """The connection breaks without a word."""
        for transport in self.open_sockets.values():
            transport.close()

    async def close(self) -> None:
        """Ends every connection."""
        for socket in list(self.open_sockets):
            await socket.close(code=1001)

    def plain_userid(self, userid: str) -> str:
        """The userid behind an encrypted spelling; any other as it stands."""
        if not userid.startswith(OPEN_PREFIX):
            return userid
        known = {open_userid(person.userid): person.userid for person in self.twin.directory.visible()}
        return known.get(userid, userid)

    async def _push(self, kind: str, body: Json, userid: str, chat_id: str = "", shown: Shown | None = None) -> bool:
        now = self.twin.clock.now()
        req_id = secrets.token_hex(12)
        person = self.twin.directory.find(userid)
        sender = open_userid(userid) if self.encrypted_ids else person.userid if person else userid
        whole = {
            "msgid": secrets.token_hex(12),
            "create_time": int(now.timestamp()),
            "aibotid": self.twin.corp.bot_id,
            "chattype": "group" if chat_id else "single",
            "from": {"userid": sender},
            **({"chatid": chat_id} if chat_id else {}),
            **body,
        }
        connection = self.connection
        if connection is None or connection.closed:
            self.twin.log.write("bot", now, cmd="lost", body=whole)
            return False
        self.asked[req_id] = Asked(kind, chat_id or userid, now, time.monotonic(), shown)
        cmd = "aibot_msg_callback" if kind == "message" else "aibot_event_callback"
        try:
            await connection.send_json(self._frame(cmd, req_id, whole))
        except ConnectionError:
            return False
        return True

    def _frame(self, cmd: str, req_id: str, body: Json) -> Json:
        self.twin.log.write("bot", self.twin.clock.now(), cmd=cmd, body=body)
        return {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
