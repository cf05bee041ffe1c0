"""How long it takes to read something, for saying how much is asked of people."""

from __future__ import annotations

import re
from collections.abc import Iterable

CHARACTERS_A_MINUTE = 350
"""Chinese characters that somebody reads in a minute; between three and four hundred is usual."""
WORD = 1.5
"""A word of letters, or a number, takes as long as so many characters."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_WORDS = re.compile(r"[0-9A-Za-z\u00c0-\u024f]+(?:['’.-][0-9A-Za-z\u00c0-\u024f]+)*")


def minutes_of(*texts: str) -> int:
    """Whole minutes, rounded up; at least one, for nothing is read in no time."""
    weight = sum(len(_HAN.findall(text)) + WORD * len(_WORDS.findall(text)) for text in texts)
    return max(1, -int(-weight // CHARACTERS_A_MINUTE))


def median(counted: Iterable[tuple[int, int]], total: int) -> int:
    """The middle one of `total` values; `counted` are (value, how often), what is missing is nought."""
    nonzero = sorted((value, n) for value, n in counted if value and n)
    seen = max(0, total - sum(n for _, n in nonzero))
    middle = (total + 1) // 2
    for value, n in [(0, seen), *nonzero]:
        middle -= n
        if middle <= 0:
            return value
    return 0
