"""What the platform pushes to the official account: residents' words and taps, over HTTP, three times at most."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import aiohttp

from bot.simulator.account_envelope import AccountEnvelope
from bot.simulator.envelope import Sealed
from bot.simulator.markup import document
from bot.simulator.record import Callback
from bot.simulator.residents import TROUBLE
from bot.simulator.shown import Content

if TYPE_CHECKING:
    from bot.simulator.account import Account
    from bot.simulator.residents import ResidentPhone

ANSWER_WITHIN = timedelta(seconds=5)
VERIFY_WITHIN = timedelta(seconds=5)
ATTEMPTS = 3
LONGEST_REPLY = 2048
"""Bytes of a passive text; the rest is cut."""


class AccountCallbacks:
    """Pushes to `account.callback_url`. Each push waits 5 s for an answer and is tried three times in all.

    `repeat` sends the same message or event so many times (`at_once`: together). Each method returns the words of the
    first passive reply, None for `success` or an empty answer; `sent` has the whole story. Nobody's answer shows the
    vendor's words of trouble on the phone. Raises RuntimeError when there is no address to push to.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.envelope = AccountEnvelope(account.ids)
        self.answer_within = ANSWER_WITHIN
        self.pause_between = timedelta()
        """Real time between the tries of one push."""
        self.sent: list[Callback] = []
        """Everything pushed, in order."""
        self._session: aiohttp.ClientSession | None = None

    async def message(
        self, phone: ResidentPhone, kind: str, fields: Mapping[str, object], *, repeat: int = 1, at_once: bool = False
    ) -> str | None:
        """A message of this kind."""
        numbered = {**fields, "MsgId": self.account.twin.next_msg_id()}
        return await self._push(phone, kind, numbered, repeat, at_once)

    async def event(
        self, phone: ResidentPhone, event: str, *, repeat: int = 1, at_once: bool = False, **fields: object
    ) -> str | None:
        """Any event by its name."""
        return await self._push(phone, "event", {"Event": event, **fields}, repeat, at_once)

    async def verify(self, echo: str = "4710236619054433517") -> tuple[int, bytes]:
        """The console's check of the address: status and body, which must be the echo byte for byte."""
        query = {**self.envelope.query(self._timestamp()), "echostr": echo}
        async with self._client().get(self._url(), params=query, timeout=_within(VERIFY_WITHIN)) as answer:
            return answer.status, await answer.read()

    async def post(self, sealed: Sealed) -> tuple[int, bytes]:
        """One request as it stands: status and body."""
        async with self._client().post(
            self._url(),
            params=sealed.query,
            data=sealed.body,
            headers={"Content-Type": "text/xml"},
            timeout=_within(self.answer_within),
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.read()

    async def close(self) -> None:
        """Gives the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _push(
        self, phone: ResidentPhone, kind: str, fields: Mapping[str, object], repeat: int, at_once: bool
    ) -> str | None:
        twin = self.account.twin
        whole = {
            "ToUserName": self.account.ids.original_id,
            "FromUserName": phone.openid,
            "CreateTime": int(twin.clock.now().timestamp()),
            "MsgType": kind,
            **fields,
        }
        callback = Callback(document(whole), twin.clock.now(), phone.openid)
        self.sent.append(callback)
        if at_once:
            await asyncio.gather(*(self._deliver(callback, whole) for _ in range(repeat)))
        else:
            for _ in range(repeat):
                await self._deliver(callback, whole)
        twin.log.write(
            "account_callback",
            callback.at,
            plaintext=callback.plaintext,
            statuses=callback.statuses,
            replies=callback.replies,
            errors=callback.errors,
        )
        reply = next((words for words in callback.replies if words is not None), None)
        if reply is not None:
            phone.show(Content("text", reply.encode()[:LONGEST_REPLY].decode(errors="ignore")), "account")
        elif not callback.accepted or callback.errors:
            phone.show(Content("text", TROUBLE), "vendor")
        return reply

    async def _deliver(self, callback: Callback, fields: Mapping[str, object]) -> None:
        """One copy: at most three tries; each is wrapped anew around the same content."""
        for attempt in range(ATTEMPTS):
            if attempt and self.pause_between:
                await self.account.twin.changes.pause(self.pause_between)
            callback.attempts += 1
            try:
                status, body = await self.post(self._wrap(callback, fields))
            except (aiohttp.ClientError, TimeoutError) as error:
                callback.statuses.append(0)
                self.account.twin.log.write("account_unanswered", callback.at, error=repr(error))
                continue
            callback.statuses.append(status)
            if status == 200:
                callback.replies.append(self._read_reply(callback, body))
                return

    def _wrap(self, callback: Callback, fields: Mapping[str, object]) -> Sealed:
        timestamp, wrapping = self._timestamp(), self.account.wrapping
        if wrapping == "plain":
            return self.envelope.plain(fields, callback.userid, timestamp)
        clear = fields if wrapping == "compatible" else None
        return self.envelope.sealed(callback.plaintext, callback.userid, timestamp, clear)

    def _read_reply(self, callback: Callback, body: bytes) -> str | None:
        if body.strip() in (b"", b"success"):
            return None
        try:
            text = body.decode() if self.account.wrapping == "plain" else self.envelope.open(body)
            inner = ElementTree.fromstring(text)
        except (ValueError, ElementTree.ParseError) as error:
            callback.errors.append(str(error))
            return None
        if inner.findtext("ToUserName") != callback.userid or inner.findtext("MsgType") != "text":
            callback.errors.append("a passive reply to nobody, or of a type that is not shown")
            return None
        return inner.findtext("Content", "")

    def _timestamp(self) -> str:
        return str(int(self.account.twin.clock.now().timestamp()))

    def _url(self) -> str:
        if not self.account.callback_url:
            raise RuntimeError("the simulator has no callback_url of the official account to push to")
        return self.account.callback_url

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session


def _within(time: timedelta) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=time.total_seconds())
