"""The official account as a platform: what residents say, what they are answered, who a browser is."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import aiohttp
from aiohttp import web
from yarl import URL

from bot.clock import Clock
from bot.config import OfficialAccountConfig
from bot.errors import ForgedRequest
from bot.message import Card, Message, Nudge, Text
from bot.platforms import addresses
from bot.platforms.base import Fetched, Limits, Outcome, Posted, Request, Verdict
from bot.platforms.finding import Finding
from bot.platforms.http import Http, dump, open_session
from bot.platforms.limits import plain
from bot.platforms.official_account import callback, menu, messages, templates
from bot.platforms.official_account.checks import check
from bot.platforms.official_account.client import Client
from bot.platforms.official_account.door import Door
from bot.platforms.official_account.login import Login
from bot.platforms.official_account.menu import SceneCode
from bot.platforms.official_account.seal import Seal
from bot.platforms.steps import each
from bot.platforms.tokens import Shelf
from bot.update import Update

SEND = "message/custom/send"
NOTHING = "success"
"""What the platform takes for an answer without words."""
WRAPPING, PLAIN = "wrapping", "plain"
"""Among an update's details when it came in plain mode: its answer leaves the same way."""


class OfficialAccount:
    """A WebhookPlatform and an Identity. A resident is their token everywhere else; see `seal.py`.

    `secret` is what the tokens' key is made of. Calls that answer a question (`who`) raise SendLater, SendRefused and
    SendDoubtful.
    """

    name = callback.PLATFORM
    limits = Limits(
        recipients_per_call=1,
        concurrent_calls=4,
        calls_per_second=20,
        per_recipient_minute=5,
        per_recipient_day=100,
        repeat_window=timedelta(),
    )

    def __init__(
        self,
        settings: OfficialAccountConfig,
        clock: Clock,
        secret: bytes,
        *,
        session: Callable[[], aiohttp.ClientSession] = open_session,
        monotonic: Callable[[], float] = time.monotonic,
        shelf: Shelf | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._seal = Seal(secret, settings.app_id)
        self._http = Http(settings.api_base, clock, session)
        self._client = Client(settings, clock, self._http, monotonic, shelf)
        self._door = Door(settings, clock, self._http.skew)
        self._login = Login(self._client, self._http, settings, self._seal)

    @property
    def speaks_later(self) -> bool:
        """See WebhookPlatform: accounts that are not verified only ever answer."""
        return self._client.may(SEND)

    def greet(self, request: web.Request) -> web.Response:
        """See WebhookPlatform."""
        return self._door.greet(request)

    def open(self, posted: Sequence[Posted]) -> Sequence[Update | ForgedRequest]:
        """See WebhookPlatform."""
        now = self._clock.now()
        return each(lambda admitted: self._read(*admitted, now), self._door.admit(posted))

    def respond(self, answers: Sequence[tuple[Update, str | None]]) -> Sequence[web.Response]:
        """`success`, and passive texts for words. See `fits`."""
        return [
            self._door.answer(
                {
                    "ToUserName": self._seal.open(update.user_id),
                    "FromUserName": update.details.get(callback.ACCOUNT, ""),
                    "CreateTime": self._door.now(),
                    "MsgType": "text",
                    "Content": messages.words(words),
                },
                sealed=update.details.get(WRAPPING) != PLAIN,
            )
            if words and update.user_id
            else web.Response(text=NOTHING)
            for update, words in answers
        ]

    def _read(self, xml: bytes, sealed: bool, now: datetime) -> Update:
        update = callback.read(xml, seal=self._seal, now=now)
        if not sealed:
            update.details[WRAPPING] = PLAIN
        return update

    def fits(self, reply: str) -> bool:
        """Whether a passive text holds all of it."""
        words = plain(reply)
        return bool(words.strip()) and len(words.encode()) <= messages.TEXT_BYTES

    def compose(self, message: Message, recipients: Sequence[str], ref: str) -> Request:
        """See Platform. Names the resident by their token. Raises ValueError for what an account cannot send."""
        if len(recipients) != 1:
            raise ValueError(f"{len(recipients)} recipients in one call")
        if isinstance(message, Nudge):
            return templates.request(self._settings, message, recipients[0], ref)
        if not isinstance(message, Text | Card):
            raise ValueError("what an official account has sent cannot be changed")
        return Request(SEND, dump({"touser": recipients[0], **messages.content(message)}))

    async def deliver(self, request: Request) -> Outcome:
        """See Platform. Here, at the last moment, the token becomes the platform's id again."""
        body = json.loads(request.body)
        try:
            body["touser"] = self._seal.open(body["touser"])
        except ValueError:
            return Outcome(Verdict.REFUSED, "unknown_resident", about_person=True)
        return await self._client.settle(request.api, dump(body))

    async def put_menu(self) -> None:
        """Replaces the account's menu by the configured one. Raises SendLater, SendRefused and SendDoubtful."""
        await menu.put(self._client, self._settings.menu)

    async def menu(self) -> list[str]:
        """The names in the account's menu now. Raises as `put_menu`."""
        return await menu.shown(self._client)

    async def scene_code(self, scene: str) -> SceneCode:
        """A code for a poster that carries `scene`, 1 to 64 characters, for ever. Raises as `put_menu`."""
        return await menu.scene_code(self._client, scene)

    def skew(self) -> timedelta | None:
        """The platform's time less ours, as far as its last answer says; None when there was none."""
        return self._http.skew.estimate(self._clock)

    async def clock_offset(self) -> timedelta | None:
        """The platform's time less ours, from an answer of this moment; None when there is none."""
        return await self._http.ask_time()

    async def picture(self, address: str, most: int) -> Fetched:
        """See PicturePlatform. `PicUrl` often lacks the s, which the vendor's hosts have (接收普通消息)."""
        loopback = URL(self._settings.api_base).host == "127.0.0.1"
        secure = address if loopback else address.replace("http://", "https://", 1)
        return await addresses.fetch(secure, most, loopback=loopback)

    async def check(self) -> list[Finding]:
        """What `doctor` shows of this account."""
        return await check(self._client, self._http.skew)

    async def close(self) -> None:
        """Gives the connections back."""
        await self._http.close()

    def login_url(self, state: str, return_to: str) -> str:
        """See Identity. `state`: 1 to 128 letters and digits."""
        return self._login.url(state, return_to)

    async def who(self, code: str) -> str | None:
        """See Identity; a resident's token."""
        return await self._login.who(code)
