"""Text for people and platforms: fitting it into a limit without breaking a character, and keeping it harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

_ZWJ = "\u200d"
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters; tab and line breaks stay
    "\u202a-\u202e\u2066-\u2069"  # marks that turn the reading direction of what follows
    "\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ud800-\udfff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
_LINE_BREAK = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_SMALLEST_LIMIT = 4  # bytes: one character of UTF-8


def clean(text: str) -> str:
    """`text` without what no person typed: control characters, NUL, lone surrogates, non-characters, direction marks.

    What is left is allowed in XML and JSON. Line breaks become "\\n"; emoji sequences stay whole.
    """
    return _HARMFUL.sub("", _LINE_BREAK.sub("\n", text))


def cut_bytes(text: str, limit: int, ending: str = "…") -> str:
    """`text` in at most `limit` bytes of UTF-8, `ending` in place of what was cut off (nothing if not even it fits)."""
    return _cut(text, limit, ending, byte_length)


def cut_chars(text: str, limit: int, ending: str = "…") -> str:
    """`text` in at most `limit` code points, `ending` in place of what was cut off."""
    return _cut(text, limit, ending, len)


def split_bytes(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` bytes of UTF-8, cut between lines where possible; no piece is empty.

    A line break at a cut is dropped. Raises ValueError for a limit that one character may not fit into.
    """
    if limit < _SMALLEST_LIMIT:
        raise ValueError(f"a limit of {limit} bytes is too small")
    pieces: list[str] = []
    piece = ""
    for line in text.split("\n"):
        joined = f"{piece}\n{line}"
        if piece and byte_length(joined) <= limit:
            piece = joined
            continue
        pieces.append(piece)
        *whole, piece = _broken(line, limit)
        pieces.extend(whole)
    pieces.append(piece)
    return [stripped for each in pieces if (stripped := each.strip("\n"))]


def bar(done: int, total: int, width: int = 10) -> str:
    """A bar for a chat message: `▓▓▓▓░░░░░░ 38%`. Full and 100 % only when all are done, empty only when nobody is."""
    done = min(max(done, 0), max(total, 0))
    filled, percent = (_share(done, total, of) for of in (width, 100))
    return f"{'▓' * filled}{'░' * (width - filled)} {percent}%"


def byte_length(text: str) -> int:
    """The length of `text` in UTF-8; a lone surrogate counts as the three bytes of what replaces it."""
    return len(text.encode("utf-8", "surrogatepass"))


def characters(text: str) -> Iterator[str]:
    """What a reader takes for one character: a letter with its marks, an emoji sequence, a flag."""
    start = 0
    for place in range(1, len(text)):
        if not _belongs_together(text, start, place):
            yield text[start:place]
            start = place
    if text:
        yield text[start:]


def _belongs_together(text: str, start: int, place: int) -> bool:
    char, before = text[place], text[place - 1]
    if before == _ZWJ or char == _ZWJ or (before == "\r" and char == "\n"):
        return True
    if unicodedata.category(char).startswith("M") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    if "\U000e0020" <= char <= "\U000e007f" or "\u1160" <= char <= "\u11ff":  # tags of a flag; Hangul vowels, finals
        return True
    return _is_flag_letter(char) and place - start == 1 and _is_flag_letter(before)


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _cut(text: str, limit: int, ending: str, measure: Callable[[str], int]) -> str:
    if measure(text) <= limit:
        return text
    room = limit - measure(ending)
    if room < 0:
        ending, room = "", limit
    kept: list[str] = []
    for character in characters(text):
        room -= measure(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + ending


def _broken(line: str, limit: int) -> list[str]:
    """One line in pieces that fit, at least one. Only a character longer than the limit is itself broken."""
    pieces = [""]
    for character in characters(line):
        for unit in [character] if byte_length(character) <= limit else character:
            if byte_length(pieces[-1]) + byte_length(unit) > limit:
                pieces.append("")
            pieces[-1] += unit
    return pieces


def _share(done: int, total: int, of: int) -> int:
    """`done` of `total`, as so many `of` a whole: rounded, but 0 and all are never rounded to."""
    if total <= 0 or done <= 0:
        return 0
    if done >= total:
        return of
    return min(max(round(done * of / total), 1), of - 1)
