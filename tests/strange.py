"""Strange callbacks: what a stranger can send, what a platform might one day, and what nobody should."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time
from typing import cast
from urllib.parse import quote

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.clock import ManualClock
from bot.config import OfficialAccountConfig, WeComConfig, check
from bot.errors import ForgedRequest
from bot.platforms.base import Posted, WebhookPlatform
from bot.platforms.envelope import Envelope
from bot.platforms.fields import LONGEST_TEXT
from bot.platforms.official_account.platform import OfficialAccount
from bot.platforms.wecom.platform import WeCom
from bot.update import Update

BLANK = make_mocked_request("POST", "/callback")
"""What each request is a copy of, but for its address: one from nothing costs as much as fifty callbacks."""
PAYLOADS = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LONGEST = 0.05
"""Seconds of the processor that one of them may take from everybody else."""
TOKEN, KEY = "strangeToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
IDS = {"wecom": "wwstrange", "official_account": "wxstrange"}
TOKENS = (
    *(b"]]>", b"<![CDATA[", b"<!DOCTYPE a>", b"<!ENTITY a 'b'>", b"&a;", b"&#0;", b"&#xD800;", b"\x00"),
    *(b"\xef\xbf\xbe", b"\xed\xa0\x80", b"\xff\xfe", b"\xe2\x80\xae", b"<", b">", b"{}", b"<xml>", b"</xml>"),
    *(b"<a>", b"</a>", b"<a><b><c><d><e><f><g><h><i>", b"<MsgType>", b"<Event/>", b"-1", b"9" * 40, b"1e309"),
    *(b"<MsgType><![CDATA[event]]></MsgType>", b"<Encrypt>", b"AAAA", b"=", b"%", b"+", b"\n", b" " * 50),
    *("一".encode(), "👨\u200d👩\u200d👧".encode(), b"A" * 3000, b"<b/>" * 2500),
)


@dataclass(slots=True)
class Road:
    """One platform's way in, with the keys in our hand."""

    platform: WebhookPlatform
    envelope: Envelope
    payloads: Sequence[bytes]


def roads() -> list[Road]:
    """Both platforms that call us."""
    clock = ManualClock(NOW)
    config = check(
        {
            "wecom": {"corp_id": IDS["wecom"], "agent_id": 1, "secret": "s", "token": TOKEN, "encoding_aes_key": KEY},
            "official_account": {
                "app_id": IDS["official_account"],
                "secret": "s",
                "token": TOKEN,
                "encoding_aes_key": KEY,
            },
        }
    )
    wecom = WeCom(cast(WeComConfig, config.wecom), clock)
    account = OfficialAccount(cast(OfficialAccountConfig, config.official_account), clock, b"s" * 32)
    return [
        Road(platform, Envelope(TOKEN, KEY, IDS[name]), [each.read_bytes() for each in sorted(_payloads(name))])
        for name, platform in (("wecom", wecom), ("official_account", account))
    ]


def _payloads(name: str) -> list[Path]:
    return list((PAYLOADS / name).rglob("*.xml"))


def spoiled(rng: random.Random, data: bytes) -> bytes:
    """The same with a few things wrong."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place = rng.randrange(len(changed) + 1)
        end = min(len(changed), place + rng.choice((1, 2, 10, 200)))
        match rng.randrange(6):
            case 0:
                changed[place:end] = b""
            case 1:
                changed[place:place] = rng.choice(TOKENS)
            case 2:
                changed[place:end] = rng.choice(TOKENS)
            case 3:
                changed[place:place] = changed[place:end] * rng.choice((1, 2, 20))
            case 4 if place < len(changed):
                changed[place] = rng.randrange(256)
            case _:
                changed[place:place] = rng.randbytes(rng.choice((1, 4, 40)))
    return bytes(changed)


def _sealed(road: Road, inner: bytes, timestamp: str, nonce: str) -> tuple[str, str]:
    encrypted = road.envelope.encrypt(inner)
    return encrypted, road.envelope.sign(timestamp, nonce, encrypted)


def strange(rng: random.Random, road: Road) -> tuple[bool, web.Request, bytes]:
    """(whether it is signed as it should be, the request, its body)."""
    inner, timestamp, nonce = rng.choice(road.payloads), str(int(NOW.timestamp())), str(rng.randrange(10**10))
    layer = rng.randrange(5)
    encrypted, signature = _sealed(road, spoiled(rng, inner) if layer < 2 else inner, timestamp, nonce)
    if layer == 2:
        encrypted = spoiled(rng, encrypted.encode()).decode("latin-1")
        if rng.random() < 0.7 and encrypted.isascii():
            signature = road.envelope.sign(timestamp, nonce, encrypted)
    to = IDS[road.platform.name]
    body = f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    if layer == 3:
        body = spoiled(rng, body)
    signed_as = "msg_signature"
    query = {
        signed_as: signature,
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "signature": signature,
    }
    if layer == 4:
        name = rng.choice(list(query))
        query[name] = spoiled(rng, query[name].encode()).decode("latin-1")
        if rng.random() < 0.3:
            del query[name]
    written = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    if layer == 4 and rng.random() < 0.3:
        written += "&" + written
    return layer < 2, BLANK.clone(rel_url=f"/callback?{written}"), body


def outcome(road: Road, request: web.Request, body: bytes) -> Update | None:
    """What comes of it; None for what is refused. Raises what must never be raised, AssertionError for too slow."""
    for last in (False, True):
        began = thread_time()
        (opened,) = road.platform.open([Posted(request, body)])
        took = thread_time() - began
        if took <= LONGEST:
            break
        assert not last, f"{took:.3f} s for {body[:200]!r}"
    found = None if isinstance(opened, ForgedRequest) else opened
    if found is not None:
        assert 0 < len(found.key) <= 200
        assert len(found.text) <= LONGEST_TEXT
        assert not any(ord(char) < 32 and char not in "\t\n\r" for char in found.text)
        assert found.sent_at.tzinfo is not None
    return found


def rehearse(seed: int, cases: int) -> dict[str, int]:
    """So many strange callbacks; how many were taken, and refused. What is signed as it should be is hardly refused."""
    rng, ways = random.Random(seed), roads()
    counts = {"taken": 0, "refused": 0, "signed and refused": 0}
    for _ in range(cases):
        road = rng.choice(ways)
        signed, request, body = strange(rng, road)
        found = outcome(road, request, body)
        counts["taken" if found else "refused"] += 1
        counts["signed and refused"] += signed and found is None
    return counts
