"""Where the next page of a list begins, as a text that means nothing to whoever holds it."""

import base64
import hashlib

LENGTH = 24
PATTERN = rf"^[A-Za-z0-9_-]{{{LENGTH}}}$"
MOST = 2**63 - 1
_ID_BYTES, _MARK_BYTES = 8, 10


class ForeignCursor(ValueError):
    """A cursor of another list, or no cursor at all."""


def cursor(of_list: str, last_id: int) -> str:
    """The page after the row `last_id` of a list; the list's name includes its filters.

    The mark is no secret, for every page may be read anyway: it tells a cursor of this list from any other text.
    """
    place = last_id.to_bytes(_ID_BYTES, "big")
    mark = hashlib.blake2b(of_list.encode(), key=place, digest_size=_MARK_BYTES).digest()
    return base64.urlsafe_b64encode(place + mark).decode()


def last_id_of(of_list: str, text: str) -> int:
    """The row that the page before ended with. Raises ForeignCursor."""
    try:
        last_id = int.from_bytes(base64.urlsafe_b64decode(text.encode("ascii"))[:_ID_BYTES], "big")
    except ValueError:
        raise ForeignCursor from None
    if last_id > MOST or cursor(of_list, last_id) != text:
        raise ForeignCursor
    return last_id
