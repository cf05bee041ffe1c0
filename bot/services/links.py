"""The links in messages: they name the item, never the person, and cannot be guessed."""

import base64
import hashlib
import hmac

TOKEN_BYTES = 20


class Links:
    """Makes and reads the tokens of item pages. `enabled` is off where no browser could be told who it is."""

    def __init__(self, public_url: str, secret: bytes, *, enabled: bool) -> None:
        self._base = public_url.rstrip("/")
        self._secret = hmac.digest(secret, b"item page", hashlib.sha256)
        self.enabled = enabled

    def token(self, item_id: int) -> str:
        """160 bits of an HMAC over the item, its number in front."""
        mark = hmac.digest(self._secret, str(item_id).encode(), hashlib.sha256)[:TOKEN_BYTES]
        return f"{item_id}-{base64.b32encode(mark).decode().lower()}"

    def item_of(self, token: str) -> int | None:
        """The item that a token names; None for any other text."""
        number = token.partition("-")[0]
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            return None
        item_id = int(number)
        right = hmac.compare_digest(token.encode(errors="replace"), self.token(item_id).encode())
        return item_id if right else None

    def item_url(self, item_id: int) -> str:
        """The page of an item; "" where pages are off."""
        return f"{self._base}/i/{self.token(item_id)}" if self.enabled else ""

    def sheet_url(self, item_id: int) -> str:
        """The list of an item to be signed on paper; "" where pages are off."""
        return f"{self.item_url(item_id)}/sheet" if self.enabled else ""
