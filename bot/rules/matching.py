"""Finding the published answer that fits a question: pairs of characters that both share, the rare ones counting more.

A wrong answer at once is worse than none, so the bar is high: most of what the question says must stand in the
published one, and most of that in the question.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.rules.folding import normalise

FITS = 0.55
"""From this share of the weight on an answer is offered."""
FEWEST_PAIRS = 2
"""A question of fewer pairs says too little to be matched."""

_LATIN = re.compile(r"[a-z0-9]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_FILLING = re.compile(
    r"请问一下|请问|请教|你好|您好|谢谢|麻烦|想问一下|想问|问一下|我想|一下|怎么办理|怎么办|怎么样|怎样|怎么|如何|什么时候|什么|哪里|哪儿|多少"
    r"|可以|能不能|能否|可不可以|是不是|有没有|需要|应该|我们|你们|咱们|他们|小区里|现在|今天|最近|[的了吗呢啊吧呀嘛我你您他她它是在和与就都还也很又来把被给]"
)
_LATIN_FILLING = frozenset(
    {"a", "an", "and", "are", "can", "do", "does", "for", "how", "i", "in", "is", "me", "my", "of", "on", "please"}
    | {"the", "to", "we", "what", "when", "where", "who", "you", "your"}
)


@dataclass(frozen=True, slots=True)
class Published:
    """A published question with its number."""

    number: int
    question: str


def best_match(text: str, published: Sequence[Published], *, of: int = 0) -> int | None:
    """The number of the published question that asks the same; None when none fits well, or two fit equally.

    `of`: how many there are in all, when `published` are only the nearest.
    """
    ranked = ranking(text, published, of=of)
    if not ranked or ranked[0][1] < FITS or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    return ranked[0][0]


def ranking(text: str, published: Sequence[Published], *, of: int = 0) -> list[tuple[int, float]]:
    """(number, 0 to 1) of those that share anything with the text, the best first. `of` as in `best_match`."""
    wanted = pairs_of(text)
    if len(wanted) < FEWEST_PAIRS:
        return []
    others = {each.number: pairs_of(each.question) for each in published}
    seen = Counter(pair for pairs in others.values() for pair in pairs)
    total = max(of, len(others)) + 1
    weights = {pair: math.log(1 + total / (seen[pair] + 0.5)) for pair in {*wanted, *seen}}
    scored = [(number, _share(wanted, pairs, weights)) for number, pairs in others.items()]
    return sorted((each for each in scored if each[1] > 0), key=lambda each: (-each[1], each[0]))


def pairs_of(text: str) -> frozenset[str]:
    """What a text is about: pairs of neighbouring Chinese characters, and whole words of other scripts."""
    plain = _FILLING.sub(" ", normalise(text).lower())
    found = {word for word in _LATIN.findall(plain) if word not in _LATIN_FILLING}
    for run in _HAN.findall(plain):
        found.update(run[place : place + 2] for place in range(len(run) - 1))
        if len(run) == 1:
            found.add(run)
    return frozenset(found)


def topic_of(text: str, topics: Sequence[tuple[str, Sequence[str]]]) -> str | None:
    """The first topic with the most keywords in the text; None when no keyword stands in it."""
    plain = normalise(text).lower()
    counts = [(sum(_keyword(word) in plain for word in words), name) for name, words in topics]
    most = max((count for count, _ in counts), default=0)
    return next((name for count, name in counts if count == most), None) if most else None


@lru_cache(maxsize=1024)  # those of the configuration
def _keyword(word: str) -> str:
    return normalise(word).lower()


def _share(first: frozenset[str], second: frozenset[str], weights: dict[str, float]) -> float:
    """The weight of what both share, of all that either says (the geometric mean of both shares)."""
    both = sum(weights[pair] for pair in first & second)
    of_first, of_second = (sum(weights[pair] for pair in pairs) for pairs in (first, second))
    return both / math.sqrt(of_first * of_second) if both else 0.0
