"""The self-built app of WeCom as a platform: what comes in by callback, what goes out, who a browser is."""

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web

from bot.clock import Clock
from bot.config import WeComConfig
from bot.errors import ForgedRequest
from bot.log import get_logger
from bot.message import Card, CardUpdate, Event, File, MediaKind, Message, Nudge, Recall, Text
from bot.platforms.base import DirectoryDepartment, DirectoryMember, Fetched, Limits, Outcome, Posted, Request
from bot.platforms.envelope import Envelope
from bot.platforms.finding import Finding
from bot.platforms.http import Http, Json, dump, open_session
from bot.platforms.limits import plain
from bot.platforms.parameters import Parameters
from bot.platforms.steps import each
from bot.platforms.tokens import Shelf
from bot.platforms.wecom import callback, cards, codes, media
from bot.platforms.wecom.checks import check
from bot.platforms.wecom.client import Client
from bot.platforms.wecom.directory import Directory
from bot.platforms.wecom.login import Login
from bot.platforms.wecom.media import Media
from bot.platforms.xml import sealed, write
from bot.update import Medium, Update

STALE_AFTER = timedelta(minutes=5)
"""How far a callback's timestamp may be from the platform's time, either way."""
DUPLICATE_CHECK_SECONDS = 14_400
"""The longest that WeCom remembers a request's bytes."""
SPREAD_SECONDS = 900
"""By so much the remembered time differs between requests in a row, so that equal words said twice are two requests."""
_NUMBER = re.compile(r"\d+")
SEND, RECALL = "message/send", "message/recall"

log = get_logger("wecom")


class WeCom:
    """A WebhookPlatform and an Identity, with the directory and the files of the same app.

    Calls that answer a question (`who`, the directory, files) raise SendLater, SendRefused and SendDoubtful.
    `previous_keys`: (token, encoding_aes_key) pairs still accepted in callbacks while they are being changed.
    """

    name = callback.PLATFORM
    speaks_later = True
    limits = Limits(
        recipients_per_call=1000,
        concurrent_calls=4,
        calls_per_second=20,
        per_recipient_minute=3,
        per_recipient_day=20,
        repeat_window=timedelta(hours=3, minutes=30),
    )

    def __init__(
        self,
        settings: WeComConfig,
        clock: Clock,
        *,
        session: Callable[[], aiohttp.ClientSession] = open_session,
        monotonic: Callable[[], float] = time.monotonic,
        shelf: Shelf | None = None,
        previous_keys: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._settings = settings
        self._clock = clock
        token, aes_key = settings.token.get_secret_value(), settings.encoding_aes_key.get_secret_value()
        self._envelope = Envelope(token, aes_key, settings.corp_id, previous_keys)
        self._http = Http(settings.api_base, clock, session)
        self._client = Client(settings, clock, self._http, monotonic, shelf)
        self._directory = Directory(self._client, settings.agent_id)
        self._login = Login(self._client, settings)
        self._media = Media(self._client)

    def greet(self, request: web.Request) -> web.Response:
        """See WebhookPlatform."""
        given = Parameters(request)
        # A plus sign that somebody on the way took for a blank; base64 has none.
        (echo,) = self._unseal([(given, given["echostr"].replace(" ", "+"))])
        if isinstance(echo, ForgedRequest):
            raise echo
        return web.Response(body=echo, content_type="text/plain")

    def open(self, posted: Sequence[Posted]) -> Sequence[Update | ForgedRequest]:
        """See WebhookPlatform."""
        return callback.read(self._unseal(each(_outer, posted)), now=self._clock.now())

    def respond(self, answers: Sequence[tuple[Update, str | None]]) -> Sequence[web.Response]:
        """Empty 200s, and passive texts for words. See `fits`; a click's answer may not be shown."""
        worded = [(update.user_id, words) for update, words in answers if words and update.user_id]
        if not worded:
            return [web.Response() for _ in answers]
        timestamp = str(int(self._http.skew.now(self._clock).timestamp()))
        xmls = [
            write(
                {
                    "ToUserName": user_id,
                    "FromUserName": self._settings.corp_id,
                    "CreateTime": int(timestamp),
                    "MsgType": "text",
                    "Content": cards.text(words),
                }
            )
            for user_id, words in worded
        ]
        sealed_each = iter(self._envelope.seal_each(xmls, timestamp))
        return [
            web.Response(text=next(sealed_each), content_type="text/xml")
            if words and update.user_id
            else web.Response()
            for update, words in answers
        ]

    def fits(self, reply: str) -> bool:
        """Whether a passive text holds all of it."""
        words = plain(reply)
        return bool(words.strip()) and len(words.encode()) <= cards.TEXT_BYTES

    def compose(self, message: Message, recipients: Sequence[str], ref: str) -> Request:
        """See Platform. The same arguments give the same bytes. Raises ValueError for what is no list of members.

        By the number in its `ref` a text differs from the same text of the calls before.
        """
        match message:
            case Text():
                return self._send(recipients, _text(message.text), ref)
            case Card():
                card = cards.card(message, task_id=ref)
                content = _text(cards.as_text(message)) if card is None else _card(card)
                return self._send(recipients, content, ref)
            case File():
                return self._send(recipients, media.content(message), ref)
            case CardUpdate():
                body = {
                    "userids": [message.user_id, *message.others],
                    "agentid": self._settings.agent_id,
                    "response_code": message.code,
                    **cards.update(message),
                }
                return Request(codes.CARD_UPDATE, dump(body))
            case Recall():
                return Request(RECALL, dump({"msgid": message.ref}))
            case Nudge():
                raise ValueError("templates are the official account's")
            case Event():
                raise ValueError("an event is for another system, not for a person")

    async def deliver(self, request: Request) -> Outcome:
        """See Platform. An accepted outcome may carry `alarm`: another program uses this app's secret."""
        return await self._client.settle(request.api, request.body)

    async def close(self) -> None:
        """Gives the connections back."""
        await self._http.close()

    def login_url(self, state: str, return_to: str) -> str:
        """See Identity. `state`: 1 to 128 letters and digits."""
        return self._login.url(state, return_to)

    async def who(self, code: str) -> str | None:
        """See Identity."""
        return await self._login.who(code)

    async def departments(self) -> list[DirectoryDepartment]:
        """Every department that the app may see."""
        return await self._directory.departments()

    async def members(self) -> list[DirectoryMember]:
        """Everybody whom the app may see; never a part of them."""
        return await self._directory.members()

    async def convert(self, open_user_ids: Sequence[str]) -> dict[str, str]:
        """Plain ids for encrypted ones, which the group bot's messages carry; unknown ones are left out."""
        return await self._directory.convert(open_user_ids)

    async def upload(self, kind: MediaKind, filename: str, content: bytes) -> str:
        """See FilePlatform."""
        return await self._media.upload(kind, filename, content)

    async def download(self, medium: Medium, most: int) -> Fetched:
        """See FilePlatform."""
        return await self._media.download(medium, most)

    def skew(self) -> timedelta | None:
        """WeCom's time less ours, as far as its last answer says; None when there was none."""
        return self._http.skew.estimate(self._clock)

    async def clock_offset(self) -> timedelta | None:
        """WeCom's time less ours, from an answer of this moment; None when there is none."""
        return await self._http.ask_time()

    async def check(self) -> list[Finding]:
        """What `doctor` shows of this app."""
        return await check(self._client, self._directory, self._http.skew)

    def _unseal(self, given: Sequence[tuple[Parameters, str] | ForgedRequest]) -> Sequence[bytes | ForgedRequest]:
        """Of parameters and cipher text: formats, signature and time, then the content and its owner."""
        former, now = self._envelope.old_uses, self._http.skew.now(self._clock)
        genuine = each(lambda outer: self._verified(*outer, now), given)
        contents = self._envelope.decrypt_each(genuine)
        if self._envelope.old_uses > former:
            log.info("wecom.former_keys")
        return contents

    def _verified(self, given: Parameters, encrypt: str, now: datetime) -> str:
        timestamp = given["timestamp"]
        self._envelope.verify(given["msg_signature"], timestamp, given["nonce"], encrypt)
        if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > STALE_AFTER:
            raise ForgedRequest("stale")
        return encrypt

    def _send(self, recipients: Sequence[str], content: Json, ref: str) -> Request:
        if not 1 <= len(recipients) <= self.limits.recipients_per_call:
            raise ValueError(f"{len(recipients)} recipients in one call")
        if any(not one or "|" in one or one.startswith("@") for one in recipients):
            raise ValueError("a recipient is one member's id")
        number = _NUMBER.search(ref)
        body = {
            "touser": "|".join(recipients),
            "agentid": self._settings.agent_id,
            **content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_CHECK_SECONDS - (int(number[0]) if number else 0) % SPREAD_SECONDS,
        }
        return Request(SEND, dump(body))


def _outer(posted: Posted) -> tuple[Parameters, str]:
    return Parameters(posted.request), sealed(posted.body)


def _text(words: str) -> Json:
    return {"msgtype": "text", "text": {"content": cards.text(words)}}


def _card(card: Json) -> Json:
    return {"msgtype": "template_card", "template_card": card}
