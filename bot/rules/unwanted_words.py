"""What the desk does not take in as it comes: nothing at all, advertisements, and reports against persons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.rules.folding import normalise

_LINK = re.compile(r"https?://|www\.|(?<![a-z0-9@])[a-z0-9-]+\.(?:com|cn|net|top|xyz|vip|cc|info)(?![a-z])")
_FACE = re.compile(r"\[[^\[\]\s]{1,6}\]")
"""An emoji as WeChat writes it in text: [玫瑰]."""
MANY_LINKS = 3


def says_nothing(text: str) -> bool:
    """Whether no letter and no digit stands in it: blanks, marks, emoji."""
    return not any(unicodedata.category(char)[0] in "LN" for char in _FACE.sub("", normalise(text)))


def is_advertising(text: str, words: Sequence[str]) -> bool:
    """Two of the words, one of them with a link, or a heap of links."""
    plain = normalise(text).lower().replace(" ", "")
    links = len(_LINK.findall(plain))
    found = sum(_bare(word) in plain for word in words)
    return found >= 2 or (found == 1 and links > 0) or links >= MANY_LINKS


def is_report(text: str, words: Sequence[str]) -> bool:
    """Whether one of the words of a report against somebody stands in it."""
    plain = normalise(text).lower().replace(" ", "")
    return any(_bare(word) in plain for word in words)


@lru_cache(maxsize=1024)  # the words of the configuration
def _bare(word: str) -> str:
    return normalise(word).lower().replace(" ", "")
