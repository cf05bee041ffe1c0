"""Files that people send the bot: at an address for five minutes, each sealed with a key of its own (page 100719)."""

import base64
import binascii
from datetime import timedelta

import aiohttp
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from yarl import URL

from bot.errors import SendDoubtful, SendLater, SendRefused
from bot.platforms.base import Fetched
from bot.platforms.http import TooLong, file_name, read_most
from bot.update import Medium

_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=5)
_AGAIN = timedelta(seconds=5)
_KEY, _VECTOR, _BLOCK, _PAD = 32, 16, 16, 32
_GONE = frozenset({400, 401, 403, 404, 410})
"""The address is over, or never was one."""


async def download(medium: Medium, most: int, *, loopback: bool) -> Fetched:
    """The opened file; see FilePlatform. `loopback`: the far side is a stand-in on this machine, without https."""
    if not _may_be_asked(medium.ref, loopback):
        raise SendRefused("media")
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(URL(medium.ref, encoded=True), allow_redirects=False, timeout=_TIMEOUT) as response,
        ):
            if response.status in _GONE:
                raise SendRefused("media_gone")
            if response.status != 200:
                raise SendLater("busy", after=_AGAIN, counted=True)
            sealed = await read_most(response, most + _PAD)
            named = file_name(response.headers)
    except TooLong:
        raise SendRefused("media_size") from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise SendDoubtful("no_answer") from None
    content = opened(sealed, medium.key) if medium.key else sealed
    if len(content) > most:
        raise SendRefused("media_size")
    return Fetched(content, medium.name or named)


def opened(sealed: bytes, key: str) -> bytes:
    """What was sealed: AES-256-CBC with the key's first half as vector, padded to 32. Raises SendRefused."""
    try:
        secret = base64.b64decode(key + "=" * (-len(key) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SendRefused("media") from None
    if len(secret) != _KEY or not sealed or len(sealed) % _BLOCK:
        raise SendRefused("media")
    decryptor = Cipher(AES256(secret), CBC(secret[:_VECTOR])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= _PAD or padded[-pad:] != bytes([pad]) * pad:
        raise SendRefused("media")
    return padded[:-pad]


def _may_be_asked(address: str, loopback: bool) -> bool:
    try:
        url = URL(address, encoded=True)
    except ValueError:
        return False
    return url.scheme == "https" or (loopback and url.scheme == "http" and url.host == "127.0.0.1")
