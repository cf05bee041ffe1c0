"""Files that only a key opens: a backup on a lost disk says nothing.

AES-256-GCM over pieces of one mebibyte, so that any size takes the same memory. A piece's nonce is its number and
whether it is the last, so none can be left out, moved or cut off unseen; each file has a key of its own, made from the
operator's and a salt. Behind the salt stands a proof of the key: a wrong one is told from a damaged file.
"""

import hmac
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

MAGIC = b"branchbot encrypted 1\n"
PIECE = 1024 * 1024
SUFFIX = ".enc"
_SALT, _PROOF, _TAG = 16, 16, 16
_LEAST = len(MAGIC) + _SALT + _PROOF


class WrongKey(Exception):
    """The file was encrypted with another key."""


class Broken(Exception):
    """Something of the file is missing, or is not what was written."""


def is_encrypted(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
    return False


def encrypt(source: Path, target: Path, key: bytes) -> None:
    """Writes `source` to `target`, which is there, and reads it back once."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = os.urandom(_SALT)
    head = MAGIC + salt + _proof(key, salt)
    cipher = AESGCM(_own_key(key, salt))
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(head)
        for number, (piece, last) in enumerate(_pieces(plain, PIECE)):
            sealed.write(cipher.encrypt(_nonce(number, last), piece, head))
    for _ in _opened(target, key):
        pass


def decrypt(source: Path, target: Path, key: bytes) -> None:
    """Writes what was encrypted to `target`. Raises WrongKey and Broken."""
    with target.open("wb") as plain:
        for piece in _opened(source, key):
            plain.write(piece)


def _opened(path: Path, key: bytes) -> Iterator[bytes]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with path.open("rb") as sealed:
        head = sealed.read(_LEAST)
        if len(head) < _LEAST or not head.startswith(MAGIC):
            raise Broken
        salt, proof = head[len(MAGIC) : -_PROOF], head[-_PROOF:]
        if not hmac.compare_digest(proof, _proof(key, salt)):
            raise WrongKey
        cipher = AESGCM(_own_key(key, salt))
        for number, (piece, last) in enumerate(_pieces(sealed, PIECE + _TAG)):
            try:
                yield cipher.decrypt(_nonce(number, last), piece, head)
            except (InvalidTag, ValueError):
                raise Broken from None


def _pieces(file: IO[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """(piece, whether it is the last); of an empty file one that is empty."""
    piece = file.read(size)
    while True:
        following = file.read(size) if len(piece) == size else b""
        yield piece, not following
        if not following:
            return
        piece = following


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _own_key(key: bytes, salt: bytes) -> bytes:
    return hmac.digest(hmac.digest(salt, key, "sha256"), b"branchbot backup key\x01", "sha256")


def _proof(key: bytes, salt: bytes) -> bytes:
    return hmac.digest(hmac.digest(salt, key, "sha256"), b"branchbot backup proof\x01", "sha256")[:_PROOF]
