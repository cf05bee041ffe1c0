"""A resident's platform id, sealed: nothing outside this folder ever sees the id itself.

One id always gives the same token, so the token serves as a name; without the key it tells nothing, and nobody can make
one up. It is lower case throughout, for names are compared without regard to case.
"""

import binascii
from base64 import b32decode, b32encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "r."
_KEY_BYTES = 64
_PURPOSE = b"branchbot resident of "
_BLOCK = 8
"""Base32 comes in blocks of eight characters."""


class Seal:
    """Makes tokens of ids and ids of tokens: AES-SIV under a key of `secret` and the account's app id."""

    def __init__(self, secret: bytes, app_id: str) -> None:
        key = HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE + app_id.encode()).derive(secret)
        self._cipher = AESSIV(key)

    def close(self, openid: str) -> str:
        """The token of an id; 72 characters for the usual id."""
        sealed = b32encode(self._cipher.encrypt(openid.encode(), None)).decode()
        return PREFIX + sealed.rstrip("=").lower()

    def open(self, token: str) -> str:
        """The id in a token. Raises ValueError for one that was not made with this key."""
        text = token.removeprefix(PREFIX).upper()
        try:
            sealed = b32decode(text + "=" * (-len(text) % _BLOCK))
            return self._cipher.decrypt(sealed, None).decode()
        except (binascii.Error, InvalidTag, ValueError):
            raise ValueError("not a resident's token") from None
