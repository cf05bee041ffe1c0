"""One line of `doctor`."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.commands.session import Session


class Mark(StrEnum):
    """What stands in front of the line."""

    GOOD = "✓"
    BAD = "✗"
    """Something does not work, or will not: exit 1."""
    WARNING = "!"
    SKIPPED = "–"


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` is a text of the catalogues; when it is about something wrong, its sentence says what to do."""

    mark: Mark
    key: str
    params: dict[str, object] = field(default_factory=dict)


def good(name: str, /, **params: object) -> Finding:
    """The text is `doctor.<name>`."""
    return Finding(Mark.GOOD, f"doctor.{name}", params)


def bad(name: str, /, **params: object) -> Finding:
    """The text is `doctor.<name>`."""
    return Finding(Mark.BAD, f"doctor.{name}", params)


def warning(name: str, /, **params: object) -> Finding:
    """The text is `doctor.<name>`."""
    return Finding(Mark.WARNING, f"doctor.{name}", params)


def skipped(name: str, /, **params: object) -> Finding:
    """The text is `doctor.<name>`."""
    return Finding(Mark.SKIPPED, f"doctor.{name}", params)


Check = Callable[[Session], AsyncIterator[Finding]]
