"""Cutting words to what a network shows, never inside a character that people see as one."""

import re
import unicodedata
from collections.abc import Callable, Iterator

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
_JOINER = "\u200d"
_REGIONAL = ("\U0001f1e6", "\U0001f1ff")
_SKIN = ("\U0001f3fb", "\U0001f3ff")
_TAGS = ("\U000e0020", "\U000e007f")
ELLIPSIS = "…"


def clean(text: str) -> str:
    """The text without what JSON would have to escape or UTF-8 cannot hold; line ends become line feeds."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain(text: str) -> str:
    """As `clean`, and what Tencent's text messages would read as a link made harmless."""
    return _MARKUP.sub("＜", clean(text))


def cut_characters(text: str, limit: int) -> str:
    """At most `limit` code points; what was cut ends with an ellipsis that counts."""
    return text if len(text) <= limit else _cut(text, limit - len(ELLIPSIS), len)


def cut_bytes(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8; what was cut ends with an ellipsis that counts."""
    return text if _size(text) <= limit else _cut(text, limit - _size(ELLIPSIS), _size)


def characters(text: str) -> Iterator[str]:
    """The text in the pieces that people see as one character: an emoji with all its joiners, a letter with accents."""
    start, flags = 0, 0
    for i, char in enumerate(text):
        flag = _REGIONAL[0] <= char <= _REGIONAL[1]
        if i and not _belongs(text[i - 1], char) and not (flag and flags % 2):
            yield text[start:i]
            start, flags = i, 0
        flags = flags + 1 if flag else 0
    if text:
        yield text[start:]


def _belongs(before: str, char: str) -> bool:
    """Whether `char` is drawn into the one before it."""
    if char < "\u0300":
        return False
    return (
        before == _JOINER
        or char == _JOINER
        or _SKIN[0] <= char <= _SKIN[1]
        or _TAGS[0] <= char <= _TAGS[1]
        or unicodedata.category(char)[0] == "M"
    )


def _size(text: str) -> int:
    return len(text.encode("utf-8", "ignore"))


def _cut(text: str, room: int, measure: Callable[[str], int]) -> str:
    kept, used = [], 0
    for piece in characters(text):
        used += measure(piece)
        if used > room:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + ELLIPSIS
