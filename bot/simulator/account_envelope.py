"""Encryption of the official account's callbacks, on the vendor's side of the wire."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from wechatpy.crypto import WeChatCrypto

from bot.simulator.envelope import Sealed
from bot.simulator.markup import document

if TYPE_CHECKING:
    from bot.simulator.account import AccountIds


class AccountEnvelope:
    """Wraps what goes to the bot and reads its passive replies.

    The keys are the account's unless a test gives others, to be refused.
    """

    def __init__(self, ids: "AccountIds", *, token: str = "", encoding_aes_key: str = "", app_id: str = "") -> None:
        self._ids = ids
        self._token = token or ids.token
        self._crypto = WeChatCrypto(self._token, encoding_aes_key or ids.encoding_aes_key, app_id or ids.app_id)

    def query(self, timestamp: str, nonce: str = "") -> dict[str, str]:
        """What every request carries: the signature over the token, the time and the nonce."""
        nonce = nonce or str(secrets.randbelow(10**10))
        joined = "".join(sorted((self._token, timestamp, nonce)))
        return {"signature": hashlib.sha1(joined.encode()).hexdigest(), "timestamp": timestamp, "nonce": nonce}

    def plain(self, fields: Mapping[str, object], openid: str, timestamp: str) -> Sealed:
        """A callback of plain mode."""
        return Sealed({**self.query(timestamp), "openid": openid}, document(fields).encode())

    def sealed(self, plaintext: str, openid: str, timestamp: str, clear: Mapping[str, object] | None = None) -> Sealed:
        """A callback of safe mode; with `clear` beside it, one of compatible mode."""
        query = self.query(timestamp)
        parts = ElementTree.fromstring(self._crypto.encrypt_message(plaintext, query["nonce"], timestamp))
        query |= {"openid": openid, "encrypt_type": "aes", "msg_signature": parts.findtext("MsgSignature", "")}
        fields = {"ToUserName": self._ids.original_id, **(clear or {}), "Encrypt": parts.findtext("Encrypt", "")}
        return Sealed(query, document(fields).encode())

    def open(self, reply: bytes) -> str:
        """The XML inside a sealed passive reply. Raises ValueError for anything but a well-sealed reply."""
        try:
            parts = ElementTree.fromstring(reply)
            timestamp, nonce = parts.findtext("TimeStamp", ""), parts.findtext("Nonce", "")
            sealed = {"Encrypt": parts.findtext("Encrypt", "")}
            return str(self._crypto.decrypt_message(sealed, parts.findtext("MsgSignature", ""), timestamp, nonce))
        except Exception as error:  # the library raises half a dozen unrelated kinds for bad input
            raise ValueError(f"unreadable passive reply: {error!r}") from error
