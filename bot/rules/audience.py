"""Taking apart to whom something goes: `第一支部，正式，张三，除李四`."""

import re
from dataclasses import dataclass

from bot.rules.folding import normalise

EVERYBODY = frozenset({"全体", "所有人", "大家", "全员", "全体成员", "全体党员", "all", "everyone", "everybody"})

_SEPARATORS = re.compile(r"[,、;，；\n和]+|\s+and\s+")
_EXCEPT = re.compile(r"(?:^|[\s,、;，；(（])\s*(?:除了|除|except|without|不含|不包括)\s*[:：]?\s*", re.IGNORECASE)
_OUTSIDE = re.compile(r"(?:以外|之外|外)[)）]?$|[)）]$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands in the field, word by word, before anybody knows what the words mean."""

    included: tuple[str, ...]
    excluded: tuple[str, ...]

    @property
    def everybody(self) -> bool:
        """Whether all are named, in any of the usual words."""
        return any(word.casefold() in EVERYBODY for word in self.included)


def split_audience(text: str, known: frozenset[str] = frozenset()) -> Wanted:
    """The words to include and those after 除/except. `known` words are kept whole even with a blank or 和 in them."""
    folded = normalise(text).strip()
    found = _EXCEPT.search(folded)
    before, after = (folded[: found.start()], folded[found.end() :]) if found else (folded, "")
    return Wanted(_words(before, known), _words(_OUTSIDE.sub("", after.strip()), known))


def _words(text: str, known: frozenset[str]) -> tuple[str, ...]:
    words: list[str] = []
    for piece in re.split(r"[,、;，；\n]+", text):
        piece = piece.strip()
        if not piece:
            continue
        if piece.casefold() in known:
            words.append(piece)
        else:
            parts = [part for chunk in _SEPARATORS.split(piece) for part in chunk.split()]
            words.extend(parts if all(part.casefold() in known for part in parts) or not known else _kept(piece, known))
    return tuple(dict.fromkeys(words))


def _kept(piece: str, known: frozenset[str]) -> list[str]:
    """A piece with a word that nobody knows: split at blanks only where that makes something known."""
    parts = piece.split()
    return parts if len(parts) > 1 and any(part.casefold() in known for part in parts) else [piece]
