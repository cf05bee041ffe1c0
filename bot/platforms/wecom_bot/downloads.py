"""Files that people send the bot: at an address for five minutes, each sealed with a key of its own (page 100719)."""

import base64
import binascii

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.errors import SendRefused
from bot.platforms.addresses import fetch
from bot.platforms.base import Fetched
from bot.update import Medium

_KEY, _VECTOR, _BLOCK, _PAD = 32, 16, 16, 32


async def download(medium: Medium, most: int, *, loopback: bool) -> Fetched:
    """The opened file; see FilePlatform. `loopback`: the far side is a stand-in on this machine, without https."""
    sealed = await fetch(medium.ref, most + _PAD, loopback=loopback)
    content = opened(sealed.content, medium.key) if medium.key else sealed.content
    if len(content) > most:
        raise SendRefused("media_size")
    return Fetched(content, medium.name or sealed.name)


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
