"""The sealed envelope: published examples, an independent counterpart, and everything forged."""

import binascii

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.errors import ForgedRequest
from bot.platforms.envelope import Envelope
from bot.platforms.xml import parse

TOKEN = "BranchTok1"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CORP = "ww00branchbot00"
AT, NONCE = "1790000000", "nonce42"
RANDOM = b"0123456789abcdef"

EXAMPLES = [
    pytest.param(
        CORP,
        "echo-5566",
        "Q3stYC6hdFzMh9T8HCvyDMyIClqYz84bQ1RIIhSvEOL95bx+9JAFiCS8N/ry9bdpv4gtDS6+nFfy91CHqROqkQ==",
        "f3e607cf7c8b4e73880e0537f7e80548489cedc8",
        id="echo",
    ),
    pytest.param(
        CORP,
        "<xml><ToUserName><![CDATA[ww00branchbot00]]></ToUserName><Content><![CDATA[党课通知]]></Content></xml>",
        "Q3stYC6hdFzMh9T8HCvyDH/nhBMyKPD+3NDpWboflV5U7o0uWyTMfBFmj1HSKYkMu402Y+00BvQg+qXmODuNymo2HQmS3UehHcYaxkO3aFyGc13W"
        "Rm1gIz7/oJLoTjWTEQ/grATShbYlgUvCQhWWcv0hrgR2qvlnUgy4+gDXm5Ac/XmcpqJYw5VJDPhXijNqP3q23XKCpBw3CaV2aSGU9g==",
        "47f13981dcf3da9146ae6f2e6cd3583507b978d7",
        id="message",
    ),
    pytest.param(
        "",
        '{"msgid":"m1","msgtype":"text"}',
        "Q3stYC6hdFzMh9T8HCvyDJcjUUIOJ+TuTiIaNXfj3NhPWjshf1dwvcXIkt6TjQclDfqjf7mRifCBxSGPo/zn7g==",
        "2d6a0d7c24e34bffa21cec42b6911c0597701e08",
        id="smart robot",
    ),
]


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(TOKEN, AES_KEY, CORP)


@pytest.mark.parametrize(("owner", "content", "encrypt", "signature"), EXAMPLES)
def test_published_examples(owner: str, content: str, encrypt: str, signature: str) -> None:
    envelope = Envelope(TOKEN, AES_KEY, owner)
    assert envelope.encrypt(content.encode(), RANDOM) == encrypt
    assert envelope.sign(AT, NONCE, encrypt) == signature
    envelope.verify(signature, AT, NONCE, encrypt)
    assert envelope.decrypt(encrypt).decode() == content


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 682 * 3, 200_000])
def test_every_length_comes_back(envelope: Envelope, length: int) -> None:
    content = b"\xe5\x85\x9a"[: length % 3 or 3] * (length // 3 + 1)
    assert envelope.decrypt(envelope.encrypt(content[:length])) == content[:length]


@pytest.mark.faults("UPG12")
def test_wechatpy_opens_what_we_seal(envelope: Envelope) -> None:
    sealed = envelope.seal("<xml><Content>你好，]]></Content></xml>", AT, NONCE)
    outer = parse(sealed.encode())
    signature, timestamp, nonce = outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"]
    opened = WeChatCrypto(TOKEN, AES_KEY, CORP).decrypt_message(sealed, signature, timestamp, nonce)
    assert opened == "<xml><Content>你好，]]></Content></xml>"


@pytest.mark.faults("UPG12")
def test_we_open_what_wechatpy_seals(envelope: Envelope) -> None:
    sealed = WeChatCrypto(TOKEN, AES_KEY, CORP).encrypt_message("<xml>党课 👩‍👩‍👧</xml>", NONCE, AT)
    outer = {name: str(value) for name, value in parse(sealed.encode()).items()}
    envelope.verify(outer["MsgSignature"], AT, NONCE, outer["Encrypt"])
    assert envelope.decrypt(outer["Encrypt"]).decode() == "<xml>党课 👩‍👩‍👧</xml>"


GOOD = "f3e607cf7c8b4e73880e0537f7e80548489cedc8"


@pytest.mark.faults("CB8", "CB9")
@pytest.mark.parametrize(
    ("signature", "timestamp", "nonce", "why"),
    [
        ("", AT, NONCE, "format"),
        (GOOD[:-1], AT, NONCE, "format"),
        (GOOD + "0", AT, NONCE, "format"),
        (GOOD + "\n", AT, NONCE, "format"),
        (GOOD.replace("f", "é"), AT, NONCE, "format"),
        ("g" * 40, AT, NONCE, "format"),
        (GOOD.upper(), AT, NONCE, "format"),
        (GOOD[:-1] + "9", AT, NONCE, "signature"),
        (GOOD, "", NONCE, "format"),
        (GOOD, "179000000", NONCE, "format"),
        (GOOD, "17900000000", NONCE, "format"),
        (GOOD, "-790000000", NONCE, "format"),
        (GOOD, "1790000000\n", NONCE, "format"),
        (GOOD, "１７９０００００００", NONCE, "format"),
        (GOOD, "1790000001", NONCE, "signature"),
        (GOOD, AT, "", "format"),
        (GOOD, AT, "a b", "format"),
        (GOOD, AT, "n" * 65, "format"),
        (GOOD, AT, "é", "format"),
        (GOOD, AT, "nonce43", "signature"),
    ],
)
def test_a_wrong_seal_is_refused(envelope: Envelope, signature: str, timestamp: str, nonce: str, why: str) -> None:
    encrypt = envelope.encrypt(b"echo-5566", RANDOM)
    with pytest.raises(ForgedRequest) as refused:
        envelope.verify(signature, timestamp, nonce, encrypt)
    assert refused.value.why == why


@pytest.mark.faults("CB9")
def test_the_border_between_timestamp_and_nonce_cannot_move(envelope: Envelope) -> None:
    envelope.verify(envelope.sign("1700000000", "99", "x"), "1700000000", "99", "x")
    shifted = envelope.sign("170000000099", "", "x")
    with pytest.raises(ForgedRequest):
        envelope.verify(shifted, "170000000099", "", "x")


def _sealed(plain: bytes) -> str:
    """Any plain bytes, padded or not, under the same key: what only a holder of the key could make."""
    whole = Envelope(TOKEN, AES_KEY, CORP)
    encryptor = whole._cipher.encryptor()
    return binascii.b2a_base64(encryptor.update(plain) + encryptor.finalize(), newline=False).decode()


def _plain(content: bytes = b"hi", owner: bytes = CORP.encode(), length: int | None = None) -> bytes:
    return RANDOM + (len(content) if length is None else length).to_bytes(4, "big") + content + owner


def _padded(plain: bytes, pad: int | None = None, with_byte: int | None = None) -> bytes:
    size = pad if pad is not None else 32 - len(plain) % 32
    return plain + bytes([with_byte if with_byte is not None else size]) * size


@pytest.mark.faults("CB13")
@pytest.mark.parametrize(
    ("encrypt", "why"),
    [
        ("", "block"),
        ("not base64", "base64"),
        ("Q3st*C6h", "base64"),
        ("Q3stYC6hdFz", "base64"),
        ("党课", "base64"),
        ("QUJD", "block"),
        (_sealed(b"\x00" * 16), "padding"),
        (_sealed(b"\x21" * 64), "padding"),
        (_sealed(_padded(_plain(), with_byte=0)), "padding"),
        (_sealed(_padded(_plain(), with_byte=33)), "padding"),
        (_sealed(_padded(_plain())[:-2] + bytes([1, 27])), "padding"),
        (_sealed(b"\x20" * 32), "length"),
        (_sealed(b"\x10" * 16), "length"),
        (_sealed(_padded(_plain(length=2**32 - 1))), "length"),
        (_sealed(_padded(_plain(length=18))), "length"),
        (_sealed(_padded(_plain(length=17))), "owner"),
        (_sealed(_padded(_plain(length=1))), "owner"),
    ],
)
def test_a_broken_content_is_refused(envelope: Envelope, encrypt: str, why: str) -> None:
    with pytest.raises(ForgedRequest) as refused:
        envelope.decrypt(encrypt)
    assert refused.value.why == why


@pytest.mark.faults("CB12")
@pytest.mark.parametrize(
    "owner", ["", "ww00branchbot01", "ww00branchbot0", "WW00BRANCHBOT00", "ww00branchbot00x", "党"]
)
def test_a_foreign_owner_is_refused(envelope: Envelope, owner: str) -> None:
    with pytest.raises(ForgedRequest) as refused:
        envelope.decrypt(Envelope(TOKEN, AES_KEY, owner).encrypt(b"hi"))
    assert refused.value.why == "owner"


@pytest.mark.faults("TOK12")
def test_former_keys_are_accepted_and_counted() -> None:
    old = Envelope("OldTok", "Z" * 42 + "A", CORP)
    new = Envelope(TOKEN, AES_KEY, CORP, previous=[("OldTok", "Z" * 42 + "A")])
    encrypt = old.encrypt(b"hi")
    new.verify(old.sign(AT, NONCE, encrypt), AT, NONCE, encrypt)
    assert new.decrypt(encrypt) == b"hi"
    assert new.old_uses == 2
    fresh = new.encrypt(b"hi")
    Envelope(TOKEN, AES_KEY, CORP).verify(new.sign(AT, NONCE, fresh), AT, NONCE, fresh)
    assert new.decrypt(fresh) == b"hi"
    assert new.old_uses == 2
    with pytest.raises(ForgedRequest):
        new.decrypt(Envelope(TOKEN, "Y" * 42 + "A", CORP).encrypt(b"hi"))


@pytest.mark.faults("TOK9")
def test_the_keys_do_not_show(envelope: Envelope) -> None:
    assert TOKEN not in repr(envelope)
    with pytest.raises(ValueError, match="43") as wrong:
        Envelope(TOKEN, "short-key", CORP)
    assert "short-key" not in str(wrong.value)
