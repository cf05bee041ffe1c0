"""What pages stand on: the transaction, who a browser is, where it comes from, and what browsers must keep to."""

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp import web
from yarl import URL

from bot.clock import Clock
from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.inbound.browsers import Browsers, Login, Viewer
from bot.inbound.rates import Rate
from bot.inbound.visitors import Misses, client_address, networks
from bot.platforms.base import Identity as Identity  # pages name these two and import neither room
from storage.database import Database as Database
from storage.transaction import Transaction

RETURN_PATH = "/oauth/wecom"
VIEWER_BURST, ADDRESS_BURST = 180, 1200
"""Pages a minute for somebody who is logged in, and for all others of an address: it may be a whole office."""
READ_WITHIN = timedelta(seconds=10)
"""A form is sent whole by then."""
MAX_TRIES = 1
"""How often a login is started anew by itself: its code had been used, or was too old."""
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

_ITEM_PATH = re.compile(r"(?<=/i/)[^/?]+")


class IdentityUnknown(Exception):
    """The platform did not say who is there; it may later."""


class Web:
    """One running bot as its pages see it. `on_commit` is called after each commit: there may be something to send."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        secret: bytes,
        public_url: str,
        identity: Identity | None,
        trusted_proxies: Sequence[str],
        on_commit: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._identity = identity
        self._return_to = public_url.rstrip("/") + RETURN_PATH
        self._origin = URL(public_url).origin() if public_url else None
        self._trusted = networks(trusted_proxies)
        self._on_commit = on_commit
        self._misses = Misses(clock)
        self._alone = Rate(clock.elapsed, burst=VIEWER_BURST, per_minute=VIEWER_BURST)
        self._together = Rate(clock.elapsed, burst=ADDRESS_BURST, per_minute=ADDRESS_BURST)
        self._browsers = Browsers(secret, clock, secure=public_url.startswith("https:"))

    @property
    def open(self) -> bool:
        """Whether a browser can be told who it is; without it there are no pages for anybody."""
        return self._identity is not None

    def now(self) -> datetime:
        return self._clock.now()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """For pages that only show."""
        async with self._database.reading() as tx:
            yield tx

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """For what a page reports: committed when the block ends, or not at all."""
        async with self._database.transaction() as tx:
            yield tx
        self._on_commit()

    def viewer(self, request: web.Request) -> Viewer | None:
        """Who is there; None without a session."""
        return self._browsers.viewer(request)

    def too_many_misses(self, request: web.Request, viewer: Viewer | None) -> bool:
        """Counts a miss, and says whether there were too many.

        Whoever is logged in answers for themselves: one address may be a whole office.
        """
        visitor = f"user {viewer.user_id.casefold()}" if viewer else client_address(request, self._trusted)
        return self._misses.count(visitor)

    def too_fast(self, request: web.Request) -> bool:
        """Counts a request, and says whether it was one too many within a minute. See `too_many_misses`."""
        viewer = self.viewer(request)
        if viewer is not None:
            return not self._alone.takes(viewer.user_id.casefold())
        return not self._together.takes(client_address(request, self._trusted))

    def login(self, target: str, tries: int = 0) -> web.Response:
        """Sends the browser to be named, and to come back for `target`, an item's token."""
        if self._identity is None:
            raise web.HTTPNotFound
        login = Login(self._browsers.new_state(), target, tries, used=False)
        url = self._identity.login_url(login.state, self._return_to)
        response = web.Response(status=302, headers={"Location": url})
        self._browsers.keep_login(response, login)
        return response

    def pending_login(self, request: web.Request) -> Login | None:
        """The login that a request comes back from; None when this browser did not begin it."""
        return self._browsers.login(request, request.query.get("state", ""))

    async def come_back(self, request: web.Request, login: Login) -> web.Response | None:
        """Ends a login: to its target, or once more from the start; None for nobody of the organisation.

        A session that is still good wins over the code. Raises IdentityUnknown.
        """
        if self.viewer(request) is not None:
            return self._arrive(login)
        code = request.query.get("code", "")
        user_id = await self._who(code) if code and not login.used else None
        if user_id is None:
            return self.login(login.target, login.tries + 1) if login.tries < MAX_TRIES else None
        response = self._arrive(login)
        self._browsers.remember(response, user_id)
        return response

    async def _who(self, code: str) -> str | None:
        if self._identity is None:
            return None
        try:
            return await self._identity.who(code)
        except (SendLater, SendRefused, SendDoubtful) as error:
            raise IdentityUnknown(type(error).__name__) from error

    def _arrive(self, login: Login) -> web.Response:
        # Relative: a proxy may serve us under a path of its own.
        response = web.Response(status=302, headers={"Location": f"../i/{login.target}"})
        self._browsers.keep_login(response, replace(login, used=True))
        return response

    def meant(self, request: web.Request, viewer: Viewer, form_token: str) -> bool:
        """Whether a POST comes from our own page in this session, and not from somebody else's.

        A token that is given must be right. Without one the browser must say that the page is ours; what is no browser
        at all (it says nothing about where it comes from) cannot be led here by somebody else's page.
        """
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site is not None and site != "same-origin":
            return False
        # A form on a page without a referrer says "null"; the token decides then.
        if origin is not None and origin != "null" and not self._own(origin, request.host):
            return False
        if form_token:
            return hmac.compare_digest(form_token.encode(errors="replace"), viewer.form_token.encode())
        return site == "same-origin" or not _TRACES.intersection(request.headers)

    def _own(self, origin: str, host: str) -> bool:
        try:
            url = URL(origin)
            return url.origin() == self._origin or url.raw_authority.casefold() == host.casefold()
        except ValueError:
            return False


_TRACES = frozenset({"Origin", "Referer", "Sec-Fetch-Mode", "Sec-Fetch-Dest"})
"""What every browser sends at least one of when a page posts."""


UNSEEN = web.ResponseKey("unseen", bool)
"""Set on an answer that no browser gets: it goes to a platform that has proved itself."""


def add_security_headers(app: web.Application, *, https: bool) -> None:
    """Every answer of the app tells browsers to keep it to themselves; what a view has set stays.

    An application mounted below speaks for itself.
    """
    defaults = {
        "Content-Security-Policy": CONTENT_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    }
    if https:
        defaults["Strict-Transport-Security"] = "max-age=31536000"

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        if request.match_info.apps[-1] is not app:
            return
        response.headers["Server"] = "branchbot"  # not which version of what
        if UNSEEN not in response:
            for name, value in defaults.items():
                response.headers.setdefault(name, value)

    app.on_response_prepare.append(add)


async def received(request: web.Request) -> None:
    """The whole of what was posted, before anybody looks at it. Raises 408 for a slow sender, 413 for too much."""
    try:
        async with asyncio.timeout(READ_WITHIN.total_seconds()):
            await request.read()
    except TimeoutError:
        error = web.HTTPRequestTimeout(text="")
        error.force_close()
        raise error from None


def redact(path: str) -> str:
    """A request's path as logs may show it: without the token of an item. Queries never belong into a log."""
    return _ITEM_PATH.sub("*", path)
