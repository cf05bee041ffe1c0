"""The phone's in-app browser: fetches the bot's pages with a cookie jar of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

AUTHORIZE = "/connect/oauth2/authorize"
VENDOR_HOST = "open.weixin.qq.com"
MOST_REDIRECTS = 8

_REDIRECTS = {301, 302, 303, 307, 308}
_DROPPED = {
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "location",
    "server",
    "set-cookie",
    "transfer-encoding",
    "x-frame-options",
}
_FRAME_ANCESTORS = re.compile(r"\s*frame-ancestors[^;]*;?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What the bot answered. `url` is where it was found; `location` where a redirect leads, None otherwise."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: URL
    location: URL | None = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")


class Browser:
    """One phone's browser. It fetches from `twin.public_url` only; logins are answered as the phone's owner."""

    def __init__(self, twin: Twin, userid: str) -> None:
        self.twin = twin
        self.userid = userid
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, part: str = "") -> Page:
        """Opens a path (or a whole address of the bot) and follows every redirect. Raises LookupError, see `fetch`.

        `part`: the bytes that a player asks for, as the header `Range` says it.
        """
        return await self.open("GET", path, part=part)

    async def post(self, path: str, form: Mapping[str, str]) -> Page:
        """Sends a form and follows every redirect."""
        body = URL.build(query=form).raw_query_string.encode()
        return await self.open("POST", path, body, "application/x-www-form-urlencoded")

    async def open(self, method: str, path: str, body: bytes = b"", content_type: str = "", part: str = "") -> Page:
        """One visit with all its redirects. Raises LookupError after too many of them."""
        page = await self.fetch(method, path, body, content_type, part)
        for _ in range(MOST_REDIRECTS):
            if page.location is None:
                return page
            again = page.status in (307, 308)
            page = await self.fetch(
                method if again else "GET", str(page.location), body if again else b"", content_type if again else ""
            )
        raise LookupError(f"too many redirects from {path}")

    async def fetch(self, method: str, path: str, body: bytes = b"", content_type: str = "", part: str = "") -> Page:
        """One request to the bot; a redirect to the login page is answered, so `location` is a page of the bot again.

        Raises LookupError for an address outside `twin.public_url`, or without one.
        """
        url = self._own(path)
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "User-Agent": "wxwork/4.1 simulator"}
        if content_type:
            headers["Content-Type"] = content_type
        if part:
            headers["Range"] = part
        if method not in ("GET", "HEAD"):
            headers["Origin"] = str(url.origin())
        async with self._client().request(
            method, url, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            page = Page(answer.status, _passed_on(answer.headers), await answer.read(), url)
            if answer.status not in _REDIRECTS or "Location" not in answer.headers:
                return page
            location = _joined(url, answer.headers["Location"])
        return Page(page.status, page.headers, b"", url, self._after_login(location))

    async def close(self) -> None:
        """Forgets the cookies and gives the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _after_login(self, location: URL) -> URL:
        """The redirect's target; a login page is passed at once, as the silent scope does."""
        known = location.host == VENDOR_HOST or self._is_own(location)
        if known and location.path.endswith(AUTHORIZE):
            try:
                location = self.twin.oauth.authorize(self.userid, location.query)
            except Refusal as refusal:
                raise LookupError(f"the login page refuses: {refusal}") from refusal
        return self._own(str(location))

    def _own(self, path: str) -> URL:
        """The whole address of a page of the bot."""
        if not self.twin.public_url:
            raise LookupError("the simulator has no public_url")
        try:
            url = URL(path)
            if not url.absolute:
                url = URL(self.twin.public_url.rstrip("/") + "/" + path.lstrip("/"))
        except ValueError as error:
            raise LookupError(f"no address: {path}") from error
        if not self._is_own(url):
            raise LookupError(f"{url.host} is not the bot's address")
        return url

    def _is_own(self, url: URL) -> bool:
        if not url.scheme or not url.host or not self.twin.public_url:
            return False
        return url.origin() == URL(self.twin.public_url).origin()

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            own = [URL(self.twin.public_url or "").origin()]
            jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=own)
            self._session = aiohttp.ClientSession(cookie_jar=jar)
        return self._session


def _joined(url: URL, location: str) -> URL:
    """Where a redirect leads. Raises LookupError for an address that is none."""
    try:
        return url.join(URL(location))
    except ValueError as error:
        raise LookupError(f"no address: {location}") from error


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers a frame inside the phones page may have: framing allowed, cookies kept in the jar."""
    kept = {name: value for name, value in headers.items() if name.lower() not in _DROPPED}
    for name, value in kept.items():
        if name.lower() == "content-security-policy":
            kept[name] = _FRAME_ANCESTORS.sub("", value).strip()
    return kept
