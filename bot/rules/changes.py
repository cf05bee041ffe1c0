"""What differs between two versions of a text, as a person sees it: sentence by sentence, and inside a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

ALIKE = 0.5
"""From this likeness on, two sentences are one that was reworded; below it, one went and another came."""
NEAR = 8
"""As many of the new sentences a removed one is compared with; what moved farther is shown as gone and come."""
MOST_EQUALS = 100_000
"""Pairs of equal words, or sentences, that are looked at in all: texts that repeat themselves without end are shown as
gone and come, for comparing them would take minutes."""

_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)]*|\n|$)")
_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+|\s+|.", re.DOTALL)


class Kind(StrEnum):
    REMOVED = "removed"
    ADDED = "added"
    REWORDED = "reworded"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reworded sentence: the same in both where `old` and `new` are equal."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence that differs. `pieces` are given for a reworded one, in order."""

    kind: Kind
    old: str
    new: str
    pieces: tuple[Piece, ...] = ()


def sentences(text: str) -> list[str]:
    """The sentences of a text without the blanks around them; a line break ends one, too."""
    return [stripped for found in _SENTENCE.findall(text) if (stripped := found.strip())]


def changes(old: str, new: str) -> list[Change]:
    """What became of each sentence that is not in both, in the order of the text."""
    before, after, effort = sentences(old), sentences(new), _Effort()
    found: list[Change] = []
    if not effort.suffices(before, after):
        return [Change(Kind.REMOVED, each, "") for each in before] + [Change(Kind.ADDED, "", each) for each in after]
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found.extend(_replaced(before[a:b], after[c:d], effort))
    return found


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Two sentences side by side: Chinese by characters, Latin words and numbers whole."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(Piece("".join(before[a:b]), "".join(after[c:d])) for _, a, b, c, d in matcher.get_opcodes())


class _Effort:
    """What may still be spent on comparing."""

    def __init__(self) -> None:
        self._left = MOST_EQUALS

    def suffices(self, before: Sequence[str], after: Sequence[str]) -> bool:
        """Whether comparing these fits; then it is spent."""
        counts = Counter(after)
        equals = len(before) + sum(number * counts[each] for each, number in Counter(before).items())
        if equals > self._left:
            return False
        self._left -= equals
        return True


def _replaced(before: Sequence[str], after: Sequence[str], effort: _Effort) -> Iterator[Change]:
    """Sentences that stand in each other's place: alike ones in pairs, the others as gone and come."""
    rest = list(after)
    for old in before:
        place = next((i for i, new in enumerate(rest[:NEAR]) if _are_alike(old, new, effort)), None)
        if place is None:
            yield Change(Kind.REMOVED, old, "")
            continue
        yield from (Change(Kind.ADDED, "", new) for new in rest[:place])
        new = rest[place]
        yield Change(Kind.REWORDED, old, new, pieces(old, new))
        rest = rest[place + 1 :]
    yield from (Change(Kind.ADDED, "", new) for new in rest)


def _are_alike(old: str, new: str, effort: _Effort) -> bool:
    if min(len(old), len(new)) < ALIKE / 2 * max(len(old), len(new)) / (1 - ALIKE / 2):
        return False  # too different in length to be alike
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if not effort.suffices(before, after):
        return False
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
