"""Residents' questions, sealed as the official account seals them, and what stands in the sealed answers."""

import itertools
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

from benchmarks.figures import Wrong
from benchmarks.place import looking
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
    """Makes requests, each of another resident, and keeps what was answered to them."""

    def __init__(self) -> None:
        self._ids = AccountIds()
        self._envelope = AccountEnvelope(self._ids)
        self._numbers = itertools.count(1)
        self._words: dict[bytes, str] = {}
        self._answers: dict[bytes, bytes] = {}

    def ask(self, count: int) -> list[bytes]:
        """So many new questions."""
        return [self._ask(next(self._numbers)) for _ in range(count)]

    def answered(self, request: bytes, body: bytes) -> None:
        """Keeps the answer. Raises Wrong where the same request was answered in other words before."""
        before = self._answers.setdefault(request, body)
        if before is not body and self._content(before) != self._content(body):
            raise Wrong("a question that was sent twice was answered in two ways")

    def compare_with(self, database: Path) -> None:
        """Every answer names a question of its own, which has the words that were sent, and there are no others.

        Raises Wrong.
        """
        with looking(database) as rows:
            found = dict(rows.execute("SELECT id, words FROM question"))
            (lines,) = rows.execute("SELECT count(*) FROM entry WHERE kind = 'asked'").fetchone()
            (residents,) = rows.execute("SELECT count(*) FROM resident").fetchone()
            (cards,) = rows.execute("SELECT count(*) FROM message WHERE kind = 'question_card'").fetchone()
        named: dict[int, str] = {}
        for request, body in self._answers.items():
            number = _NUMBER.search(self._content(body))
            if number is None:
                raise Wrong("an answer names no question")
            named[int(number[1])] = self._words[request]
        counts = {len(self._answers), len(found), lines, residents, cards}
        if named != found or len(counts) != 1:
            raise Wrong(
                f"{len(self._answers)} answers name {len(named)} questions, but the file has {len(found)} with {lines}"
                f" first lines of {residents} residents and {cards} cards, or other words"
            )

    def _content(self, body: bytes) -> str:
        try:
            return ElementTree.fromstring(self._envelope.open(body)).findtext("Content", "")
        except ValueError as error:
            raise Wrong(f"an answer whose seal is broken: {error}") from None

    def _ask(self, number: int) -> bytes:
        now, openid = str(int(datetime.now(UTC).timestamp())), f"oAbc_resident_{number:014}"
        place, trouble = _PLACES[number % len(_PLACES)], _TROUBLES[number // len(_PLACES) % len(_TROUBLES)]
        words = f"{place}{trouble}，已经{1 + number % 30}天了，请问什么时候能处理？第{number}次反映。"
        plain = {
            "ToUserName": self._ids.original_id,
            "FromUserName": openid,
            "CreateTime": now,
            "MsgType": "text",
            "Content": words,
            "MsgId": 7_000_000_000_000 + number,
        }
        sealed = self._envelope.sealed(document(plain), openid, now)
        request = (
            f"POST {PATH}?{urlencode(sealed.query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(sealed.body)}\r\n\r\n"
        ).encode() + sealed.body
        self._words[request] = words
        return request
