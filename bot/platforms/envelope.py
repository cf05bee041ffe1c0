"""The sealed envelope that callbacks and passive replies travel in.

Signature and cipher are those of https://developer.work.weixin.qq.com/document/path/90968; the Official Account uses
the same with its app id, the smart robot with an empty owner.
"""

import binascii
import itertools
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha1
from hmac import compare_digest

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.errors import ForgedRequest
from bot.platforms.steps import each
from bot.platforms.xml import cdata

_TIMESTAMP = re.compile(r"[0-9]{10}")
_NONCE = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SIGNATURE = re.compile(r"[0-9a-f]{40}")
_AES_KEY = re.compile(r"[0-9A-Za-z]{43}")
_NONCE_BYTES = 8
_RANDOM = 16
_LENGTH = 4
_BLOCK = 16
_PAD = 32


class Signatures:
    """Whether a request carries the mark of somebody who knows the token.

    Several tokens are accepted while they are being changed; `old_uses` counts how often not the first was needed.
    """

    def __init__(self, *tokens: str) -> None:
        self._tokens = tuple(token.encode() for token in tokens)
        self.old_uses = 0

    def verify(self, signature: str, timestamp: str, nonce: str, *more: str) -> None:
        """The formats first, for the signed pieces are joined without a separator; then the signature.

        `more` is the cipher text where there is one. Raises ForgedRequest.
        """
        if not (_TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce) and _SIGNATURE.fullmatch(signature)):
            raise ForgedRequest("format")
        try:
            given, pieces = signature.encode(), [piece.encode("ascii") for piece in (timestamp, nonce, *more)]
        except UnicodeEncodeError:
            raise ForgedRequest("format") from None
        for age, token in enumerate(self._tokens):
            if compare_digest(_signature(token, *pieces), given):
                self.old_uses += age > 0
                return
        raise ForgedRequest("signature")

    def sign(self, *pieces: str) -> str:
        """The signature with the current token."""
        return _signature(self._tokens[0], *(piece.encode() for piece in pieces)).decode()


class Envelope:
    """Opens what the platform sealed for us, and seals what we answer.

    `receive_id` is the owner named inside every envelope: the corp id, the app id, or "". `previous` holds
    (token, encoding_aes_key) pairs that are still accepted while the keys are being changed. Everything that fails
    raises ForgedRequest.
    """

    def __init__(
        self, token: str, encoding_aes_key: str, receive_id: str, previous: Sequence[tuple[str, str]] = ()
    ) -> None:
        pairs = [(token, encoding_aes_key), *previous]
        self._signatures = Signatures(*(token for token, _ in pairs))
        ciphers = [_cipher(key) for _, key in pairs]
        self._cipher = ciphers[0]
        # Of what is decrypted only the first block depends on what was decrypted before, and that block is random bytes
        # which nobody reads: one decryptor opens them all.
        self._decryptors = tuple(cipher.decryptor() for cipher in ciphers)
        self._owner = receive_id.encode()
        self._old_keys = 0

    @property
    def old_uses(self) -> int:
        """How often a former token or key was needed."""
        return self._signatures.old_uses + self._old_keys

    def verify(self, signature: str, timestamp: str, nonce: str, encrypt: str) -> None:
        """See Signatures."""
        self._signatures.verify(signature, timestamp, nonce, encrypt)

    def sign(self, timestamp: str, nonce: str, encrypt: str) -> str:
        """The signature with the current token."""
        return self._signatures.sign(timestamp, nonce, encrypt)

    def decrypt(self, encrypt: str) -> bytes:
        """The bytes inside. Call it only for what `verify` let pass."""
        (content,) = self.decrypt_each([encrypt])
        if isinstance(content, ForgedRequest):
            raise content
        return content

    def decrypt_each(self, encrypts: Sequence[str | ForgedRequest]) -> list[bytes | ForgedRequest]:
        """`decrypt` for each, its error where it fails; what is an error already stays it."""
        sealed = each(_blocks, encrypts)
        whole = [value for value in sealed if isinstance(value, bytes)]
        plain = self._decryptors[0].update(b"".join(whole))
        ends = itertools.accumulate(map(len, whole))
        pieces = (plain[end - len(value) : end] for end, value in zip(ends, whole, strict=True))
        contents = each(self._open, [value if isinstance(value, ForgedRequest) else next(pieces) for value in sealed])
        if len(self._decryptors) == 1:
            return contents
        return [self._with_former(value, content) for value, content in zip(sealed, contents, strict=True)]

    def encrypt(self, content: bytes, random16: bytes | None = None) -> str:
        """The content under the current key, in base64. `random16` is for published examples only."""
        return next(self._encrypt_each([content], random16))

    def seal(self, xml: str, timestamp: str, nonce: str, random16: bytes | None = None) -> str:
        """The passive reply: `xml` encrypted, signed and put into the outer XML."""
        return self._outer(self.encrypt(xml.encode(), random16), timestamp, nonce)

    def seal_each(self, xmls: Sequence[str], timestamp: str) -> list[str]:
        """`seal` for each, with nonces of our own."""
        chance = secrets.token_hex(_NONCE_BYTES * len(xmls))
        nonces = (chance[start : start + 2 * _NONCE_BYTES] for start in range(0, len(chance), 2 * _NONCE_BYTES))
        sealed = self._encrypt_each([xml.encode() for xml in xmls])
        return [self._outer(encrypt, timestamp, nonce) for encrypt, nonce in zip(sealed, nonces, strict=True)]

    def _encrypt_each(self, contents: Sequence[bytes], random16: bytes | None = None) -> Iterator[str]:
        # As with decryptors: one for all, for what it makes of a first block are other random bytes.
        encryptor = self._cipher.encryptor()
        chance = random16 or os.urandom(_RANDOM * len(contents))
        for start, content in zip(range(0, len(chance), _RANDOM), contents, strict=True):
            head = chance[start : start + _RANDOM] + len(content).to_bytes(_LENGTH, "big")
            pad = _PAD - (len(head) + len(content) + len(self._owner)) % _PAD
            sealed = encryptor.update(b"".join((head, content, self._owner, bytes((pad,)) * pad)))
            yield binascii.b2a_base64(sealed, newline=False).decode()

    def _outer(self, encrypt: str, timestamp: str, nonce: str) -> str:
        return (
            f"<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{self.sign(timestamp, nonce, encrypt)}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        )

    def _with_former(self, sealed: bytes | ForgedRequest, content: bytes | ForgedRequest) -> bytes | ForgedRequest:
        """What the current key did not open, perhaps opened by one that was current before."""
        if isinstance(sealed, ForgedRequest) or not isinstance(content, ForgedRequest):
            return content
        for decryptor in self._decryptors[1:]:
            with suppress(ForgedRequest):
                found = self._open(decryptor.update(sealed))
                self._old_keys += 1
                return found
        return content

    def _open(self, plain: bytes) -> bytes:
        pad = plain[-1]
        if not 1 <= pad <= _PAD or pad > len(plain) or plain[-pad:] != bytes((pad,)) * pad:
            raise ForgedRequest("padding")
        start = _RANDOM + _LENGTH
        end = len(plain) - pad
        content_end = start + int.from_bytes(plain[_RANDOM:start], "big")
        if end < start or content_end > end:
            raise ForgedRequest("length")
        if not compare_digest(plain[content_end:end], self._owner):
            raise ForgedRequest("owner")
        return plain[start:content_end]


def _blocks(encrypt: str) -> bytes:
    try:
        sealed = binascii.a2b_base64(encrypt, strict_mode=True)
    except ValueError:
        raise ForgedRequest("base64") from None
    if not sealed or len(sealed) % _BLOCK:
        raise ForgedRequest("block")
    return sealed


def _signature(*pieces: bytes) -> bytes:
    return sha1(b"".join(sorted(pieces))).hexdigest().encode()


def _cipher(encoding_aes_key: str) -> Cipher[CBC]:
    if not _AES_KEY.fullmatch(encoding_aes_key):
        raise ValueError("an EncodingAESKey is 43 letters and digits")
    key = binascii.a2b_base64(encoding_aes_key + "=")
    return Cipher(AES256(key), CBC(key[:_BLOCK]))
