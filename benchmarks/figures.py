"""What was measured, against what it should be."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

PAIRS_NEEDED = 3
MOST_DRIFT = 1.5


class Wrong(Exception):
    """An answer was wrong, or the measurement cannot be trusted: there is nothing to report."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `floor` is what it must reach, `aim` what a good build shows; None: told only.

    `most` turns both round: the value must not be larger. `noisy` says why nobody should judge by it.
    """

    goal: str
    what: str
    value: float | None
    floor: float | None = None
    aim: float | None = None
    most: bool = False
    unit: str = ""
    noisy: str = ""

    @property
    def verdict(self) -> str:
        """`aim`, `floor`, `below`, `noisy`, or nothing for what is only told."""
        if self.noisy or self.value is None:
            return "noisy"
        if self.floor is None:
            return ""
        if self.aim is not None and self._reaches(self.value, self.aim):
            return "aim"
        return "floor" if self._reaches(self.value, self.floor) else "below"

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.most else value >= bound

    def cells(self) -> tuple[str, ...]:
        """Goal, what, value, floor, aim, verdict."""
        sign = "≤" if self.most else "≥"
        bounds = ("" if bound is None else f"{sign} {bound:g}" for bound in (self.floor, self.aim))
        shown = self.noisy if self.value is None else f"{written(self.value)}{self.unit}"
        return self.goal, self.what, shown, *bounds, self.verdict


def written(value: float) -> str:
    """Three figures that count."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


HEAD = ("goal", "what", "measured", "floor", "aim", "verdict")


def markdown(figures: Sequence[Figure]) -> str:
    """The table as Markdown, its columns aligned for a terminal too."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def steady(before: float, after: float) -> bool:
    """Whether a reference stayed the same around what was measured between."""
    return max(before, after) <= MOST_DRIFT * min(before, after)
