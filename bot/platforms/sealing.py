"""Words that only who has `secret_key` can read."""

import binascii
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES, _NONCE_BYTES = 32, 12


class Sealing:
    """AES-GCM under a key of `secret` for one purpose; what was sealed for another cannot be opened."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=f"branchbot {purpose}".encode()).derive(secret)
        self._cipher = AESGCM(key)

    def close(self, words: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        return b64encode(nonce + self._cipher.encrypt(nonce, words.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        """Raises ValueError for what was not sealed with this key."""
        try:
            raw = b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()
        except (binascii.Error, InvalidTag, ValueError):
            raise ValueError("not sealed with this key") from None
