"""The branches while a roster is applied: what stands where, what a path means, what is created and moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.roster.branches import Path, name_key, path_key, show
from bot.roster.problems import Problem, problem
from storage.branches import Branch
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a source says that somebody belongs. `member_id` and `home` are None for somebody new."""

    member_id: int | None
    home: int | None
    """The branch that they are in now."""
    path: Path


class BranchBook:
    """All branches in memory. Names are compared by `name_key` and stored as they were first written."""

    def __init__(self, tx: Transaction, branches: Sequence[Branch], crew: Mapping[int, int]) -> None:
        """`crew` is the active members' present branch, by member id."""
        self._tx = tx
        self._by_id: dict[int, Branch] = {branch.id: branch for branch in branches}
        self._by_name: dict[str, list[Branch]] = {}
        self._children: dict[tuple[int | None, str], Branch] = {}
        for branch in branches:
            self._enter(branch)
        self._crew = crew
        self._placed: dict[int, Path] = {}
        self._met: dict[Path, Branch] = {}
        self.created: list[Branch] = []
        self.moved: list[tuple[Branch, str]] = []
        """With the path where each stood before."""

    def expect(self, placings: Sequence[Placing]) -> None:
        """Everything that the source says about known members: the evidence that a branch has moved."""
        self._placed = {one.member_id: path_key(one.path) for one in placings if one.member_id is not None}

    def path_of(self, branch_id: int) -> str:
        """A branch's path as people write it."""
        return show(self._names(self._by_id[branch_id]))

    def get(self, branch_id: int) -> Branch:
        """The branch of an id that is stored."""
        return self._by_id[branch_id]

    async def settle(self, path: Path, home: int | None) -> Branch | Problem:
        """The branch of a path, created with all above it where it does not exist yet.

        A first name means the only branch of that name, wherever it stands; of several, the one that `home` is or
        lies in. A problem comes without its row.
        """
        key = path_key(path)
        if key in self._met:
            return self._met[key]
        found = self._first(path, home)
        if isinstance(found, Problem):
            return found
        branch = found or await self._create(path[0], None)
        for level, name in enumerate(path[1:], 2):
            step = await self._step(branch, name, key[:level])
            if isinstance(step, Problem):
                return step
            branch = step
        if len(self._named(path[0])) == 1:
            self._met[key] = branch
        return branch

    def find(self, path: Path, home: int | None) -> Branch | Problem | None:
        """The branch of a path as `settle` would name it; None when there is no such branch."""
        found = self._first(path, home)
        for name in path[1:]:
            if not isinstance(found, Branch):
                return found
            found = self._children.get((found.id, name_key(name)))
        return found

    def _first(self, path: Path, home: int | None) -> Branch | Problem | None:
        named = self._named(path[0])
        if len(named) <= 1:
            return named[0] if named else None
        around = self._line(home)
        near = [branch for branch in named if branch.id in around]
        if near:
            return max(near, key=lambda branch: branch.path.count("/"))
        top = self._children.get((None, name_key(path[0])))
        if top is not None and len(path) > 1:
            return top
        paths = " / ".join(sorted(show(self._names(branch)) for branch in named)[:3])
        return problem("branch_unclear", value=show(path), count=len(named), candidates=paths)

    async def _step(self, parent: Branch, name: str, path: Path) -> Branch | Problem:
        """The branch of that name below the parent: there already, moved there, or new."""
        child = self._children.get((parent.id, name_key(name)))
        if child is not None:
            return child
        named = self._named(name)
        if len(named) != 1 or not self._has_moved(named[0], path):
            return await self._create(name, parent)
        if parent.path.startswith(named[0].path):
            return problem(
                "branch_below_itself", value=name, parent=self.path_of(parent.id), now=self.path_of(named[0].id)
            )
        return await self._move(named[0], parent)

    def _has_moved(self, branch: Branch, path: Path) -> bool:
        """Whether the only branch of that name is meant by a path where it does not stand.

        Names like 第一党小组 occur everywhere, so the people decide: one of its members placed there is enough for a
        branch without a parent; one that has a parent moves only when all of its members go along.
        """
        inside = {known.id for known in self._by_id.values() if known.path.startswith(branch.path)}
        crew = [member_id for member_id, branch_id in self._crew.items() if branch_id in inside]
        come = [one for one in crew if self._placed.get(one, ())[: len(path)] == path]
        if branch.parent_id is None:
            return bool(come) or not crew
        return bool(crew) and len(come) == len(crew)

    async def _create(self, name: str, parent: Branch | None) -> Branch:
        branch = await self._tx.branches.add(name, parent)
        self._by_id[branch.id] = branch
        self._enter(branch)
        self.created.append(branch)
        return branch

    async def _move(self, branch: Branch, parent: Branch) -> Branch:
        before = self.path_of(branch.id)
        del self._children[branch.parent_id, name_key(branch.name)]
        await self._tx.branches.move(branch, parent)
        self._children[parent.id, name_key(branch.name)] = branch
        self.moved.append((branch, before))
        self._met.clear()
        return branch

    def _enter(self, branch: Branch) -> None:
        self._by_name.setdefault(name_key(branch.name), []).append(branch)
        self._children[branch.parent_id, name_key(branch.name)] = branch

    def _named(self, name: str) -> list[Branch]:
        return self._by_name.get(name_key(name), [])

    def _line(self, branch_id: int | None) -> set[int]:
        """A branch and everything above it."""
        return set(map(int, self._by_id[branch_id].path.strip("/").split("/"))) if branch_id is not None else set()

    def _names(self, branch: Branch) -> Path:
        return tuple(self._by_id[int(part)].name for part in branch.path.strip("/").split("/"))
