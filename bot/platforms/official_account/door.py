"""The official account's callbacks over HTTP: who calls, what is inside, and the answer in the same wrapping.

Safe mode: 消息推送加解密说明 on developers.weixin.qq.com. In compatible mode the clear fields stand beside the sealed
ones; only what was sealed counts, for nothing signs the rest.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.clock import Clock
from bot.config import OfficialAccountConfig
from bot.errors import ForgedRequest
from bot.platforms.base import Posted
from bot.platforms.envelope import Envelope, Signatures
from bot.platforms.http import Skew
from bot.platforms.parameters import Parameters
from bot.platforms.steps import each
from bot.platforms.xml import BrokenXml, Node, parse, write

STALE_AFTER = timedelta(minutes=5)
"""How far a callback's timestamp may be from the platform's time, either way."""
MOST_ECHO = 256


class Door:
    """Lets the platform in and nobody else. Everything that fails raises ForgedRequest."""

    def __init__(self, settings: OfficialAccountConfig, clock: Clock, skew: Skew) -> None:
        token, aes_key = settings.token.get_secret_value(), settings.encoding_aes_key
        self._signatures = Signatures(token)
        self._envelope = Envelope(token, aes_key.get_secret_value(), settings.app_id) if aes_key is not None else None
        self._allow_plain = settings.allow_plain
        self._clock = clock
        self._skew = skew

    def greet(self, request: web.Request) -> web.Response:
        """The answer to the console's check of the address: the echo, byte for byte."""
        given = Parameters(request)
        self._check_signature(given)
        echo = given["echostr"]
        if len(echo) > MOST_ECHO:
            raise ForgedRequest("format")
        return web.Response(
            body=echo.encode(), content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
        )

    def admit(self, posted: Sequence[Posted]) -> Sequence[tuple[bytes, bool] | ForgedRequest]:
        """The XML that the platform vouches for, and whether it came sealed; in the place of what it does not, why."""
        outer = each(lambda one: (one, Parameters(one.request), _encrypted(one.body)), posted)
        verified = each(lambda given: self._verified(*given), outer)
        encrypts = [found for found in verified if isinstance(found, str)]
        opened = iter(self._envelope.decrypt_each(encrypts) if self._envelope is not None else ())
        contents = [next(opened) if isinstance(found, str) else found for found in verified]
        return [
            content if isinstance(content, ForgedRequest) else (content, isinstance(before, str))
            for before, content in zip(verified, contents, strict=True)
        ]

    def _verified(self, posted: Posted, given: Parameters, encrypt: Node | None) -> str | bytes:
        """The cipher text that is vouched for; the XML itself where it came without."""
        if encrypt is None:
            if not self._allow_plain or given.get("encrypt_type", "raw") != "raw":
                raise ForgedRequest("plain")
            self._check_signature(given)
            return posted.body
        if self._envelope is None or not isinstance(encrypt, str):
            raise ForgedRequest("missing")
        timestamp = given["timestamp"]
        self._envelope.verify(given["msg_signature"], timestamp, given["nonce"], encrypt)
        self._check_time(timestamp)
        return encrypt

    def answer(self, fields: dict[str, str | int], *, sealed: bool) -> web.Response:
        """A passive reply in the wrapping in which the question came."""
        xml = write(fields)
        if sealed and self._envelope is not None:
            xml = self._envelope.seal(xml, str(self.now()), secrets.token_hex(8))
        return web.Response(text=xml, content_type="text/xml")

    def now(self) -> int:
        """The platform's time in whole seconds."""
        return int(self._skew.now(self._clock).timestamp())

    def _check_signature(self, given: Parameters) -> None:
        timestamp = given["timestamp"]
        self._signatures.verify(given["signature"], timestamp, given["nonce"])
        self._check_time(timestamp)

    def _check_time(self, timestamp: str) -> None:
        sent_at = datetime.fromtimestamp(int(timestamp), UTC)
        if abs(self._skew.now(self._clock) - sent_at) > STALE_AFTER:
            raise ForgedRequest("stale")


def _encrypted(body: bytes) -> Node | None:
    try:
        return parse(body).get("Encrypt")
    except BrokenXml:
        return None
