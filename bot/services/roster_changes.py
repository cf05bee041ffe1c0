"""What applying a roster changed, or would change: for the person who asked, in plain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.roster.problems import Problem


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the roster; `branch` is the path as people write it, `user_id` is "" without an account."""

    name: str
    user_id: str
    branch: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes about a member.

    `field` is name, branch, tier, phone, status or `role.<role>`; for a role, the branch that it is given (after) or
    taken (before) for. None: there is nothing.
    """

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangedPerson:
    person: Person
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Move:
    """A branch that now hangs elsewhere, both as paths."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """With any problem nothing was written, and all the other fields are empty."""

    problems: Sequence[Problem] = ()
    added: Sequence[Person] = ()
    changed: Sequence[ChangedPerson] = ()
    missing: Sequence[Person] = ()
    """Active members whom the source does not name. They stay as they are."""
    unchanged: int = 0
    branches_added: Sequence[str] = ()
    branches_moved: Sequence[Move] = ()

    @property
    def nothing(self) -> bool:
        """Whether the roster says what was known already."""
        return not (self.problems or self.added or self.changed or self.branches_added or self.branches_moved)
