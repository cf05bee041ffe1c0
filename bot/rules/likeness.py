"""How much two questions are about the same, by the pairs of characters that they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.rules.folding import normalise

_EMPTY = re.compile(
    r"[^\w]+|_|请问|你好|您好|谢谢|一下|什么时候|怎么办|怎么|为什么|什么|可以|能不能|是不是|有没有|我们|你们|咱们|我家"
    r"|[的了吗呢啊吧呀我你您是在和与就都还]"
)
ALIKE = 0.45
"""From this on two questions are shown to a responder as perhaps one."""


def likeness(first: str, second: str) -> float:
    """0 (nothing in common) to 1 (the same, politeness aside)."""
    return _share(_pairs(first), _pairs(second))


def most_alike(text: str, others: Iterable[tuple[int, str]], limit: int = 3) -> Sequence[int]:
    """The numbers of the texts that are about the same as `text`, the most alike first."""
    wanted = _pairs(text)
    scored = [(_share(wanted, _pairs(other)), number) for number, other in others]
    best = sorted((each for each in scored if each[0] >= ALIKE), key=lambda each: (-each[0], each[1]))
    return [number for _, number in best[:limit]]


def _pairs(text: str) -> Counter[str]:
    bare = _EMPTY.sub("", normalise(text).lower())
    return Counter(bare[place : place + 2] for place in range(len(bare) - 1)) or Counter([bare] if bare else [])


def _share(first: Counter[str], second: Counter[str]) -> float:
    both = (first & second).total()
    total = first.total() + second.total()
    return 2 * both / total if total else 0.0
