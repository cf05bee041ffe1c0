"""A roster file to checked rows, and everything that is wrong with it, not only the first thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from bot.errors import UserError
from bot.roster.branches import BranchTree, Path
from bot.roster.cells import CellReader, Draft
from bot.roster.columns import match
from bot.roster.fields import RoleGrant
from bot.roster.problems import Note, Problem, note, problem
from bot.roster.sheet import read_table
from bot.roster.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One member of the file. Texts are as written, trimmed; compare names with `branches.name_key`.

    `branch_path` is the full path as far as the file tells it, from the top down; `parent` is what stands above
    the branch in it, None when the file does not say. `tier` is spelled as in the configuration. `phone` is digits,
    perhaps after a `+`.
    """

    number: int
    name: str
    userid: str
    branch_path: Path
    parent: Path | None
    tier: str | None
    roles: tuple[RoleGrant, ...]
    phone: str | None


@dataclass(frozen=True, slots=True)
class Roster:
    """Rows in the order of the file. With any problem nothing may be imported: `rows` are then the sound ones.

    Problems are sorted by row, those of the whole file first.
    """

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    ignored_columns: tuple[str, ...]
    notes: tuple[Note, ...]


def read_roster(path: FilePath, *, tiers: Sequence[str]) -> Roster:
    """Reads and checks one .xlsx or .csv file; raises nothing for a bad file, its problems say it all."""
    try:
        table = read_table(path)
    except UserError as error:
        return Roster((), (Problem(None, None, error.key, error.params),), (), ())
    return check_table(table, tiers=tiers)


def check_table(table: Table, *, tiers: Sequence[str]) -> Roster:
    """The checks of `read_roster` on a table that was already read."""
    columns = match(table.header)
    if columns.problems:
        return Roster((), columns.problems, columns.ignored, tuple(table.notes))
    reader = CellReader(table.header, columns.index, tiers)
    drafts: list[Draft] = []
    unfilled = 0
    for number, cells in table.rows:
        flaws = table.flaws.get(number, {})
        if reader.is_blank(cells, flaws):
            unfilled += 1
        else:
            drafts.append(reader.read(number, cells, flaws))
    problems = list(reader.problems)
    if not drafts:
        problems.append(problem("no_rows"))
    problems += _repeated_accounts(drafts, reader.header_of("userid"))
    rows, misplaced = _place(drafts, reader.header_of("branch"), reader.header_of("role"))
    problems += misplaced
    notes = list(table.notes)
    if unfilled:
        notes.append(note("unfilled_rows", count=unfilled))
    bad = {found.row for found in problems}
    return Roster(
        tuple(row for row in rows if row.number not in bad),
        tuple(sorted(problems, key=lambda found: found.row or 0)),
        columns.ignored,
        tuple(notes),
    )


def _repeated_accounts(drafts: Sequence[Draft], column: str | None) -> list[Problem]:
    """The platform takes two accounts that differ only in case for one: so does the roster."""
    first: dict[str, Draft] = {}
    problems: list[Problem] = []
    for draft in drafts:
        if not draft.userid:
            continue
        earlier = first.setdefault(draft.userid.casefold(), draft)
        if earlier is not draft:
            name = "userid_twice" if earlier.userid == draft.userid else "userid_case"
            problems.append(
                problem(
                    name,
                    row=draft.number,
                    column=column,
                    value=draft.userid,
                    first=earlier.number,
                    other=earlier.userid,
                )
            )
    return problems


def _place(
    drafts: Sequence[Draft], branch_column: str | None, role_column: str | None
) -> tuple[list[Row], list[Problem]]:
    """Gives every draft the full path of its branch, and of the branches that its roles name."""
    tree = BranchTree()
    for draft in drafts:
        if draft.branch is not None:
            tree.add(draft.number, draft.branch, draft.parent)
    problems = tree.settle()
    rows: list[Row] = []
    for draft in drafts:
        if draft.branch is None:
            continue
        path = tree.place(draft.branch)
        if isinstance(path, Problem):
            problems.append(_at(path, draft.number, branch_column))
            continue
        roles: list[RoleGrant] = []
        for grant in draft.roles:
            where = tree.place(grant.branch) if grant.branch is not None else None
            if isinstance(where, Problem):
                problems.append(_at(where, draft.number, role_column))
            else:
                roles.append(RoleGrant(grant.role, where))
        if path is not None:
            rows.append(
                Row(
                    number=draft.number,
                    name=draft.name,
                    userid=draft.userid,
                    branch_path=path,
                    parent=path[:-1] or None,
                    tier=draft.tier,
                    roles=tuple(dict.fromkeys(roles)),
                    phone=draft.phone,
                )
            )
    return rows, problems


def _at(found: Problem, row: int, column: str | None) -> Problem:
    return Problem(row, column, found.key, {**found.params, "row": row, "column": column})
