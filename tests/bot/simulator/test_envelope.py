import struct
from base64 import b64decode, b64encode
from hashlib import sha1

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.simulator.corp import Corp
from bot.simulator.envelope import Envelope
from bot.simulator.markup import document

CORP = Corp()
TIMESTAMP, NONCE = "1790000000", "nonce42"

VECTORS = [
    (
        "echo-5566",
        "Q3stYC6hdFzMh9T8HCvyDMyIClqYz84bQ1RIIhSvEOL95bx+9JAFiCS8N/ry9bdpv4gtDS6+nFfy91CHqROqkQ==",
        "f3e607cf7c8b4e73880e0537f7e80548489cedc8",
    ),
    (
        "<xml><ToUserName><![CDATA[ww00branchbot00]]></ToUserName><Content><![CDATA[党课通知]]></Content></xml>",
        "Q3stYC6hdFzMh9T8HCvyDH/nhBMyKPD+3NDpWboflV5U7o0uWyTMfBFmj1HSKYkMu402Y+00BvQg+qXmODuNymo2HQmS3UehHcYaxkO3aFyG"
        "c13WRm1gIz7/oJLoTjWTEQ/grATShbYlgUvCQhWWcv0hrgR2qvlnUgy4+gDXm5Ac/XmcpqJYw5VJDPhXijNqP3q23XKCpBw3CaV2aSGU9g==",
        "47f13981dcf3da9146ae6f2e6cd3583507b978d7",
    ),
]


@pytest.mark.parametrize(("message", "cipher", "signature"), VECTORS)
def test_published_vectors_are_opened(message: str, cipher: str, signature: str) -> None:
    reply = document({"Encrypt": cipher, "MsgSignature": signature, "TimeStamp": int(TIMESTAMP), "Nonce": NONCE})
    assert Envelope(CORP).open(reply.encode()) == message


@pytest.mark.parametrize(("message", "cipher", "signature"), VECTORS)
def test_the_reference_below_agrees_with_the_vectors(message: str, cipher: str, signature: str) -> None:
    assert _sealed(message, b"0123456789abcdef") == (cipher, signature)


@pytest.mark.parametrize("message", ["", "短", "长" * 700, "<xml>]]></xml>"])
def test_what_is_sealed_is_what_an_independent_reader_finds(message: str) -> None:
    cipher, signature = Envelope(CORP).encrypt(message, TIMESTAMP, NONCE)
    plain = _decrypted(cipher)
    assert _sealed(message, plain[:16]) == (cipher, signature)


def test_the_envelope_names_the_corporation_and_the_app() -> None:
    sealed = Envelope(CORP).seal("<xml></xml>", TIMESTAMP, NONCE)
    assert sealed.query.keys() == {"msg_signature", "timestamp", "nonce"}
    assert b"<ToUserName><![CDATA[ww00branchbot00]]></ToUserName>" in sealed.body
    assert b"<AgentID><![CDATA[1000002]]></AgentID>" in sealed.body


@pytest.mark.parametrize("spoilt", [b"", b"success", b"<xml></xml>", b"\xff", b"<xml><Encrypt>!!</Encrypt></xml>"])
def test_anything_else_is_unreadable(spoilt: bytes) -> None:
    with pytest.raises(ValueError, match="unreadable passive reply"):
        Envelope(CORP).open(spoilt)


def test_a_reply_for_another_corporation_is_unreadable() -> None:
    foreign = Envelope(CORP, receive_id="ww-other")
    cipher, signature = foreign.encrypt("<xml/>", TIMESTAMP, NONCE)
    reply = document({"Encrypt": cipher, "MsgSignature": signature, "TimeStamp": int(TIMESTAMP), "Nonce": NONCE})
    with pytest.raises(ValueError, match="unreadable passive reply"):
        Envelope(CORP).open(reply.encode())


def _aes() -> Cipher[modes.CBC]:
    key = b64decode(CORP.encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _sealed(message: str, random: bytes) -> tuple[str, str]:
    """The vendor's scheme, written down once more from its description."""
    body = message.encode()
    plain = random + struct.pack(">I", len(body)) + body + CORP.corp_id.encode()
    padding = 32 - len(plain) % 32
    encryptor = _aes().encryptor()
    cipher = b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()
    return cipher, sha1("".join(sorted([CORP.token, TIMESTAMP, NONCE, cipher])).encode()).hexdigest()


def _decrypted(cipher: str) -> bytes:
    decryptor = _aes().decryptor()
    return decryptor.update(b64decode(cipher)) + decryptor.finalize()
