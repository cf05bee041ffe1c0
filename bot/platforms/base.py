"""What every chat network looks like from inside. An adapter only translates."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from aiohttp import web

from bot.errors import ForgedRequest
from bot.message import Card, File, MediaKind, Message, Text
from bot.update import Medium, Update


class Verdict(StrEnum):
    """How one request to a platform ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request; it settles each recipient by itself.

    `refused` names the recipients (case-folded) that a platform left out of an accepted request, with the reason.
    `reason` is a key under `reason.` in the catalogues. `after`, `counted` and `hold` belong to LATER: how long to
    wait, whether the try counts against the limit, and whether the whole app waits (a configuration fault, a broken
    token, a used-up budget) instead of this request alone.
    """

    verdict: Verdict
    reason: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    about_person: bool = False
    after: timedelta | None = None
    counted: bool = True
    hold: bool = False
    patient: bool = False
    """LATER: who listens may be down for hours, so the tries lie far apart."""
    alarm: bool = False
    """An administrator has to do something: say it once."""
    detail: str = ""
    """The platform's own words for the administrator (an address to trust, a hint); never shown to others."""
    http_status: int | None = None
    code: int | None = None
    ref: str = ""
    """The platform's id of what was sent, for a recall."""


@dataclass(frozen=True, slots=True)
class Request:
    """The exact request that will leave: `api` names the platform's call, `body` its bytes."""

    api: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What the sender must keep to for a platform."""

    recipients_per_call: int
    concurrent_calls: int
    calls_per_second: float
    per_recipient_minute: int
    """Messages that the bot starts, to one recipient in a minute; the excess waits."""
    per_recipient_day: int
    repeat_window: timedelta
    """How long after the first try the same bytes may be sent again without being shown twice; zero: never."""


class Platform(Protocol):
    """One chat network: what comes in becomes an Update, our Message becomes its request."""

    name: str
    """Stored beside every user id, e.g. "wecom"."""
    limits: Limits

    def compose(self, message: Message, recipients: Sequence[str], ref: str) -> Request:
        """The exact request; frozen in the database before it is sent.

        `ref` is unique for it: `[0-9a-z-]`, ≤ 40; its first number is another than in the calls before.
        """
        ...

    async def deliver(self, request: Request) -> Outcome:
        """Sends a frozen request, once or again. Never raises for what the network or the platform does."""
        ...

    async def close(self) -> None:
        """Gives back what the adapter holds."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that somebody sent; `name` is what the network calls it, "" when it does not say."""

    content: bytes
    name: str = ""


class FilePlatform(Platform, Protocol):
    """A platform that files can be sent to and come from. A `File` is composed with the id that `upload` gave."""

    async def upload(self, kind: MediaKind, filename: str, content: bytes) -> str:
        """A media id, good for three days. Raises SendRefused, SendLater and SendDoubtful: nobody has seen it yet."""
        ...

    async def download(self, medium: Medium, most: int) -> Fetched:
        """The file, of at most so many bytes: what announces more is not read, what brings more is cut off.

        Raises SendRefused ("media_size" for too many bytes, "media_gone" when it is not there any more), SendLater and
        SendDoubtful.
        """
        ...


class PicturePlatform(Protocol):
    """A platform whose pictures lie at an address for a while."""

    async def picture(self, address: str, most: int) -> Fetched:
        """What lies there; raises as FilePlatform.download."""
        ...


class SceneCode(Protocol):
    """A code that tells who scanned it what for."""

    @property
    def url(self) -> str:
        """What the code holds."""
        ...


class ScenePlatform(Platform, Protocol):
    """A platform that people are led to by codes."""

    async def scene_code(self, scene: str) -> SceneCode:
        """A code that carries `scene` for ever. Raises SendRefused, SendLater and SendDoubtful."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """What a platform posted to us."""

    request: web.Request
    body: bytes


class WebhookPlatform(Platform, Protocol):
    """A platform that calls us over HTTP. What comes together is opened together, and answered so."""

    @property
    def speaks_later(self) -> bool:
        """Whether words that missed the HTTP answer can still be sent as a message, as far as is known."""
        ...

    def greet(self, request: web.Request) -> web.Response:
        """The handshake's answer to a GET. Raises ForgedRequest."""
        ...

    def open(self, posted: Sequence[Posted]) -> Sequence[Update | ForgedRequest]:
        """Each of them verified and decrypted; in the place of what cannot be, why."""
        ...

    def respond(self, answers: Sequence[tuple[Update, str | None]]) -> Sequence[web.Response]:
        """The HTTP answer to each: a bare acknowledgement, or its words inline."""
        ...

    def fits(self, reply: str) -> bool:
        """Whether the words can be answered inline; what does not fit leaves as messages instead."""
        ...


Handle = Callable[[Update], Awaitable[None]]
"""Stores an update and does what it asks. Answers leave through the outbox."""


class SocketPlatform(Platform, Protocol):
    """A platform that we call and keep a connection to."""

    @property
    def connected(self) -> bool:
        """Whether it can hear and speak right now."""
        ...

    def compose_reply(self, message: Text | Card | File, recipient: str, reply_to: str, ref: str) -> Request:
        """The request that answers an update by its `reply_to`."""
        ...

    async def run(self, handle: Handle) -> None:
        """Owns the connection until cancelled; never returns by itself, never raises for what the network does."""
        ...


class Identity(Protocol):
    """Who a browser is."""

    def login_url(self, state: str, return_to: str) -> str:
        """Where the browser goes to be named; it comes back to `return_to` with `code` and `state`."""
        ...

    async def who(self, code: str) -> str | None:
        """The platform's user id behind a one-time code; None when it is nobody of the organisation, or a used code."""
        ...


class Alarm(Protocol):
    """Tells an administrator what only a person can mend."""

    async def __call__(self, key: str, /, **params: object) -> None:
        """`key` is a text under `alarm.`; the same key is said once, then daily."""
        ...


@dataclass(frozen=True, slots=True)
class DirectoryMember:
    """One person of a platform's directory."""

    user_id: str
    name: str
    departments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DirectoryDepartment:
    """One department of a platform's directory; the root has no parent among those returned."""

    id: int
    name: str
    parent_id: int
