"""The fields of a decrypted callback: whatever stands in them, reading them never fails."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from bot.errors import ForgedRequest
from bot.platforms.xml import BrokenXml, Node, parse

LONGEST_TEXT = 20_000
"""Characters of what somebody says; no platform lets people write so much."""


def read_fields(xml: bytes) -> dict[str, Node]:
    """The fields by name; none for what is no XML.

    Raises ForgedRequest only for bytes that are not UTF-8, for a document type and for XML beyond all bounds.
    """
    try:
        return parse(xml)
    except BrokenXml:
        pass
    try:
        xml.decode()
    except UnicodeDecodeError:
        raise ForgedRequest("encoding") from None
    return {}


def text_of(fields: dict[str, Node], name: str) -> str:
    """The element's text; "" when it is missing, doubled or holds elements."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def texts_of(fields: dict[str, Node]) -> dict[str, str]:
    """The elements that are there once and hold text alone."""
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def flat(node: Node) -> str:
    """All of it as one text, different for different contents: what a key is made of."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "\x1e".join(map(flat, node))
    return "\x1d".join(f"{name}={flat(value)}" for name, value in sorted(node.items()))


def leaves(path: str, node: Node) -> Iterator[tuple[str, str]]:
    """What is nested by path ("BatchJob.JobId"); repeated texts joined by commas."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, list):
        yield path, ",".join(item for item in node if isinstance(item, str))
    else:
        for name, value in node.items():
            yield from leaves(f"{path}.{name}", value)


def instant(created: str, now: datetime) -> datetime:
    """`CreateTime` as an instant; `now` when it is missing or absurd."""
    return _instant(created) or now


@lru_cache(maxsize=64)  # it has whole seconds: what comes together names the same few
def _instant(created: str) -> datetime | None:
    if len(created) <= 10 and created.isascii() and created.isdigit():
        return datetime.fromtimestamp(int(created), UTC)
    return None


def update_key(parts: Sequence[str], created: str) -> str:
    """What tells an update from every other: 32 hexadecimal digits, of which eight are `CreateTime`.

    The time comes first: what arrives together then lies together in the database's index. Control characters are gone
    from all values, so the separator cannot be forged.
    """
    seconds = int(created) if len(created) <= 10 and created.isascii() and created.isdigit() else 0
    return f"{seconds:08x}"[:8] + sha256("\x1f".join(parts).encode()).hexdigest()[:24]
