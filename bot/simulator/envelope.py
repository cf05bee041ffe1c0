"""Encryption of callbacks, on the vendor's side of the wire."""

import secrets
from dataclasses import dataclass
from xml.etree import ElementTree

from wechatpy.enterprise.crypto import WeChatCrypto

from bot.simulator.corp import Corp
from bot.simulator.markup import document


@dataclass(frozen=True, slots=True)
class Sealed:
    """A callback request ready to be posted: its query string's fields and its body."""

    query: dict[str, str]
    body: bytes


class Envelope:
    """Seals what goes to the bot and opens its passive replies.

    The keys are the corporation's unless a test gives others, to be refused.
    """

    def __init__(self, corp: Corp, *, token: str = "", encoding_aes_key: str = "", receive_id: str = "") -> None:
        self._corp = corp
        self._crypto = WeChatCrypto(
            token or corp.token, encoding_aes_key or corp.encoding_aes_key, receive_id or corp.corp_id
        )

    def encrypt(self, text: str, timestamp: str, nonce: str) -> tuple[str, str]:
        """The cipher text (base64) and its signature."""
        parts = ElementTree.fromstring(self._crypto.encrypt_message(text, nonce, timestamp))
        return parts.findtext("Encrypt", ""), parts.findtext("MsgSignature", "")

    def seal(self, plaintext: str, timestamp: str, nonce: str = "") -> Sealed:
        """A callback around this XML; the nonce is random unless given."""
        nonce = nonce or str(secrets.randbelow(10**10))
        cipher, signature = self.encrypt(plaintext, timestamp, nonce)
        body = document({"ToUserName": self._corp.corp_id, "AgentID": str(self._corp.agent_id), "Encrypt": cipher})
        return Sealed({"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}, body.encode())

    def echo(self, text: str, timestamp: str, nonce: str = "") -> dict[str, str]:
        """The query of the address check that the console does."""
        nonce = nonce or str(secrets.randbelow(10**10))
        cipher, signature = self.encrypt(text, timestamp, nonce)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": cipher}

    def open(self, reply: bytes) -> str:
        """The XML inside a passive reply. Raises ValueError for anything but a well-sealed reply."""
        try:
            parts = ElementTree.fromstring(reply)
            timestamp, nonce = parts.findtext("TimeStamp", ""), parts.findtext("Nonce", "")
            signature = parts.findtext("MsgSignature", "")
            sealed = {"Encrypt": parts.findtext("Encrypt", "")}
            return str(self._crypto.decrypt_message(sealed, signature, timestamp, nonce))
        except Exception as error:  # the library raises half a dozen unrelated kinds for bad input
            raise ValueError(f"unreadable passive reply: {error!r}") from error
