"""Full-width and half-width, visible and invisible: making different spellings of the same text equal."""

from __future__ import annotations

import re
import unicodedata

_LINE_BREAKS = re.compile(r"\r\n|[\r\n\u2028\u2029\u0085\x0b\x0c]")


def normalise(text: str) -> str:
    """`text` for comparing: compatibility forms folded (１２ → 12, ： → :), invisible characters gone, ends stripped.

    Line breaks become "\\n" and every other space " ". Not for text that somebody will read again.
    """
    visible = _LINE_BREAKS.sub("\n", text).translate(_VISIBLE)
    return unicodedata.normalize("NFKC", visible).translate(_VISIBLE).strip()


def fold(text: str) -> tuple[str, list[int]]:
    """`text` folded and in lower case, and for each folded character (and the end) its place in `text`."""
    folded: list[str] = []
    positions: list[int] = []
    for place, char in enumerate(text):
        for piece in _FOLDED[char]:
            folded.append(piece)
            positions.append(place)
    return "".join(folded), [*positions, len(text)]


def lines_of(text: str) -> list[str]:
    """The lines of `text`, whatever kind of line break the platform sent."""
    return _LINE_BREAKS.split(text)


class _Visible(dict[int, str]):
    """By its number: nothing for control, format and surrogate characters; one space for every kind of space.

    What was looked up once is kept: people write with a few thousand different characters.
    """

    def __missing__(self, number: int) -> str:
        char = chr(number)
        category = unicodedata.category(char)
        if category == "Zs" or char == "\t":
            visible = " "
        else:
            visible = "" if category in ("Cc", "Cf", "Cs") and char != "\n" else char
        self[number] = visible
        return visible


class _Folded(dict[str, str]):
    """A character as `fold` writes it."""

    def __missing__(self, char: str) -> str:
        plain = "\n" if _LINE_BREAKS.match(char) else char.translate(_VISIBLE)
        self[char] = folded = unicodedata.normalize("NFKC", plain).lower()
        return folded


_VISIBLE, _FOLDED = _Visible(), _Folded()
