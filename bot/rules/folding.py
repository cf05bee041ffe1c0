"""Full-width and half-width, visible and invisible: making different spellings of the same text equal."""

from __future__ import annotations

import re
import unicodedata

_LINE_BREAKS = re.compile(r"\r\n|[\r\n\u2028\u2029\u0085\x0b\x0c]")


def normalise(text: str) -> str:
    """`text` for comparing: compatibility forms folded (１２ → 12, ： → :), invisible characters gone, ends stripped.

    Line breaks become "\\n" and every other space " ". Not for text that somebody will read again.
    """
    lines = _LINE_BREAKS.sub("\n", text)
    visible = "".join(map(_visible, lines))
    return "".join(map(_visible, unicodedata.normalize("NFKC", visible))).strip()


def fold(text: str) -> tuple[str, list[int]]:
    """`text` folded and in lower case, and for each folded character (and the end) its place in `text`."""
    folded: list[str] = []
    positions: list[int] = []
    for place, char in enumerate(text):
        plain = "\n" if _LINE_BREAKS.match(char) else _visible(char)
        for piece in unicodedata.normalize("NFKC", plain).lower():
            folded.append(piece)
            positions.append(place)
    return "".join(folded), [*positions, len(text)]


def lines_of(text: str) -> list[str]:
    """The lines of `text`, whatever kind of line break the platform sent."""
    return _LINE_BREAKS.split(text)


def _visible(char: str) -> str:
    """Nothing for control, format and surrogate characters; the same space for every kind of space."""
    if char == "\n":
        return char
    category = unicodedata.category(char)
    if category == "Zs" or char == "\t":
        return " "
    return "" if category in ("Cc", "Cf", "Cs") else char
