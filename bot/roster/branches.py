"""Where the branches of one file stand: paths as written, parents from their own column, one full path for each."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.roster.problems import Problem, problem

Path = tuple[str, ...]
"""Branch names from the top down, as they were written."""

MAX_LEVELS: Final = 10
MAX_NAME: Final = 50

_SLASH = re.compile(r"[/／]")


def name_key(name: str) -> str:
    """Two names with the same key are the same name: compared in NFKC, kept as written."""
    return unicodedata.normalize("NFKC", name)


def is_one_line(text: str) -> bool:
    """No line break, tab or other control character; every letter and blank that a name may have is fine."""
    return not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)


def path_key(path: Path) -> Path:
    """The key of a whole path."""
    return tuple(map(name_key, path))


def show(path: Path) -> str:
    """A path as people write it."""
    return "/".join(path)


def read_path(text: str) -> Path | None:
    """`机关总支/第一支部`, either slash; None for an empty level, a control character or a name that is too long."""
    names = tuple(name.strip() for name in _SLASH.split(text))
    if len(names) > MAX_LEVELS or not all(0 < len(name) <= MAX_NAME and is_one_line(name) for name in names):
        return None
    return names


@dataclass(frozen=True, slots=True)
class _Claim:
    row: int
    name: str
    parent: Path


class BranchTree:
    """Collects what every row says, then answers with full paths.

    A name alone stands for the branch whose parent another row gives, or else for the only path of the file
    that contains it; a name that several paths contain is ambiguous.
    """

    def __init__(self) -> None:
        self._claims: dict[str, list[_Claim]] = {}
        self._written: list[Path] = []
        self._spelling: dict[str, str] = {}
        self._looped: set[str] = set()
        self._tops: set[str] = set()
        self._inside: dict[str, dict[Path, Path]] = {}

    def add(self, row: int, branch: Path, parent: Path | None) -> None:
        """What one row says: its branch, perhaps with a path, and what its parent column holds."""
        for name in (*branch, *(parent or ())):
            self._spelling.setdefault(name_key(name), name)
        self._written.append(branch)
        if parent and (above := _above(path_key(branch), path_key(parent))):
            claim = _Claim(row, branch[0], parent[: len(above)])
            self._claims.setdefault(name_key(branch[0]), []).append(claim)

    def settle(self) -> list[Problem]:
        """Called once, after the last row: loops and parents that contradict each other."""
        self._looped = self._find_loops()
        problems = [
            problem("branch_loop", row=claim.row, branch=claim.name, parent=show(claim.parent))
            for key in self._claims
            if key in self._looped
            for claim in self._claims[key]
        ]
        for key, claims in self._claims.items():
            if key not in self._looped:
                problems += self._contradictions(claims)
        for branch in dict.fromkeys(self._written):
            self._index(self._climb(branch))
        return problems

    def place(self, branch: Path) -> Path | Problem | None:
        """The full path in the file's first spelling, a problem without its row, or None for a loop's branch."""
        path = self._climb(branch)
        if path is None:
            return None
        key = name_key(branch[0])
        if len(branch) == 1 and key not in self._claims and key not in self._tops:
            candidates = list(self._inside.get(key, {}).values())
            if len(candidates) > 1:
                shown = " / ".join(map(show, candidates[:3]))
                return problem("branch_ambiguous", value=show(branch), candidates=shown)
            path = candidates[0] if candidates else path
        if len(path) > MAX_LEVELS:
            return problem("branch_deep", value=show(branch), limit=MAX_LEVELS)
        return tuple(self._spelling.get(name_key(name), name) for name in path)

    def _find_loops(self) -> set[str]:
        """Every name has one parent (the first that a row gives), so each walk ends at the top or in a loop."""
        looped: set[str] = set()
        done: set[str] = set()
        for start in self._claims:
            walk: dict[str, None] = {}
            key = start
            while key in self._claims and key not in done and key not in walk:
                walk[key] = None
                key = name_key(self._claims[key][0].parent[0])
            if key in walk:
                steps = list(walk)
                looped.update(steps[steps.index(key) :])
            done.update(walk)
        # A branch named last in its own parent column stands below itself, whatever is above.
        itself = {key for key, claims in self._claims.items() if name_key(claims[0].parent[-1]) == key}
        return looped | itself

    def _climb(self, path: Path) -> Path | None:
        while (claims := self._claims.get(name_key(path[0]))) is not None and len(path) <= MAX_LEVELS:
            if name_key(path[0]) in self._looped:
                return None
            path = claims[0].parent + path
        return path

    def _contradictions(self, claims: list[_Claim]) -> Iterable[Problem]:
        first = claims[0]
        agreed = {path_key(first.parent)}
        above = self._climb(first.parent)
        for claim in claims[1:]:
            if path_key(claim.parent) in agreed:
                continue
            other = self._climb(claim.parent)
            if above is not None and other is not None and path_key(above) == path_key(other):
                agreed.add(path_key(claim.parent))
                continue
            yield problem(
                "parent_conflict",
                row=claim.row,
                first=first.row,
                branch=claim.name,
                parent=show(claim.parent),
                other=show(first.parent),
            )

    def _index(self, path: Path | None) -> None:
        if path is None or len(path) < 2:
            return
        self._tops.add(name_key(path[0]))
        for level in range(2, len(path) + 1):
            self._inside.setdefault(name_key(path[level - 1]), {})[path_key(path[:level])] = path[:level]


def _above(branch: Path, parent: Path) -> Path:
    """What of the parent column stands above the whole written path: `A` of `A/B` adds nothing, `X/A` adds `X`."""
    own = branch[:-1]
    if own and own[-len(parent) :] == parent:
        return ()
    for size in range(min(len(own), len(parent)), 0, -1):
        if parent[-size:] == own[:size]:
            return parent[:-size]
    return parent
