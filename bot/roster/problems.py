"""What is wrong with a roster file, and what was left out of it: text keys with their values, no sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import UserError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps the file from being imported.

    `row` is the row number that a spreadsheet shows (the header of a plain file is row 1), None when the
    whole file is meant. `column` is the header as the file writes it. `key` is a text of the catalogues;
    `params` fill it and carry `row` and `column` too, so that `say(problem.key, **problem.params)` is enough.
    """

    row: int | None
    column: str | None
    key: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was left out on purpose and that the preview shows; a text key with its values."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


def problem(name: str, *, row: int | None = None, column: str | None = None, **params: object) -> Problem:
    """The problem `roster.problem.<name>`, its row and column among the params where there are any."""
    if row is not None:
        params["row"] = row
    if column is not None:
        params["column"] = column
    return Problem(row, column, f"roster.problem.{name}", params)


def note(name: str, **params: object) -> Note:
    """The note `roster.note.<name>`."""
    return Note(f"roster.note.{name}", params)


def refusal(name: str, **params: object) -> UserError:
    """The error `roster.problem.<name>` for a file that cannot be read at all; the caller raises it."""
    return UserError(f"roster.problem.{name}", **params)
