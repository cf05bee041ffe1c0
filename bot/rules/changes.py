"""What differs between two versions of a text, as a person sees it: sentence by sentence, and inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

ALIKE = 0.5
"""From this likeness on, two sentences are one that was reworded; below it, one went and another came."""
NEAR = 8
"""As many of the new sentences a removed one is compared with; what moved farther is shown as gone and come."""
LONGEST = 2_000
"""Characters of a sentence that is compared inside; longer ones are shown whole."""

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
    before, after = sentences(old), sentences(new)
    found: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found.extend(_replaced(before[a:b], after[c:d]))
    return found


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Two sentences side by side: Chinese by characters, Latin words and numbers whole."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(Piece("".join(before[a:b]), "".join(after[c:d])) for _, a, b, c, d in matcher.get_opcodes())


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Sentences that stand in each other's place: alike ones in pairs, the others as gone and come."""
    rest = list(after)
    for old in before:
        place = next((i for i, new in enumerate(rest[:NEAR]) if _are_alike(old, new)), None)
        if place is None:
            yield Change(Kind.REMOVED, old, "")
            continue
        yield from (Change(Kind.ADDED, "", new) for new in rest[:place])
        new = rest[place]
        yield Change(Kind.REWORDED, old, new, pieces(old, new))
        rest = rest[place + 1 :]
    yield from (Change(Kind.ADDED, "", new) for new in rest)


def _are_alike(old: str, new: str) -> bool:
    if max(len(old), len(new)) > LONGEST:
        return False
    matcher = SequenceMatcher(None, _TOKEN.findall(old), _TOKEN.findall(new), autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
