"""Residents' questions, sealed as the official account seals them, and what stands in the sealed answers."""

import itertools
import re
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree import ElementTree

from bot.simulator.account import AccountIds
from bot.simulator.account_envelope import AccountEnvelope
from bot.simulator.markup import document

PATH = "/official-account/callback"
_PLACES = ("一号楼", "东门", "地下车库", "活动室", "南广场", "七单元", "幼儿园门口", "菜场边上")
_TROUBLES = (
    "电梯停了没人修",
    "路灯不亮",
    "下水道堵了",
    "墙面漏水",
    "健身器材松了",
    "垃圾没有清运",
    "门禁刷不开",
    "井盖响",
)
_NUMBER = re.compile(r"\bQ(\d+)")


class Questions:
    """Makes requests, each of another resident, and reads the answers."""

    def __init__(self) -> None:
        self._ids = AccountIds()
        self._envelope = AccountEnvelope(self._ids)
        self._numbers = itertools.count(1)

    def ask(self, count: int) -> list[bytes]:
        """So many new questions, each in words of its own."""
        return [self._ask(next(self._numbers)) for _ in range(count)]

    def number(self, body: bytes) -> int | None:
        """The number that a sealed answer names; None where there is none. Raises ValueError for a broken seal."""
        named = _NUMBER.search(ElementTree.fromstring(self._envelope.open(body)).findtext("Content", ""))
        return int(named[1]) if named else None

    def _ask(self, number: int) -> bytes:
        now, openid = str(int(datetime.now(UTC).timestamp())), f"oAbc_resident_{number:014}"
        place, trouble = _PLACES[number % len(_PLACES)], _TROUBLES[number // len(_PLACES) % len(_TROUBLES)]
        plain = {
            "ToUserName": self._ids.original_id,
            "FromUserName": openid,
            "CreateTime": now,
            "MsgType": "text",
            "Content": f"{place}{trouble}，已经{1 + number % 30}天了，请问什么时候能处理？",
            "MsgId": 7_000_000_000_000 + number,
        }
        sealed = self._envelope.sealed(document(plain), openid, now)
        return (
            f"POST {PATH}?{urlencode(sealed.query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(sealed.body)}\r\n\r\n"
        ).encode() + sealed.body
