"""Fetching what lies at an address that a platform named: nothing else is asked, and no more is read than wanted."""

from datetime import timedelta
from ipaddress import ip_address

import aiohttp
from yarl import URL

from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.platforms.base import Fetched
from bot.platforms.http import TooLong, file_name, read_most

_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=5)
_AGAIN = timedelta(seconds=5)
_GONE = frozenset({400, 401, 403, 404, 410})
"""The address is over, or never was one."""


async def fetch(address: str, most: int, *, loopback: bool) -> Fetched:
    """At most so many bytes. `loopback`: the far side is a stand-in on this machine, without https.

    Raises SendRefused ("media" for an address that is not asked, "media_size", "media_gone"), SendLater, SendDoubtful.
    """
    url = _allowed(address, loopback)
    if url is None:
        raise SendRefused("media")
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(url, allow_redirects=False, timeout=_TIMEOUT) as response,
        ):
            if response.status in _GONE:
                raise SendRefused("media_gone")
            if response.status != 200:
                raise SendLater("busy", after=_AGAIN, counted=True)
            return Fetched(await read_most(response, most), file_name(response.headers))
    except TooLong:
        raise SendRefused("media_size") from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise SendDoubtful("no_answer") from None


def _allowed(address: str, loopback: bool) -> URL | None:
    """The address, if it may be asked: a name on the internet over https, never a machine beside this one."""
    try:
        url = URL(address, encoded=True)
    except ValueError:
        return None
    if loopback and url.scheme == "http" and url.host == "127.0.0.1":
        return url
    host = (url.host or "").rstrip(".").casefold()
    if "." not in host or host.endswith((".local", ".internal", ".localhost")):
        return None
    try:
        ip_address(host)
    except ValueError:
        return url if url.scheme == "https" else None
    return None
