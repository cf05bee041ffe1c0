"""How files that go to the group bot are sealed: AES-256-CBC, a key for each file, its first half the vector."""

import hashlib
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

_PAD = 32


def file_key(media_id: str) -> bytes:
    """The key of one file."""
    return hashlib.sha256(f"file {media_id}".encode()).digest()


def spelled(key: bytes) -> str:
    """The key as messages carry it: 43 characters, without the sign at the end."""
    return b64encode(key).decode().rstrip("=")


def seal(content: bytes, key: bytes) -> bytes:
    """The content, padded to 32 and sealed."""
    pad = _PAD - len(content) % _PAD
    encryptor = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return encryptor.update(content + bytes([pad]) * pad) + encryptor.finalize()
