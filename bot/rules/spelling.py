"""What somebody probably meant to type."""

from __future__ import annotations

from collections.abc import Iterable

from bot.rules.folding import normalise


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be; None when none is near.

    Of two equally near ones, that with the same first character; then the earlier.

    Near means: it begins with the known word (the space was forgotten), or about a third of it is mistyped.
    """
    wanted = normalise(word).lower()
    near: list[tuple[float, bool, int, str]] = []
    for index, other in enumerate(known):
        candidate = normalise(other).lower()
        distance = _distance_to(wanted, candidate)
        if distance is not None:
            near.append((distance, candidate[:1] != wanted[:1], index, other))
    return min(near)[3] if near else None


def edits(first: str, second: str) -> int:
    """How many characters to insert, delete, replace or swap with their neighbour to make `second` of `first`."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        before, above, row = row, before, [i, *[0] * len(second)]
        for j, right in enumerate(second, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and right == first[i - 2]:
                row[j] = min(row[j], above[j - 2] + 1)
    return row[-1]


def _distance_to(wanted: str, known: str) -> float | None:
    if wanted == known:
        return 0
    if len(known) > 1 and (wanted.startswith(known) or (len(wanted) > 1 and known.startswith(wanted))):
        return 0.5
    longest = max(len(wanted), len(known))
    allowed = max(1, longest // 3)
    if abs(len(wanted) - len(known)) > allowed or not set(wanted) & set(known):
        return None
    if len(known) == 1 or (wanted.isascii() and longest < 3):
        return None
    distance = edits(wanted, known)
    return distance if distance <= allowed else None
