"""Callbacks made beforehand, sealed as the platform seals them: as bytes, ready to be sent."""

import itertools
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from benchmarks.place import user_id
from bot.platforms.envelope import Envelope
from bot.simulator.corp import Corp
from bot.simulator.markup import document

CORP = Corp()
PATH = "/wecom/callback"
PER_SECOND = 2000
"""So many of them carry the same `CreateTime`, which has whole seconds: about what comes in while they are sent."""
PER_CALL = 1000
"""So many members got the card by the same request, and with the same task id."""
CODES = "code"
"""How the codes of these clicks begin."""
WORDS_SHARE = 0.25
"""So many of those who acknowledge write `收到 12`; the others press the button."""


class Callbacks:
    """Makes requests. Every one is a message or an event of its own."""

    def __init__(self) -> None:
        self._envelope = Envelope(CORP.token, CORP.encoding_aes_key, CORP.corp_id)
        self._first = 7_000_000_000_000
        self._numbers = itertools.count(self._first)
        self._began = int(datetime.now(UTC).timestamp())

    def acknowledgements(self, pairs: Sequence[tuple[int, int]], chance: random.Random) -> list[bytes]:
        """One for each (item, member): a click on the card, or words."""
        return [
            self.words(member, f"收到 {item}") if chance.random() < WORDS_SHARE else self.click(member, f"ack:{item}")
            for item, member in pairs
        ]

    def click(self, member: int, key: str) -> bytes:
        """A press of a card's button."""
        number = next(self._numbers)
        return self._post(
            member,
            "event",
            [
                ("Event", "template_card_event"),
                ("EventKey", key),
                ("TaskId", f"c{key.replace(':', '-')}-{member // PER_CALL}"),
                ("CardType", "button_interaction"),
                ("ResponseCode", f"{CODES}{number:>032}"),
            ],
        )

    def words(self, member: int, text: str) -> bytes:
        """A text message."""
        return self._post(member, "text", [("Content", text), ("MsgId", next(self._numbers))])

    def forged(self, member: int, key: str) -> bytes:
        """A click whose signature is not ours."""
        head, mark, rest = self.click(member, key).partition(b"msg_signature=")
        return head + mark + b"0" * 40 + rest[40:]

    def _post(self, member: int, kind: str, fields: Iterable[tuple[str, object]]) -> bytes:
        number, seconds = next(self._numbers), int(datetime.now(UTC).timestamp())
        created = max(seconds, self._began + (number - self._first) // (2 * PER_SECOND))  # each takes two numbers
        head = [("ToUserName", CORP.corp_id), ("FromUserName", user_id(member)), ("CreateTime", created)]
        plain = document(dict([*head, ("MsgType", kind), *fields, ("AgentID", CORP.agent_id)]))
        encrypt, nonce, now = self._envelope.encrypt(plain.encode()), str(number), str(seconds)
        query = urlencode({"msg_signature": self._envelope.sign(now, nonce, encrypt), "timestamp": now, "nonce": nonce})
        body = document({"ToUserName": CORP.corp_id, "AgentID": str(CORP.agent_id), "Encrypt": encrypt}).encode()
        return (
            f"POST {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
