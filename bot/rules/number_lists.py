"""Reading a list of numbers as people write it: `3,5,9`, `3、5、9`, `3-7`, `３号　５号`."""

from __future__ import annotations

import re

from bot.rules.folding import normalise

MOST = 2000
"""Numbers in one list."""

_ONE = r"(?:#|第|no\.?)?\s*([0-9]{1,6})\s*号?"
_RANGE = re.compile(rf"{_ONE}(?:\s*(?:-|~|‐|–|—|―|−|至|到)+\s*{_ONE})?")
_BETWEEN = r"[\s,;、。.和及]+"
_LIST = re.compile(rf"(?:{_RANGE.pattern})(?:{_BETWEEN}(?:{_RANGE.pattern}))*[\s,;、。.]*")


def read_numbers(text: str) -> list[int] | None:
    """The numbers in ascending order, each once; None for what is no list, or one with more than MOST numbers."""
    plain = normalise(text).lower()
    if _LIST.fullmatch(plain) is None:
        return None
    numbers: set[int] = set()
    for found in _RANGE.finditer(plain):
        first, last = int(found[1]), int(found[2] or found[1])
        if not 0 < first <= last or last - first >= MOST:
            return None
        numbers.update(range(first, last + 1))
        if len(numbers) > MOST:
            return None
    return sorted(numbers)
