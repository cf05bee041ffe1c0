"""What the platform pushes to the app: members' words, clicks and events, encrypted over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import aiohttp

from bot.simulator.envelope import Envelope
from bot.simulator.markup import document
from bot.simulator.media import Medium
from bot.simulator.record import Callback
from bot.simulator.shown import Content, Shown

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

ANSWER_WITHIN = timedelta(seconds=5)
ATTEMPTS = 3
LONGEST_REPLY = 2048
"""Bytes of a passive text; the rest is cut."""

_MEDIA: dict[str, dict[str, object]] = {
    "image": {"PicUrl": "https://wework.example/pic/1", "MediaId": "simulated-image"},
    "voice": {"MediaId": "simulated-voice", "Format": "amr"},
    "video": {"MediaId": "simulated-video", "ThumbMediaId": "simulated-thumb"},
    "file": {},
    "location": {"Location_X": "31.2304", "Location_Y": "121.4737", "Scale": 15, "Label": "社区活动室"},
    "link": {"Title": "链接", "Description": "一个链接", "Url": "https://example.org/", "PicUrl": ""},
}


class AppCallbacks:
    """Pushes to `twin.callback_url`. Each push waits 5 s for an answer and is tried three times in all.

    `repeat` sends the same message or event so many times (`at_once`: together), as the platform does when an answer
    came late. Each method returns the words of the first passive reply, None for an empty answer or none at all;
    `twin.callbacks` has the whole story. Raises RuntimeError when there is no address to push to.
    """

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.envelope = Envelope(twin.corp)
        self.answer_within = ANSWER_WITHIN
        self.pause_between = timedelta()
        """Real time between the tries of one push."""
        self._session: aiohttp.ClientSession | None = None

    async def say(
        self, userid: str, text: str, *, repeat: int = 1, at_once: bool = False, msg_id: int | None = None
    ) -> str | None:
        """A text message."""
        fields = {"Content": text, "MsgId": msg_id or self.twin.next_msg_id()}
        return await self._push(userid, "text", fields, repeat, at_once)

    async def media(self, userid: str, kind: str = "image", **fields: object) -> str | None:
        """A picture, voice, video, location or link; `fields` replace or add elements."""
        filled = {**_MEDIA.get(kind, {}), **fields, "MsgId": self.twin.next_msg_id()}
        return await self._push(userid, kind, filled, 1, False)

    async def file(self, userid: str, medium: Medium) -> str | None:
        """Something with a content of its own; `media/get` gives it."""
        fields: dict[str, object] = {"MediaId": medium.media_id}
        if medium.kind == "file":
            fields["FileName"] = medium.filename
        return await self.media(userid, medium.kind, **fields)

    async def enter(self, userid: str) -> str | None:
        """The member opens the app."""
        return await self.event("enter_agent", userid, EventKey="")

    async def click(
        self,
        userid: str,
        message: Shown,
        button_key: str,
        *,
        repeat: int = 1,
        at_once: bool = False,
        selected: Mapping[str, list[str]] | None = None,
    ) -> str | None:
        """A press of a card's button, with a response code of its own; works for grey and recalled cards too."""
        if message.sent is None or message.card is None:
            raise ValueError("only a card of the app can be clicked")
        menu = [action.get("key") for action in message.card.get("action_menu", {}).get("action_list", [])]
        fields: dict[str, object] = {
            "Event": "template_card_menu_event" if button_key in menu else "template_card_event",
            "EventKey": button_key,
            "TaskId": message.task_id,
            "CardType": message.card.get("card_type", ""),
            "ResponseCode": self.twin.codes.issue(message.sent, self.twin.clock.now(), button_key),
        }
        if selected:
            items = [{"QuestionKey": key, "OptionIds": {"OptionId": ids}} for key, ids in selected.items()]
            fields["SelectedItems"] = {"SelectedItem": items}
        return await self._push(userid, "event", fields, repeat, at_once)

    async def event(
        self, event: str, userid: str = "sys", *, repeat: int = 1, at_once: bool = False, **fields: object
    ) -> str | None:
        """Any event by its name: `subscribe`, `unsubscribe`, `click`, `inactive_alert`, `change_contact`, …"""
        return await self._push(userid, "event", {"Event": event, **fields}, repeat, at_once)

    async def push(self, plaintext: str, *, userid: str = "", repeat: int = 1, at_once: bool = False) -> str | None:
        """Any plaintext, encrypted as it stands."""
        callback = Callback(plaintext, self.twin.clock.now(), userid)
        self.twin.callbacks.append(callback)
        if at_once:
            await asyncio.gather(*(self._deliver(callback) for _ in range(repeat)))
        else:
            for _ in range(repeat):
                await self._deliver(callback)
        self.twin.log.write(
            "callback",
            callback.at,
            plaintext=plaintext,
            attempts=callback.attempts,
            statuses=callback.statuses,
            replies=callback.replies,
            errors=callback.errors,
        )
        reply = callback.replies[0] if callback.replies else None
        if reply is not None and userid:
            visible = reply.encode()[:LONGEST_REPLY].decode(errors="ignore")
            self.twin.phone(userid).show(Content("text", visible), "app")
        return reply

    async def verify(self, echo: str = "4710236619054433517") -> tuple[int, bytes]:
        """The console's check of the address: status and body, which must be the echo byte for byte."""
        query = self.envelope.echo(echo, self._timestamp())
        async with self._client().get(self._url(), params=query, timeout=_within(timedelta(seconds=1))) as answer:
            return answer.status, await answer.read()

    async def close(self) -> None:
        """Gives the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _push(
        self, userid: str, kind: str, fields: Mapping[str, object], repeat: int, at_once: bool
    ) -> str | None:
        person = self.twin.directory.find(userid)
        common = {
            "ToUserName": self.twin.corp.corp_id,
            "FromUserName": person.userid if person else userid,
            "CreateTime": int(self.twin.clock.now().timestamp()),
            "MsgType": kind,
        }
        plaintext = document({**common, **fields, "AgentID": self.twin.corp.agent_id})
        return await self.push(plaintext, userid="" if userid == "sys" else userid, repeat=repeat, at_once=at_once)

    async def _deliver(self, callback: Callback) -> None:
        """One copy: at most three tries; each is sealed anew around the same plaintext."""
        url = self._url()
        for attempt in range(ATTEMPTS):
            if attempt and self.pause_between:
                await self.twin.changes.pause(self.pause_between)
            callback.attempts += 1
            sealed = self.envelope.seal(callback.plaintext, self._timestamp())
            try:
                async with self._client().post(
                    url,
                    params=sealed.query,
                    data=sealed.body,
                    headers={"Content-Type": "text/xml"},
                    timeout=_within(self.answer_within),
                    allow_redirects=False,
                ) as answer:
                    body = await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                callback.statuses.append(0)
                callback.errors.append(repr(error))
                continue
            callback.statuses.append(answer.status)
            if answer.status == 200:
                callback.replies.append(self._read_reply(callback, body))
                return

    def _read_reply(self, callback: Callback, body: bytes) -> str | None:
        if not body.strip():
            return None
        try:
            inner = ElementTree.fromstring(self.envelope.open(body))
        except (ValueError, ElementTree.ParseError) as error:
            callback.errors.append(str(error))
            return None
        if inner.findtext("MsgType") != "text":
            callback.errors.append(f"passive reply of type {inner.findtext('MsgType')!r} is not shown")
            return None
        return inner.findtext("Content", "")

    def _timestamp(self) -> str:
        return str(int(self.twin.clock.now().timestamp()))

    def _url(self) -> str:
        if not self.twin.callback_url:
            raise RuntimeError("the simulator has no callback_url to push to")
        return self.twin.callback_url

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session


def _within(time: timedelta) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=time.total_seconds())
