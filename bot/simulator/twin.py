"""Tencent's side in miniature: the root of the simulator, with everything a test or the demo takes hold of."""

import itertools
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.simulator.account import Account
from bot.simulator.aibot import AiBot
from bot.simulator.app_callbacks import AppCallbacks
from bot.simulator.browser import Browser
from bot.simulator.changes import Changes
from bot.simulator.codes import ResponseCodes
from bot.simulator.corp import Corp
from bot.simulator.directory import Directory
from bot.simulator.duplicates import Duplicates
from bot.simulator.faults import Faults
from bot.simulator.groups import Group
from bot.simulator.limits import Limits
from bot.simulator.log import EventLog
from bot.simulator.media import MediaStore
from bot.simulator.oauth import OAuth
from bot.simulator.phones import Phone
from bot.simulator.record import Callback, Recorded
from bot.simulator.shown import Sent, Shown
from bot.simulator.task_ids import TaskIds
from bot.simulator.tokens import Tokens


class Twin:
    """One corporation with its app, its group bot and its people. State lives in memory; the log is durable.

    `callback_url` is where the app's callbacks go; `public_url` where the bot's pages are (for the in-app browser,
    and the only domain that login may return to); `move_clock` lets the page move the time. All may be set later.
    """

    def __init__(
        self,
        clock: Clock,
        corp: Corp | None = None,
        callback_url: str | None = None,
        log: Path | None = None,
        public_url: str | None = None,
    ) -> None:
        self.clock = clock
        self.corp = corp or Corp()
        self.callback_url = callback_url
        self.public_url = public_url
        self.move_clock: Callable[[timedelta], None] | None = None
        self.latency = timedelta()
        """Real time that every HTTP answer takes, after acting."""
        self.log = EventLog(log)
        self.changes = Changes()

        self.directory = Directory()
        self.phones: dict[str, Phone] = {}
        self.groups: dict[str, Group] = {}
        self.page_phones: dict[str, str] = {}
        """The phones that the page shows, in order: userid, or a resident's openid, to the role's name ("书记")."""

        self.tokens = Tokens(self.corp.corp_id, self.corp.secret)
        self.limits = Limits()
        self.duplicates = Duplicates()
        self.task_ids = TaskIds()
        self.codes = ResponseCodes()
        self.media = MediaStore()
        self.oauth = OAuth(self)
        self.faults = Faults()
        self.app = AppCallbacks(self)
        self.bot = AiBot(self)
        self.account = Account(self)
        self.sent: dict[str, Sent] = {}
        """Every accepted request by its msgid."""

        self.requests: list[Recorded] = []
        """Every request to the simulated servers, in order, refused and cut ones included."""
        self.callbacks: list[Callback] = []
        """Everything pushed to `callback_url`."""
        self.broadcasts: list[Recorded] = []
        """Requests that named `@all`, a department or a tag."""

        self._numbers = itertools.count(1)
        self._msg_ids = itertools.count(secrets.randbits(62))
        self._browsers: dict[str, Browser] = {}

    def phone(self, userid: str) -> Phone:
        """The phone of this person; strangers have one too."""
        key = userid.casefold()
        phone = self.phones.get(key)
        if phone is None:
            person = self.directory.find(userid)
            phone = self.phones[key] = Phone(self, person.userid if person else userid)
        return phone

    def group(self, chat_id: str, name: str = "", members: Iterable[str] = ()) -> Group:
        """The group with this id; made at the first call."""
        if chat_id not in self.groups:
            self.groups[chat_id] = Group(self, chat_id, name or chat_id, members)
        return self.groups[chat_id]

    def browser(self, userid: str) -> Browser:
        """The in-app browser of this person's phone, with its own cookies."""
        return self._browsers.setdefault(userid.casefold(), Browser(self, userid))

    def shown_to(self, userid: str) -> list[Shown]:
        """Everything on this person's phone, oldest first."""
        return self.phone(userid).messages

    def requests_to(self, api: str) -> list[Recorded]:
        """The requests to one call, e.g. "message/send"."""
        return [request for request in self.requests if request.api == api]

    def void_token(self) -> None:
        """The platform voids the app's token before its time: the next call is answered 40014."""
        self.tokens.void()

    def show_on_page(self, userid: str, role: str) -> None:
        """Puts a phone on the page, after those already there."""
        self.page_phones[self.phone(userid).userid] = role
        self.changed()

    def show_resident_on_page(self, name: str, role: str) -> None:
        """Puts a resident's phone on the page, after those already there."""
        self.page_phones[self.account.resident(name).openid] = role
        self.changed()

    def changed(self) -> None:
        """Something that people see changed."""
        self.changes.bump()

    async def until(self, happened: Callable[[], bool], within: timedelta = timedelta(seconds=20)) -> None:
        """Waits until `happened()` is true, looking after each change. Raises TimeoutError after so much real time."""
        await self.changes.until(happened, within)

    def next_number(self) -> str:
        """An id for something shown."""
        return str(next(self._numbers))

    def next_msg_id(self) -> int:
        """A 64-bit id for something that came in."""
        return next(self._msg_ids)

    async def close(self) -> None:
        """Ends connections, waiters and the log."""
        self.changes.close()
        await self.bot.close()
        await self.app.close()
        await self.account.push.close()
        for browser in self._browsers.values():
            await browser.close()
        self.log.close()
